"""How values lie between their limits: bars of equal width with their picture. Pure: numbers in, geometry out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# As wide as a phone, so that it is seen whole there.
WIDTH, HEIGHT, LEFT, RIGHT = 340, 220, 34, 8
HEAD, FOOT = 22, 34  # room for figures above and below
CLOSE = 56  # nearer than this, figures stand on two lines
FEWEST_BARS, MOST_BARS = 5, 30


@dataclass(frozen=True, slots=True)
class Bar:
    """`low` ≤ value < `high`; the last bar holds its upper end, too. `is_outside`: all of it lies beyond a limit."""

    low: float
    high: float
    n: int
    x: float
    y: float
    width: float
    height: float
    is_outside: bool


@dataclass(frozen=True, slots=True)
class Mark:
    """An upright line with its figure at `y`."""

    css: str
    x: float
    y: float
    value: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """`below`, `above`: how many values break the lower and the upper limit."""

    bars: list[Bar]
    marks: list[Mark]
    most: int
    below: int
    above: int
    head: int = HEAD
    foot: int = HEIGHT - FOOT
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = WIDTH - RIGHT


def bars_of(n: int) -> int:
    """The square root of the number of values, at least 5 and at most 30."""
    return min(max(math.isqrt(n - 1) + 1 if n > 0 else 0, FEWEST_BARS), MOST_BARS)


def histogram(values: Sequence[float], lower: float | None, upper: float | None) -> Histogram | None:
    """Of at least one value; None of none. Values that never move stand in one bar."""
    if not values:
        return None
    low, high = min(values), max(values)
    count = bars_of(len(values)) if high > low else 1
    step = (high - low) / count
    sums = [0] * count
    for one in values:
        sums[min(int((one - low) / step), count - 1) if step else 0] += 1
    limits = [one for one in (lower, upper) if one is not None]
    first, last = min([low, *limits]), max([high, *limits])
    whole = (last - first) or 1.0
    scale = (WIDTH - LEFT - RIGHT - 20) / whole

    def x(value: float) -> float:
        return round(LEFT + 10 + (value - first) * scale, 1)

    most, foot = max(sums), HEIGHT - FOOT
    bars = []
    for at, n in enumerate(sums):
        begin, end = (low + at * step, low + (at + 1) * step) if step else (low, low)
        tall = round(n / most * (foot - HEAD - 4), 1)
        left = x(begin) if step else x(low) - 6
        wide = max(round((x(end) - x(begin)) - 1, 1), 1.0) if step else 12.0
        beyond = (lower is not None and end < lower) or (upper is not None and begin > upper)
        bars.append(Bar(begin, end, n, left, round(foot - tall, 1), wide, tall, beyond))
    mean = math.fsum(values) / len(values)
    marks = [Mark("centre", x(mean), HEAD - 8, mean)]
    for place, one in enumerate(limits):
        is_close = place > 0 and abs(x(one) - x(limits[0])) < CLOSE
        marks.append(Mark("specified", x(one), foot + (28 if is_close else 14), one))
    below = sum(one < lower for one in values) if lower is not None else 0
    above = sum(one > upper for one in values) if upper is not None else 0
    return Histogram(bars, marks, most, below, above)
