"""The week: technicians by days, with their visits, their free hours and their absences."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bihuan.kernel.actor import Actor
from bihuan.kernel.clocks import Calendar
from bihuan.kernel.time import company_zone, local_date

from ..models import Absence, Technician, Visit
from .queries import calendar_of
from .records import TECHNICIAN, VISIT

DAYS = 7
MOST = 200
NONE = timedelta(0)


@dataclass
class Cell:
    """One day of one technician. `others`: visits that are there and not the reader's to see; `free` in whole half hours."""

    day: date
    visits: list[Visit] = field(default_factory=list)
    others: int = 0
    absent: bool = False
    free: timedelta = NONE
    works: bool = False

    @property
    def free_hours(self) -> str:
        return f"{self.free.total_seconds() / 3600:.1f}".removesuffix(".0")


@dataclass(frozen=True)
class Row:
    technician: Technician
    cells: list[Cell]


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def week_board(actor: Actor, monday: date) -> list[Row]:
    """Four queries, however many technicians and visits."""
    people = list(
        TECHNICIAN.visible_to(actor)
        .filter(is_active=True)
        .select_related("user", "station")
        .order_by("station__name", "user__name", "pk")[:MOST]
    )
    keys = [one.pk for one in people]
    start, end = _midnight(monday), _midnight(monday + timedelta(days=DAYS))
    within = Visit.objects.filter(technician__in=keys, leaves_at__lt=end, ends_at__gt=start).exclude(
        status=Visit.Status.CANCELLED
    )
    seen = set(VISIT.visible_to(actor).filter(pk__in=within.values("pk")).values_list("pk", flat=True))
    visits: dict[int, list[Visit]] = defaultdict(list)
    for one in within.select_related("case__customer").order_by("leaves_at", "id"):
        visits[one.technician_id].append(one)
    away: dict[int, list[Absence]] = defaultdict(list)
    for each in Absence.objects.filter(
        technician__in=keys, first_on__lt=monday + timedelta(days=DAYS), last_on__gte=monday
    ):
        away[each.technician_id].append(each)
    return [
        Row(
            one,
            [
                _cell(monday + timedelta(days=at), calendar_of(one), visits[one.pk], away[one.pk], seen)
                for at in range(DAYS)
            ],
        )
        for one in people
    ]


def _cell(day: date, calendar: Calendar, visits: list[Visit], away: list[Absence], seen: set[int]) -> Cell:
    start, end = _midnight(day), _midnight(day + timedelta(days=1))
    cell = Cell(day, absent=any(one.first_on <= day <= one.last_on for one in away))
    free = calendar.between(start, end)
    cell.works = free > NONE
    for one in visits:
        if one.leaves_at >= end or one.ends_at <= start:
            continue
        if one.is_open or one.status == Visit.Status.DONE:
            free -= calendar.between(
                max(one.leaves_at, start), min(one.done_at or one.ends_at, one.ends_at, end)
            )
        if one.pk not in seen:
            cell.others += 1
        elif local_date(one.starts_at) == day or local_date(one.leaves_at) == day:
            cell.visits.append(one)
    cell.free = NONE if cell.absent else max(free, NONE)
    return cell


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, company_zone())
