"""Business time: spans of working hours laid out in UTC, with running sums, so that any question is two searches.

A year is laid out day by day in local time when it is first asked for (about a millisecond) and kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from datetime import date, timedelta, tzinfo
from itertools import accumulate
from typing import NamedTuple

from bihuan.kernel.clocks.instants import DAY, FIRST_YEAR, LAST_YEAR, first_instant, to_micros, to_moment

Hours = Sequence[tuple[int, int]]
"""Opening spans of a day in minutes from its local midnight; an end past 1,440 runs into the next day."""


class NoMoreHours(Exception):
    """The working hours end before so much business time has passed."""


class Layout(NamedTuple):
    """Spans laid out over whole years; complete between `low` and `high`. Never changed: threads may share one."""

    low: int
    high: int
    first: int
    last: int
    starts: list[int]
    ends: list[int]
    sums: list[int]
    """Working time before each span."""
    reached: list[int]
    """Working time by the end of each span."""

    def by(self, moment: int) -> int:
        """Working time from the beginning of the layout to a moment."""
        index = bisect_right(self.starts, moment) - 1
        if index < 0:
            return 0
        return self.sums[index] + min(moment, self.ends[index]) - self.starts[index]


class BusinessTime:
    """Sums of working time. All arguments and results are microseconds (moments since 1970 in UTC, or lengths)."""

    def __init__(self, hours_on: Callable[[date], Hours], zone: tzinfo) -> None:
        self._hours_on, self._zone = hours_on, zone
        self._years: dict[int, list[tuple[int, int]]] = {}
        self._layout: Layout | None = None

    def between(self, start: int, end: int) -> int:
        """Working time from start to end; negative where end comes first."""
        layout = self._over(start, end) if start <= end else self._over(end, start)
        return layout.by(end) - layout.by(start)

    def add(self, start: int, length: int) -> int:
        """The earliest moment, not before start, by which `length` ≥ 0 of working time has passed.

        An end of hours counts as reached when they end, not when the next ones begin. Raises `NoMoreHours`.
        """
        if length < 0:
            raise ValueError("a length of working time is not negative")
        if length == 0:
            return start
        layout = self._over(start, start)
        while True:
            wanted = layout.by(start) + length
            index = bisect_left(layout.reached, wanted)
            if index < len(layout.reached):
                return layout.starts[index] + wanted - layout.sums[index]
            if layout.last >= LAST_YEAR:
                raise NoMoreHours
            more = max(layout.high - layout.low, 400 * DAY)
            layout = self._over(start, min(layout.high + more, _END))

    def _over(self, low: int, high: int) -> Layout:
        layout = self._layout
        if layout is not None and layout.low <= low and high <= layout.high:
            return layout
        # A week more on both sides: local years begin and end at other moments, and night shifts cross them.
        first = max(to_moment(max(low, _START) - 7 * DAY).year, FIRST_YEAR)
        last = min(to_moment(min(high, _END) + 7 * DAY).year, LAST_YEAR)
        if layout is not None:
            first, last = min(first, layout.first), max(last, layout.last)
        self._layout = self._lay_out(first, last)
        return self._layout

    def _lay_out(self, first: int, last: int) -> Layout:
        starts: list[int] = []
        ends: list[int] = []
        for year in range(first, last + 1):
            if year not in self._years:
                self._years[year] = self._of_year(year)
            for start, end in self._years[year]:
                if start >= end:
                    continue
                if ends and start <= ends[-1]:  # touching or overlapping: one span
                    ends[-1] = max(ends[-1], end)
                else:
                    starts.append(start)
                    ends.append(end)
        lengths = [end - start for start, end in zip(starts, ends, strict=True)]
        reached = list(accumulate(lengths))
        sums = [by - length for by, length in zip(reached, lengths, strict=True)]
        low = _NEVER if first == FIRST_YEAR else to_micros(to_moment(0).replace(year=first)) + 3 * DAY
        high = -_NEVER if last == LAST_YEAR else to_micros(to_moment(0).replace(year=last + 1)) - 3 * DAY
        return Layout(low, high, first, last, starts, ends, sums, reached)

    def _of_year(self, year: int) -> list[tuple[int, int]]:
        spans = []
        day, end = date(year, 1, 1), date(year, 12, 31)
        while day <= end:
            for opens, closes in sorted(self._hours_on(day)):
                spans.append((first_instant(day, opens, self._zone), first_instant(day, closes, self._zone)))
            day += timedelta(days=1)
        return spans


_NEVER = -(2**63)
_START = to_micros(to_moment(0).replace(year=FIRST_YEAR)) + 8 * DAY
_END = to_micros(to_moment(0).replace(year=LAST_YEAR, month=12, day=20))
