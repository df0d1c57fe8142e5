"""What stands out of a lot, as its page says it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from ..causes import Candidate
from ..causing import Causes, Source

MOST_LINES = 6
WIDTH = 100.0


@dataclass(frozen=True, slots=True)
class CauseLine:
    """`low`, `high`, `median`, `at`: places in percent of a scale from the lower to the upper end of good lots and the lot's
    value; None for words. `chart`: the address of its control chart, empty where there is none."""

    one: Candidate
    source: Source
    low: float | None = None
    high: float | None = None
    median: float | None = None
    at: float | None = None
    chart: str = ""

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
    return [
        _line(one, found.sources[one.name], chart_address(found, found.sources[one.name]))
        for one in rows[:most]
    ]


def chart_address(found: Causes, source: Source) -> str:
    """Of a result or a reading over the lots of its product; the lot itself is marked in those of its own product."""
    if source.kind == "test":
        key: dict[str, Any] = {"characteristic": source.characteristic}
    elif source.kind == "reading":
        key = {"step": source.step, "parameter": source.label, "statistic": source.statistic}
    else:
        return ""
    if not source.product:
        key["lot"] = found.lot.pk
    return f"{reverse('chart', args=[found.products[source.product]])}?{urlencode(key)}"


def _line(one: Candidate, source: Source, chart: str) -> CauseLine:
    low, high, median, value = one.good_low, one.good_high, one.good_median, one.value
    if low is None or high is None or isinstance(value, str) or isinstance(median, str):
        return CauseLine(one, source)  # a word, which no chart shows
    first, last = min(low, value), max(high, value)
    whole = (last - first) or 1.0

    def place(number: float) -> float:
        # A little room at both ends, so that the marks are seen whole.
        return round(4 + (number - first) / whole * (WIDTH - 8), 1)

    return CauseLine(one, source, place(low), place(high), place(median), place(value), chart)
