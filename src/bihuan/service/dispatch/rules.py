"""Who can be sent, when they would arrive, and why others cannot. Pure: no database, no clock.

A technician sets out from the visit before on that day, else from the home station (`journeys`), at the first working moment,
travels without a break, and begins at the first working moment after arriving; the visit then runs to its end. Nothing of that may
touch a day of absence or another visit, and the next visit of the day has to be reached in time; where it would, the start moves
behind what stands in the way. Somebody nearer therefore never arrives later than somebody who is farther away and otherwise the same.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from bihuan.kernel.clocks import Calendar, ClockFault

from .document import Need
from .journeys import HOME, Stay, Way, first_out_of_reach, way_to
from .places import Point, TravelTime

HORIZON = timedelta(days=14)
ALIKE = timedelta(minutes=30)
"""Who arrives within the same half hour arrives alike; then workload decides."""
_MOMENT = timedelta(microseconds=1)
Span = tuple[datetime, datetime]


@dataclass(frozen=True, slots=True)
class KitAt:
    """A kit that this technician could take: their own, or one of the station's that nobody carries. `busy`: visits it is on."""

    key: int
    kind: str
    is_carried: bool = False
    busy: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Held:
    """A certificate, from the first day to the last; without an end, for good."""

    kind: str
    valid_from: date
    valid_until: date | None = None

    def covers(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A technician as the rules see one. `busy`: spans of visits that are not over; `absences`: first and last day; `stays`:
    where visits are, those of today that are over among them."""

    key: int
    name: str
    home: Point
    calendar: Calendar
    skills: frozenset[str] = frozenset()
    kits: tuple[KitAt, ...] = ()
    certificates: tuple[Held, ...] = ()
    trainings: tuple[tuple[date, float], ...] = ()
    absences: tuple[tuple[date, date], ...] = ()
    busy: tuple[Span, ...] = ()
    stays: tuple[Stay, ...] = ()

    def trained_hours(self, day: date, days: int) -> float:
        """Hours of training in the `days` days that end with `day`."""
        return sum(hours for held, hours in self.trainings if day - timedelta(days=days) < held <= day)


@dataclass(frozen=True, slots=True)
class Job:
    """`place`: None where it is not known. `deadline`: by when somebody has to be on site."""

    place: Point | None
    need: Need
    earliest: datetime
    deadline: datetime | None = None
    unknown_way: timedelta = timedelta(hours=8)


@dataclass(frozen=True, slots=True)
class Lack:
    """One thing against sending somebody. `is_final`: no reason given overrides it."""

    kind: str  # certificate, skill, kit, training, time
    what: str = ""
    amount: float = 0
    is_final: bool = False


@dataclass(frozen=True, slots=True)
class Slot:
    """Leaving, arriving to work, ending; `way`: how long the travel takes; `origin`: from where, as `journeys` names it."""

    leaves_at: datetime
    starts_at: datetime
    ends_at: datetime
    way: timedelta
    origin: str = HOME


@dataclass(frozen=True, slots=True)
class Offer:
    """Somebody with the earliest slot; `lacks` is empty for whoever is suggested. `in_time`: None without a deadline."""

    key: int
    slot: Slot | None
    kit: KitAt | None = None
    lacks: tuple[Lack, ...] = ()
    workload: timedelta = timedelta(0)
    in_time: bool | None = None
    distance_known: bool = True

    @property
    def may_override(self) -> bool:
        return bool(self.lacks) and self.slot is not None and not any(one.is_final for one in self.lacks)


@dataclass(frozen=True)
class Suggestions:
    fit: Sequence[Offer] = field(default_factory=tuple)
    unfit: Sequence[Offer] = field(default_factory=tuple)


def suggest(job: Job, candidates: Iterable[Candidate], travel: TravelTime) -> Suggestions:
    """Who fits, best first; and everybody else with what they lack.

    Best: in time for the deadline, then who arrives first (in half hours), then who has less to do in the two weeks, then
    who carries the kit, then by the minute.
    """
    offers = [offer(job, one, travel) for one in candidates]
    fit = [one for one in offers if not one.lacks]
    unfit = [one for one in offers if one.lacks]
    return Suggestions(sorted(fit, key=lambda one: _rank(one, job)), sorted(unfit, key=lambda one: one.key))


def _rank(one: Offer, job: Job) -> tuple[bool, int, timedelta, bool, datetime, int]:
    assert one.slot is not None
    halves = (one.slot.starts_at - job.earliest) // ALIKE
    carries = one.kit is None or one.kit.is_carried
    return (one.in_time is False, halves, one.workload, not carries, one.slot.starts_at, one.key)


def offer(job: Job, one: Candidate, travel: TravelTime) -> Offer:
    """The earliest slot of one technician, and what speaks against sending them then."""
    slot = kit = None
    # With a kit: the earliest of those that fit; its own visits stand in the way as well.
    with_kit = [
        (found, each)
        for each in one.kits
        if each.kind in job.need.kits and (found := earliest_slot(job, one, travel, each)) is not None
    ]
    if with_kit:
        slot, kit = min(with_kit, key=lambda pair: (pair[0].starts_at, not pair[1].is_carried, pair[1].key))
    if slot is None:
        slot = earliest_slot(job, one, travel)
    day = _day(one, slot.starts_at if slot else job.earliest)
    lacks = lacking(job.need, one, day)
    if job.need.kits and kit is None:
        lacks += [Lack("kit", kind) for kind in sorted(job.need.kits)[:1]]
    if slot is None:
        lacks += [Lack("time", is_final=True)]
    return Offer(
        key=one.key,
        slot=slot,
        kit=kit,
        lacks=tuple(lacks),
        workload=sum((end - start for start, end in one.busy), timedelta(0)),
        in_time=None if job.deadline is None or slot is None else slot.starts_at <= job.deadline,
        distance_known=job.place is not None,
    )


def lacking(need: Need, one: Candidate, day: date) -> list[Lack]:
    """Certificates, skills and hours of training that are wanting on the day of the visit."""
    held = {each.kind for each in one.certificates if each.covers(day)}
    found = [Lack("certificate", kind, is_final=True) for kind in sorted(need.certificates - held)]
    found += [Lack("skill", code) for code in sorted(need.skills - one.skills)]
    hours = one.trained_hours(day, need.training_days)
    if hours < need.training_hours:
        found.append(Lack("training", f"{hours:g}", need.training_hours))
    return found


def earliest_slot(
    job: Job, one: Candidate, travel: TravelTime, kit: KitAt | None = None, horizon: timedelta = HORIZON
) -> Slot | None:
    """The first free slot, with that kit; None where there is none within the horizon.

    Where something stands in the way, the start moves behind it: no earlier start would be free, for it would end later."""
    zone = one.calendar.zone
    away = [
        (
            datetime.combine(first, time.min, zone),
            datetime.combine(last + timedelta(days=1), time.min, zone),
        )
        for first, last in one.absences
    ]
    taken = sorted([*one.busy, *(kit.busy if kit else ()), *away])
    fetches = None if kit is None or kit.is_carried else kit.key
    leaves = job.earliest
    while True:
        leaves_at = next_working(one.calendar, leaves)
        if leaves_at is None or leaves_at > job.earliest + horizon:
            return None
        if job.place is None:
            way = Way(job.unknown_way)
        else:
            way = way_to(job.place, leaves_at, one.home, one.stays, travel, zone, fetches)
        starts_at = next_working(one.calendar, leaves_at + way.length)
        if starts_at is None:
            return None
        slot = Slot(leaves_at, starts_at, starts_at + job.need.length, way.length, way.origin)
        behind = max(
            (end for start, end in taken if overlap((slot.leaves_at, slot.ends_at), (start, end))),
            default=None,
        )
        if behind is None and job.place is not None:
            missed = first_out_of_reach(job.place, slot.ends_at, one.stays, travel, zone)
            behind = None if missed is None else missed.ends_at
        if behind is None:
            return slot
        leaves = behind


def overlap(one: Span, other: Span) -> bool:
    """Whether two spans share time; touching is not sharing."""
    return one[0] < other[1] and other[0] < one[1]


def next_working(calendar: Calendar, moment: datetime) -> datetime | None:
    """The moment itself in working hours, else when they begin next; None if never."""
    try:
        return max(moment, calendar.add(moment, _MOMENT) - _MOMENT)
    except ClockFault:
        return None


def _day(one: Candidate, moment: datetime) -> date:
    return moment.astimezone(one.calendar.zone).date()
