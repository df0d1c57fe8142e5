"""Service clocks: a promise, a calendar and the events of a case give a clock. Pure functions; no database, no Django, no
system time.

    calendar = parse_calendar(document)                  # or packaged_calendar("cn-office"); ClockFault if wrong
    calendar.latest.add(start, timedelta(minutes=60))    # working time; .between, .add_working_days
    targets = parse_targets(document)                    # docs/service-clocks.md
    desk = Desk([targets.policy], {"works": calendar}, "works", targets.kinds)
    clocks = desk.clocks([Event(at, "opened", {"tier": "A"}), Event(later, "solved")], now)
    next_warning(clocks[0], now)                         # which share comes next, and when

`course` holds what each event does, `fold` what a change of tier, policy or calendar does, `merges` where events of merged
cases go. Errors are codes (`errors.MESSAGES`); rooms above translate them.
"""

from bihuan.kernel.clocks.calendar_file import packaged_calendar, packaged_calendars, parse_calendar
from bihuan.kernel.clocks.calendars import Calendar, CalendarHistory, CalendarVersion
from bihuan.kernel.clocks.clock import WARNING_SHARES, Clock, DueBy, moment_of_share, next_warning
from bihuan.kernel.clocks.course import Course, fold_course
from bihuan.kernel.clocks.errors import MESSAGES, ClockFault
from bihuan.kernel.clocks.events import CASE_KINDS, Event, Kind
from bihuan.kernel.clocks.fold import Desk
from bihuan.kernel.clocks.instants import read_moment
from bihuan.kernel.clocks.merges import Merge, redirect, survivor
from bihuan.kernel.clocks.promises import OnChange, OnReopen, Policy, Promise, Unit
from bihuan.kernel.clocks.targets import Targets, kind_named, parse_targets

__all__ = [
    "CASE_KINDS",
    "MESSAGES",
    "WARNING_SHARES",
    "Calendar",
    "CalendarHistory",
    "CalendarVersion",
    "Clock",
    "ClockFault",
    "Course",
    "Desk",
    "DueBy",
    "Event",
    "Kind",
    "Merge",
    "OnChange",
    "OnReopen",
    "Policy",
    "Promise",
    "Targets",
    "Unit",
    "fold_course",
    "kind_named",
    "moment_of_share",
    "next_warning",
    "packaged_calendar",
    "packaged_calendars",
    "parse_calendar",
    "parse_targets",
    "read_moment",
    "redirect",
    "survivor",
]
