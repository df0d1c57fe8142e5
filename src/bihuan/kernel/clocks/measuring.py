"""In what a clock is counted: any time, or the working time of a calendar. Microseconds throughout."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from bihuan.kernel.clocks.business import NoMoreHours
from bihuan.kernel.clocks.calendars import Calendar
from bihuan.kernel.clocks.errors import ClockFault
from bihuan.kernel.clocks.instants import to_micros, to_moment
from bihuan.kernel.clocks.promises import Promise, Unit


class Measure(Protocol):
    def between(self, start: int, end: int) -> int: ...

    def add(self, start: int, length: int) -> int: ...


class Elapsed:
    """Any time counts."""

    def between(self, start: int, end: int) -> int:
        return end - start

    def add(self, start: int, length: int) -> int:
        return start + length


class Working:
    """The calendar's working time counts."""

    def __init__(self, calendar: Calendar) -> None:
        self._calendar = calendar
        self.between = calendar.time.between

    def add(self, start: int, length: int) -> int:
        try:
            return self._calendar.time.add(start, length)
        except NoMoreHours as end:
            raise ClockFault(
                "never_due", calendar=self._calendar.name, value=to_moment(start).date()
            ) from end


ELAPSED = Elapsed()


def measure_for(promise: Promise, calendar: Calendar) -> Measure:
    return ELAPSED if promise.unit is Unit.ELAPSED else Working(calendar)


def target_of(promise: Promise, calendar: Calendar, start: int, measure: Measure) -> int:
    """The length promised. So many working days last to the end of work on that day after the start's."""
    if promise.unit is not Unit.WORKING_DAYS:
        return promise.amount
    first = local(start, calendar).date()
    end = to_micros(calendar.closing(calendar.add_working_days(first, promise.amount)))
    return max(measure.between(start, end), 0)


def is_provisional(promise: Promise, calendar: Calendar, start: int, due: int) -> bool:
    if promise.unit is Unit.ELAPSED:
        return False
    first, last = local(start, calendar).date(), local(due, calendar).date()
    return calendar.is_provisional(min(first, last), max(first, last))


def local(micros: int, calendar: Calendar) -> datetime:
    return to_moment(micros).astimezone(calendar.zone)
