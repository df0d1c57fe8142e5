"""The four zone rules of Western Electric (Statistical Quality Control Handbook, 1956): when a chart speaks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from .charts import Limits

# Name → (points looked at, how many of them, beyond how many sigma, on one side).
RULES = {
    "beyond_3": (1, 1, 3.0),
    "two_of_three_beyond_2": (3, 2, 2.0),
    "four_of_five_beyond_1": (5, 4, 1.0),
    "eight_on_one_side": (8, 8, 0.0),
}


@dataclass(frozen=True, slots=True)
class Signal:
    """At the point `at` (from 0) a rule is met. `side`: 1 above the centre, −1 below; `points`: those that met it."""

    at: int
    rule: str
    side: int
    points: tuple[int, ...]


def signals(points: Sequence[float], limits: Limits) -> list[Signal]:
    """Every rule that a point completes, in order of points. A rule is completed by a point that itself lies beyond its
    zone; what lies on the line lies within."""
    scaled = [(one - limits.centre) / limits.sigma for one in points]
    found = []
    for at in range(len(scaled)):
        for rule, (window, needed, zone) in RULES.items():
            for side in (1, -1):
                if side * scaled[at] <= zone:
                    continue
                # At a chart's beginning fewer points may do: two of two are two of any three.
                first = max(0, at + 1 - window)
                met = tuple(i for i in range(first, at + 1) if side * scaled[i] > zone)
                if len(met) >= needed:
                    found.append(Signal(at, rule, side, met))
    return found
