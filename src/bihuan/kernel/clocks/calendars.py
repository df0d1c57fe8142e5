"""Calendars: which hours are worked on which day, where, and according to which version.

A calendar is versioned twice over. `valid_from` and `valid_to` say for which days a version's hours hold ("from March
we open at eight"). `known_from` says since when we know it ("the holidays of 2027 were announced on 4 November 2026"):
a clock that stopped earlier is computed with what was known when it stopped, for ever.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

from bihuan.kernel.clocks.business import BusinessTime, Hours, NoMoreHours
from bihuan.kernel.clocks.errors import ClockFault
from bihuan.kernel.clocks.instants import LAST_YEAR, first_instant, span_of, to_micros, to_moment, zone_named

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True)
class CalendarVersion:
    """One wording of a calendar. Hours are minutes from local midnight; `workdays` win over `holidays`, both over `week`.

    `listed_years`: the years whose holiday list is published; None where the calendar waits for no list.
    """

    name: str
    zone: str
    week: tuple[Hours, ...]
    holidays: frozenset[date] = frozenset()
    workdays: Mapping[date, Hours] = field(default_factory=dict)
    listed_years: frozenset[int] | None = None
    version: str = "1"
    valid_from: date = date.min
    valid_to: date | None = None
    known_from: datetime | None = None

    def hours_on(self, day: date) -> Hours:
        if (own := self.workdays.get(day)) is not None:
            return own
        return () if day in self.holidays else self.week[day.weekday()]

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


@dataclass(frozen=True)
class Calendar:
    """A calendar as known at one moment: its versions, the latest known last. A day that none covers has no hours."""

    versions: tuple[CalendarVersion, ...]

    def __post_init__(self) -> None:
        if len({one.zone for one in self.versions}) != 1:
            raise ClockFault("one_zone")

    @property
    def name(self) -> str:
        return self.versions[-1].name

    @cached_property
    def label(self) -> str:
        """Name and the versions it was put together from, for a clock's explanation: `works@1+2`."""
        return f"{self.name}@{'+'.join(one.version for one in self.versions)}"

    @cached_property
    def zone(self) -> ZoneInfo:
        return zone_named(self.versions[0].zone)

    @cached_property
    def time(self) -> BusinessTime:
        """Sums of working time in microseconds; `between` and `add` below say the same in datetimes."""
        return BusinessTime(self.hours_on, self.zone)

    def version_on(self, day: date) -> CalendarVersion | None:
        """Which version gives a day its hours: of those that cover it, the one known last."""
        return next((one for one in reversed(self.versions) if one.holds_on(day)), None)

    def hours_on(self, day: date) -> Hours:
        version = self.version_on(day)
        return () if version is None else version.hours_on(day)

    def is_working_day(self, day: date) -> bool:
        return bool(self.hours_on(day))

    def is_provisional(self, first: date, last: date) -> bool:
        """Whether a year from `first` to `last` still waits for its holiday list."""
        for year in range(first.year, last.year + 1):
            version = self.version_on(min(max(date(year, 1, 1), first), last))
            if version and version.listed_years is not None and year not in version.listed_years:
                return True
        return False

    def between(self, start: datetime, end: datetime) -> timedelta:
        """Working time from start to end (aware datetimes); negative where end comes first."""
        return span_of(self.time.between(to_micros(start), to_micros(end)))

    def add(self, start: datetime, length: timedelta) -> datetime:
        """The earliest moment in UTC by which so much working time has passed; `ClockFault("never_due")` if never."""
        try:
            return to_moment(self.time.add(to_micros(start), length // timedelta(microseconds=1)))
        except NoMoreHours as end:
            raise ClockFault("never_due", calendar=self.name, value=start.date()) from end

    def add_working_days(self, day: date, count: int) -> date:
        """The count-th working day after `day`, which itself does not count; `day` for none."""
        start = day
        while count > 0:
            day += timedelta(days=1)
            if day.year > LAST_YEAR:
                raise ClockFault("never_due", calendar=self.name, value=start)
            count -= self.is_working_day(day)
        return day

    def closing(self, day: date) -> datetime:
        """When work ends on a day, in UTC; on a day without hours, the end of the day."""
        minute = max((closes for _opens, closes in self.hours_on(day)), default=24 * 60)
        return to_moment(first_instant(day, minute, self.zone))


class CalendarHistory:
    """All versions of one calendar, in the order in which they became known."""

    def __init__(self, versions: Sequence[CalendarVersion]) -> None:
        if not versions:
            raise ValueError("a calendar has a version at least")
        self.versions = tuple(sorted(versions, key=_known))
        self._moments = [_known(one) for one in self.versions]
        self._known: dict[int, Calendar] = {}

    def as_known_at(self, moment: datetime) -> Calendar:
        """The calendar put together from what was known then; before the first version was known, from that one."""
        if len(self._moments) == 1:
            count = 1
        else:
            count = max(sum(known <= to_micros(moment) for known in self._moments), 1)
        if count not in self._known:
            self._known[count] = Calendar(self.versions[:count])
        return self._known[count]

    @property
    def latest(self) -> Calendar:
        return self.as_known_at(to_moment(max(*self._moments, 0)))


def _known(version: CalendarVersion) -> int:
    return -(2**63) if version.known_from is None else to_micros(version.known_from)
