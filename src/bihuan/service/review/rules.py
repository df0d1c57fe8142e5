"""Arithmetic of the figures. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt

Z95 = 1.959964
MOST_BARS = 8
OTHERS = "others"
"""What the last bar's label is where it gathers the smaller ones; no wording's label has this form."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many."""

    part: int
    n: int

    @property
    def value(self) -> Decimal | None:
        """The share as a fraction; None of nothing."""
        return Decimal(self.part) / Decimal(self.n) if self.n else None

    @property
    def interval(self) -> tuple[Decimal, Decimal] | None:
        """Wilson's interval of 95 %: what the share may be, were there more answers."""
        if not self.n:
            return None
        share, n = self.part / self.n, self.n
        middle = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
        half = Z95 * sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n)) / (1 + Z95**2 / n)
        return Decimal(str(round(max(0.0, middle - half), 4))), Decimal(
            str(round(min(1.0, middle + half), 4))
        )


def percentile(values: Sequence[float], share: float) -> float | None:
    """The value below or at which that share lies, interpolated between neighbours (the usual type 7)."""
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a Pareto chart: its own amount, and the share of the whole with all bars before it."""

    label: str
    amount: Decimal
    cumulated: Decimal
    url: str = ""


def pareto(amounts: Iterable[tuple[str, Decimal | int]], most: int, others: str) -> list[Bar]:
    """The largest first, at most `most` bars; what is smaller goes together into the last one, called `others`."""
    ordered = sorted(
        ((label, Decimal(amount)) for label, amount in amounts if amount), key=lambda one: (-one[1], one[0])
    )
    if len(ordered) > most:
        ordered = [
            *ordered[: most - 1],
            (others, sum((amount for _label, amount in ordered[most - 1 :]), Decimal(0))),
        ]
    whole = sum((amount for _label, amount in ordered), Decimal(0))
    found, above = [], Decimal(0)
    for label, amount in ordered:
        above += amount
        found.append(Bar(label, amount, above / whole if whole else Decimal(0)))
    return found


def label_of(cause: str) -> str:
    """What a cause goes by: `=` and the first line of its wording, shortened. "=" alone: none is named."""
    return "=" + cause.strip().split("\n", 1)[0][:60]


def causes_by_label(amounts: Mapping[str, Decimal | int]) -> list[Bar]:
    """Causes as a Pareto by `label_of`, wordings of one label together; the smallest together as `OTHERS`."""
    together: dict[str, Decimal] = {}
    for cause, amount in amounts.items():
        label = label_of(cause)
        together[label] = together.get(label, Decimal(0)) + Decimal(amount)
    return pareto(((label, amount) for label, amount in together.items() if amount > 0), MOST_BARS, OTHERS)
