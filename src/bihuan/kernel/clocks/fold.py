"""The fold: events, policies and calendars in; clocks out. Nothing is stored, so nothing needs to be patched.

A clock that has stopped is frozen: it sees the attributes, the policy and the knowledge of the calendar up to its stop
and nothing later, so that folding again in a year gives the same figures.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from bihuan.kernel.clocks.calendars import Calendar, CalendarHistory
from bihuan.kernel.clocks.clock import Clock, DueBy, Track, walk
from bihuan.kernel.clocks.course import Change, Course, Run, fold_course
from bihuan.kernel.clocks.errors import ClockFault
from bihuan.kernel.clocks.events import CASE_KINDS, Event, Kind
from bihuan.kernel.clocks.instants import span_of, to_micros, to_moment
from bihuan.kernel.clocks.measuring import is_provisional, measure_for, target_of
from bihuan.kernel.clocks.promises import OnChange, OnReopen, Policy, Promise, Unit, in_order

Spans = Sequence[tuple[int, int]]
_FOREVER = 2**63


class Reckoned(NamedTuple):
    """One promise reckoned over what ran; microseconds."""

    promise: Promise
    calendar: Calendar
    start: int
    due: int
    target: int
    waiting: bool
    track: Track


class Desk:
    """Policies, calendars and kinds, made ready to fold one case after another.

    `calendars` by name; `calendar` names the one that a promise without a calendar of its own counts by.
    """

    def __init__(
        self,
        policies: Sequence[Policy],
        calendars: Mapping[str, CalendarHistory],
        calendar: str,
        kinds: Mapping[str, Kind] = CASE_KINDS,
    ) -> None:
        self.policies = in_order(policies) or [Policy(())]
        self.kinds = kinds
        self._calendars, self._default = calendars, calendar
        self._promising = {promise.kind for policy in self.policies for promise in policy.promises}
        self._valid_from = [
            None if one.valid_from is None else to_micros(one.valid_from) for one in self.policies
        ]

    def clocks(self, events: Iterable[Event], now: datetime) -> tuple[Clock, ...]:
        """The clocks of one case at `now` (aware). Later events are not known yet; equal times keep the order given.

        A kind on which nothing is promised has no clock. Raises `ClockFault` for a calendar that runs out of hours.
        """
        known = sorted((one for one in events if one.at <= now), key=lambda one: one.at)
        course = fold_course(known, self.kinds)
        moment = to_micros(now)
        given = course.changes[-1].due if course.changes else {}
        found = (
            self._clock(course, kind, runs, moment)
            for kind, runs in course.runs.items()
            if runs and (kind in self._promising or kind in given)
        )
        return tuple(clock for clock in found if clock is not None)

    def _clock(self, course: Course, kind: str, runs: Sequence[Run], now: int) -> Clock | None:
        if len(runs) == 1:
            return self._reckon(course, kind, runs, now, None)[0]
        first, reopening = self._reckon(course, kind, runs[:1], now, None)
        if reopening is OnReopen.KEEP:
            return first
        return self._reckon(course, kind, runs, now, first)[0]

    def _reckon(
        self, course: Course, kind: str, runs: Sequence[Run], now: int, first: Clock | None
    ) -> tuple[Clock | None, OnReopen]:
        """The clock over these runs: each promise on it reckoned alone, the earliest due chosen."""
        last = runs[-1]
        seen = [one for one in course.changes if last.stop_turn is None or one.turn < last.stop_turn]
        given = seen[-1].due.get(kind)
        promised = self._promised(kind, runs, seen, now if last.stop is None else last.stop)
        if not promised and given is None:
            return None, OnReopen.CONTINUE
        if not promised:
            promised = [(Promise("due_at", kind, 0, Unit.ELAPSED), runs[0].start)]
        reckoned = [self._of_promise(course, runs, now, *one, given) for one in promised]
        strictest = min(reckoned, key=lambda one: one.due)
        named = tuple(DueBy(one.promise.name, to_moment(one.due)) for one in reckoned)
        return _clock(strictest, named, last, first), strictest.promise.on_reopen

    def _promised(
        self, kind: str, runs: Sequence[Run], changes: Sequence[Change], end: int
    ) -> list[tuple[Promise, int]]:
        """Which promises count at the end of these runs, and the moment from which each counts."""
        start, turn = runs[0].start, runs[0].turn
        then = [one for one in changes if one.turn <= turn]
        attributes = then[-1].attributes
        in_force = sum(one is None or one <= start for one in self._valid_from)
        policy = self.policies[in_force - 1] if in_force else Policy(())
        active = [(one, start) for one in policy.promised(kind, attributes)]
        later: list[tuple[int, int, Change | Policy]] = [
            (one.at, one.turn, one) for one in changes if one.turn > turn
        ]
        for since, version in zip(self._valid_from, self.policies, strict=True):
            if since is not None and start < since < end:
                later.append((since, -1, version))
        for at, _turn, what in sorted(later, key=lambda one: one[:2]):
            if isinstance(what, Change):
                attributes = what.attributes
            else:
                policy = what
            active = _after_change(active, policy.promised(kind, attributes), start, at)
        return active

    def _of_promise(
        self,
        course: Course,
        runs: Sequence[Run],
        now: int,
        promise: Promise,
        anchor: int,
        given: int | None,
    ) -> Reckoned:
        """One promise reckoned over the runs, from its anchor on; `given` is a deadline that was promised as such."""
        kind, last = self.kinds[promise.kind], runs[-1]
        end = now if last.stop is None else last.stop
        stretches = [(one.start, now if one.stop is None else one.stop) for one in runs]
        if promise.on_reopen is OnReopen.THROUGH:
            stretches = [(runs[0].start, end)]
        spans = [(max(low, anchor), high) for low, high in stretches if high > max(low, anchor)]
        start = spans[0][0] if spans else anchor
        pauses = [
            (one.start, _FOREVER if one.end is None else one.end, one.reason)
            for one in course.pauses
            if promise.pauses_for(one.reason) and (kind.waits or one.turn > runs[0].turn)
        ]
        paused = [
            (max(low, since), min(high, until), reason)
            for low, high in spans
            for since, until, reason in pauses
            if since < high and until > low
        ]
        running = tuple(_without(spans, paused)) if paused else tuple(spans)
        calendar = self._calendar(promise).as_known_at(
            to_moment(runs[0].start if promise.on_change is OnChange.KEEP else end)
        )
        measure = measure_for(promise, calendar)
        if given is None:
            target = target_of(promise, calendar, start, measure)
            due = walk(measure, running, end, target)[0] if target else start
        else:
            target, due = max(measure.between(start, given), 0), given
        waiting = last.stop is None and any(until == _FOREVER for _since, until, _reason in pauses)
        track = Track(measure, running, tuple(paused), end, fixed=given is not None)
        return Reckoned(promise, calendar, start, due, target, waiting, track)

    def _calendar(self, promise: Promise) -> CalendarHistory:
        name = promise.calendar or self._default
        if name not in self._calendars:
            raise ClockFault("unknown_calendar", value=name, known=", ".join(sorted(self._calendars)))
        return self._calendars[name]


def _clock(one: Reckoned, promises: tuple[DueBy, ...], last: Run, first: Clock | None) -> Clock:
    promise, track = one.promise, one.track
    between = track.measure.between
    return Clock(
        kind=promise.kind,
        promise=promise.name,
        promises=promises,
        unit="elapsed" if promise.unit is Unit.ELAPSED else "business",
        calendar=one.calendar.label,
        started_at=to_moment(one.start),
        due_at=to_moment(one.due),
        target=span_of(one.target),
        used=span_of(sum(between(low, high) for low, high in track.running)),
        paused=span_of(sum(between(low, high) for low, high, _reason in track.paused)),
        stopped_at=None if last.stop is None else to_moment(last.stop),
        stopped_by=last.stopped_by,
        breached=track.position > one.due,
        waiting=one.waiting,
        provisional=not track.fixed and is_provisional(promise, one.calendar, one.start, one.due),
        first=first,
        track=track,
    )


def _after_change(
    active: list[tuple[Promise, int]], promised: list[Promise], start: int, at: int
) -> list[tuple[Promise, int]]:
    """What counts after a change: the policy of the new promises says how, else that of those that fall away."""
    before = [one for one, _anchor in active]
    if promised == before:
        return active
    match (promised or before)[0].on_change:
        case OnChange.KEEP:
            return active
        case OnChange.RETROACTIVE:
            return [(one, start) for one in promised]
        case OnChange.RESTART:  # a promise that was there before does not start again
            return [(one, active[before.index(one)][1] if one in before else at) for one in promised]


def _without(spans: Spans, paused: Sequence[tuple[int, int, str]]) -> list[tuple[int, int]]:
    """The spans less the pauses, which lie in them, sorted."""
    left = []
    for low, high in spans:
        for since, until, _reason in paused:
            if until <= low or since >= high:
                continue
            if since > low:
                left.append((low, since))
            low = until
        if low < high:
            left.append((low, high))
    return left
