"""Business time: spans of working hours laid out in UTC, with running sums, so that any question is two searches.

A year is laid out day by day in local time when it is first asked for (about a millisecond) and kept.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Sequence
from datetime import date, timedelta, tzinfo
from itertools import accumulate

from bihuan.kernel.clocks.instants import DAY, FIRST_YEAR, LAST_YEAR, first_instant, to_micros, to_moment

Hours = Sequence[tuple[int, int]]
"""Opening spans of a day in minutes from its local midnight; an end past 1,440 runs into the next day."""


class NoMoreHours(Exception):
    """The working hours end before so much business time has passed."""


class BusinessTime:
    """Sums of working time. All arguments and results are microseconds (moments since 1970 in UTC, or lengths)."""

    def __init__(self, hours_on: Callable[[date], Hours], zone: tzinfo) -> None:
        self._hours_on, self._zone = hours_on, zone
        self._years: dict[int, list[tuple[int, int]]] = {}
        self._starts: list[int] = []
        self._ends: list[int] = []
        self._sums: list[int] = []  # working time before each span's start
        self._reached: list[int] = []  # and by each span's end
        self._low = self._high = 0  # between these, everything is laid out

    def between(self, start: int, end: int) -> int:
        """Working time from start to end; negative where end comes first."""
        self._lay_out(min(start, end), max(start, end))
        return self._by(end) - self._by(start)

    def add(self, start: int, length: int) -> int:
        """The earliest moment, not before start, by which `length` ≥ 0 of working time has passed.

        An end of hours counts as reached when they end, not when the next ones begin. Raises `NoMoreHours`.
        """
        if length < 0:
            raise ValueError("a length of working time is not negative")
        if length == 0:
            return start
        self._lay_out(start, start)
        while True:
            wanted = self._by(start) + length
            index = bisect_left(self._reached, wanted)
            if index < len(self._reached):
                return self._starts[index] + wanted - self._sums[index]
            if max(self._years) >= LAST_YEAR:
                raise NoMoreHours
            self._lay_out(start, min(self._high + max(self._high - self._low, 400 * DAY), _END))

    def spans(self, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The working spans that lie between two moments, cut to them."""
        self._lay_out(start, end)
        for index in range(max(bisect_right(self._starts, start) - 1, 0), len(self._starts)):
            low, high = max(self._starts[index], start), min(self._ends[index], end)
            if self._starts[index] >= end:
                return
            if low < high:
                yield low, high

    def _by(self, moment: int) -> int:
        index = bisect_right(self._starts, moment) - 1
        if index < 0:
            return 0
        return self._sums[index] + min(moment, self._ends[index]) - self._starts[index]

    def _lay_out(self, low: int, high: int) -> None:
        if self._years and low >= self._low and high <= self._high:
            return
        # A week more on both sides: local years begin and end at other moments, and night shifts cross them.
        first = max(to_moment(max(low, _START) - 7 * DAY).year, FIRST_YEAR)
        last = min(to_moment(min(high, _END) + 7 * DAY).year, LAST_YEAR)
        if self._years:
            first, last = min(first, *self._years), max(last, *self._years)
        for year in range(first, last + 1):
            if year not in self._years:
                self._years[year] = self._of_year(year)
        self._join()
        self._low = to_micros(to_moment(0).replace(year=first)) + 3 * DAY
        self._high = to_micros(to_moment(0).replace(year=last + 1)) - 3 * DAY
        if first == FIRST_YEAR:
            self._low = min(self._low, low)
        if last == LAST_YEAR:
            self._high = max(self._high, high)

    def _of_year(self, year: int) -> list[tuple[int, int]]:
        spans = []
        day, end = date(year, 1, 1), date(year, 12, 31)
        while day <= end:
            for opens, closes in sorted(self._hours_on(day)):
                spans.append((first_instant(day, opens, self._zone), first_instant(day, closes, self._zone)))
            day += timedelta(days=1)
        return spans

    def _join(self) -> None:
        starts: list[int] = []
        ends: list[int] = []
        for year in sorted(self._years):
            for start, end in self._years[year]:
                if start >= end:
                    continue
                if ends and start <= ends[-1]:  # touching or overlapping: one span
                    ends[-1] = max(ends[-1], end)
                else:
                    starts.append(start)
                    ends.append(end)
        lengths = [end - start for start, end in zip(starts, ends, strict=True)]
        self._starts, self._ends = starts, ends
        self._reached = list(accumulate(lengths))
        self._sums = [reached - length for reached, length in zip(self._reached, lengths, strict=True)]


_START = to_micros(to_moment(0).replace(year=FIRST_YEAR)) + 8 * DAY
_END = to_micros(to_moment(0).replace(year=LAST_YEAR, month=12, day=20))
