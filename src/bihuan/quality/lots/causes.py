"""What stands out of a lot, as its page says it."""

from __future__ import annotations

from dataclasses import dataclass

from ..causes import Candidate
from ..causing import Causes, Source

MOST_LINES = 6
WIDTH = 100.0


@dataclass(frozen=True, slots=True)
class CauseLine:
    """`low`, `high`, `median`, `at`: places in percent of a scale from the lower to the upper end of good lots and the lot's
    value; None for words."""

    one: Candidate
    source: Source
    low: float | None = None
    high: float | None = None
    median: float | None = None
    at: float | None = None

    @property
    def span(self) -> float:
        return (self.high or 0) - (self.low or 0)

    @property
    def share_below(self) -> float:
        """Of the good lots, in percent."""
        return self.one.position * 100


def cause_lines(found: Causes, most: int = MOST_LINES) -> list[CauseLine]:
    """The candidates with the highest scores. Where something stands out, those that do so, and no others."""
    comparison = found.comparison
    rows = [
        one
        for one in comparison.candidates
        if not comparison.stands_out or one.chance <= max(comparison.chance, 0.05)
    ]
    return [_line(one, found.sources[one.name]) for one in rows[:most]]


def _line(one: Candidate, source: Source) -> CauseLine:
    low, high, median, value = one.good_low, one.good_high, one.good_median, one.value
    if low is None or high is None or isinstance(value, str) or isinstance(median, str):
        return CauseLine(one, source)
    first, last = min(low, value), max(high, value)
    whole = (last - first) or 1.0

    def place(number: float) -> float:
        # A little room at both ends, so that the marks are seen whole.
        return round(4 + (number - first) / whole * (WIDTH - 8), 1)

    return CauseLine(one, source, place(low), place(high), place(median), place(value))
