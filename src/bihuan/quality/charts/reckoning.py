"""A chart of individual values and moving ranges with its signals and its picture. Pure: numbers in, geometry out."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from ..spc import RULES, Capability, Limits, capability, individuals_chart, signals
from ..spc.charts import D2

FEWEST = 10  # fewer values make no limits worth drawing
RECENT = 25
RANGE_UPPER = 3.267  # D4 of a range of two: the upper limit as a multiple of the mean range
NUMBERS = {rule: place for place, rule in enumerate(RULES, 1)}
WIDTH, HEIGHT, LEFT, RIGHT = 960, 260, 64, 12


@dataclass(frozen=True, slots=True)
class Value:
    """What one lot counts with."""

    lot: int
    number: str
    value: float


@dataclass(frozen=True, slots=True)
class Point:
    value: Value
    place: int  # in order of making, from 1
    range: float | None  # from the value before
    rules: tuple[int, ...]  # numbers of the rules that it completes, 1 to 4
    is_wide: bool  # its moving range lies above the limit of ranges


@dataclass(frozen=True, slots=True)
class Reckoned:
    """`base`: how many of the first values the limits come from; `limits` is None where those never move."""

    points: list[Point]
    base: int
    limits: Limits | None
    mean_range: float
    capability: Capability | None

    @property
    def range_upper(self) -> float:
        return RANGE_UPPER * self.mean_range

    @property
    def recent(self) -> list[int]:
        """Rules broken among the last 25 lots."""
        return sorted({rule for one in self.points[-RECENT:] for rule in one.rules})


def base_of(n: int, asked: int | None = None) -> int:
    """From how many of n values, the first ones, limits come: as asked (at least ten), else all but the last 25, or all where
    that would leave fewer than 25."""
    if asked is not None:
        return min(max(asked, FEWEST), n)
    return n - RECENT if n - RECENT >= RECENT else n


def reckon(
    values: Sequence[Value], lower: float | None, upper: float | None, asked: int | None = None
) -> Reckoned:
    """Chart and capability (of all values, s with n − 1) of values in order of making, in the unit of the limits."""
    numbers = [one.value for one in values]
    base = base_of(len(numbers), asked)
    chart = individuals_chart(numbers, numbers[:base])
    limits = chart.limits if chart else None
    rules: dict[int, list[int]] = {}
    for one in signals(numbers, limits) if limits else ():
        if NUMBERS[one.rule] not in rules.setdefault(one.at, []):
            rules[one.at].append(NUMBERS[one.rule])
    mean_range = limits.sigma * D2[2] if limits else 0.0
    ranges = [None, *(abs(after - before) for before, after in itertools.pairwise(numbers))]
    points = [
        Point(
            one, place + 1, ranges[place], tuple(rules.get(place, ())),
            limits is not None and (ranges[place] or 0.0) > RANGE_UPPER * mean_range,
        )
        for place, one in enumerate(values)
    ]  # fmt: skip
    # Limits that lie the wrong way round or on each other say nothing of capability.
    is_sane = lower is None or upper is None or lower < upper
    return Reckoned(points, base, limits, mean_range, capability(numbers, lower, upper) if is_sane else None)


@dataclass(frozen=True, slots=True)
class Level:
    """A line across the picture."""

    css: str
    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Dot:
    point: Point
    x: float
    y: float
    label: str  # numbers of broken rules


@dataclass(frozen=True, slots=True)
class Picture:
    dots: list[Dot]
    levels: list[Level]
    base_x: float | None  # where the baseline ends, if within the picture
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT

    @property
    def path(self) -> str:
        return " ".join(f"{one.x:.1f},{one.y:.1f}" for one in self.dots)


def draw(
    points: Sequence[Point],
    levels: Sequence[tuple[str, float]],
    base: int,
    *,
    is_ranges: bool = False,
    height: int = HEIGHT,
) -> Picture:
    """`levels`: (name of the line, value). Ranges begin with the second value."""
    shown = [(one, one.range if is_ranges else one.value.value) for one in points]
    known = [(one, value) for one, value in shown if value is not None]
    every = [value for _one, value in known] + [value for _css, value in levels]
    low, high = min(every), max(every)
    whole = (high - low) or 1.0

    def y(value: float) -> float:
        return round(height - 18 - (value - low) / whole * (height - 40), 1)

    step = (WIDTH - LEFT - RIGHT - 20) / max(len(known) - 1, 1)
    dots = []
    for at, (one, value) in enumerate(known):
        marks = ("MR" if one.is_wide else "") if is_ranges else ",".join(str(rule) for rule in one.rules)
        dots.append(Dot(one, round(LEFT + 10 + at * step, 1), y(value), marks))
    past = [dot.x for dot in dots if dot.point.place > base]
    base_x = past[0] - step / 2 if past and len(past) < len(dots) else None
    return Picture(dots, [Level(css, y(value), value) for css, value in levels], base_x, height=height)
