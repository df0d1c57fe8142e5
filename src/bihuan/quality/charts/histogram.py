"""How values lie between their limits: bars of equal width with their picture. Pure: numbers in, geometry out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .reckoning import LEFT, RIGHT, WIDTH, Level

HEIGHT = 220
FOOT = 34  # room for figures below the axis
FEWEST_BARS, MOST_BARS = 5, 30


@dataclass(frozen=True, slots=True)
class Bar:
    """`low` ≤ value < `high`; the last bar holds its upper end, too."""

    low: float
    high: float
    n: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Histogram:
    """`below`, `above`: how many values break the lower and the upper limit. `levels` stand upright: `y` is their x."""

    bars: list[Bar]
    levels: list[Level]
    most: int
    below: int
    above: int
    foot: float = HEIGHT - FOOT
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
        tall = round(n / most * (foot - 24), 1)
        left = x(begin) if step else x(low) - 6
        wide = max(round((x(end) - x(begin)) - 1, 1), 1.0) if step else 12.0
        bars.append(Bar(begin, end, n, left, round(foot - tall, 1), wide, tall))
    mean = math.fsum(values) / len(values)
    levels = [Level("centre", x(mean), mean)] + [Level("specified", x(one), one) for one in limits]
    below = sum(one < lower for one in values) if lower is not None else 0
    above = sum(one > upper for one in values) if upper is not None else 0
    return Histogram(bars, levels, most, below, above)
