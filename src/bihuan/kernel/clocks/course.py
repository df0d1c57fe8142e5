"""The course of a case: from its events, when it was paused and when each kind of clock ran. No promise is asked yet.

The rules, for events in the order of their times (of equal times, in the order written):

- Before `opened` nothing runs, and what is written there moves nothing.
- `opened` again: while the case is open, nothing; once it is solved or closed, as `reopened`.
- `paused` while paused with the same reason, `resumed` without a pause: nothing. With another reason the pause goes on
  under the new one.
- An event that stops a clock counts once, the first time after it started.
- `closed` stops every clock and ends the pause; until `reopened` only `changed` is still noted.
- `reopened` ends the pause and sets the kinds running that reopen; of a case neither solved nor closed, nothing.
- Any other event moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bihuan.kernel.clocks.events import (
    CHANGED,
    CLOSED,
    DUE_AT,
    OPENED,
    PAUSED,
    REOPENED,
    RESUMED,
    Event,
    Kind,
)
from bihuan.kernel.clocks.instants import to_micros


@dataclass(slots=True)
class Run:
    """A stretch in which a kind ran. Moments in microseconds; `turn` numbers events, so that equal times keep their order."""

    start: int
    turn: int
    stop: int | None = None
    stop_turn: int | None = None
    stopped_by: str = ""


@dataclass(slots=True)
class Pause:
    start: int
    turn: int
    reason: str
    end: int | None = None


@dataclass(slots=True)
class Change:
    """The attributes and promised deadlines (microseconds, by kind) as they were from this turn on."""

    at: int
    turn: int
    attributes: Mapping[str, Any]
    due: Mapping[str, int]


@dataclass(slots=True)
class Course:
    """What a fold of events leaves. `opened_at` is None where the case was never opened."""

    opened_at: int | None = None
    closed_at: int | None = None
    pauses: list[Pause] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    runs: dict[str, list[Run]] = field(default_factory=dict)


def fold_course(events: Iterable[Event], kinds: Mapping[str, Kind]) -> Course:
    """The course after these events, which stand in the order in which they count."""
    course = Course()
    for turn, event in enumerate(events):
        step(course, event, turn, kinds)
    return course


def step(course: Course, event: Event, turn: int, kinds: Mapping[str, Kind]) -> None:
    """Takes one more event into the course."""
    name, at = event.name, to_micros(event.at)
    if course.opened_at is None:
        if name == OPENED:
            course.opened_at = at
            _note(course, event, at, turn)
            _start(course, kinds, OPENED, at, turn)
        return
    if name == OPENED:
        name = REOPENED
    if name == CHANGED:
        _note(course, event, at, turn)
    elif name == REOPENED:
        _reopen(course, kinds, at, turn)
    elif course.closed_at is not None:
        return
    elif name == PAUSED:
        _pause(course, str((event.data or {}).get("reason") or ""), at, turn)
    elif name == RESUMED:
        _end_pause(course, at)
    elif name == CLOSED:
        course.closed_at = at
        for runs in course.runs.values():
            _stop(runs, CLOSED, at, turn)
        _end_pause(course, at)
    else:
        for kind, runs in course.runs.items():
            if name in kinds[kind].stops_on:
                _stop(runs, name, at, turn)
        _start(course, kinds, name, at, turn)


def _note(course: Course, event: Event, at: int, turn: int) -> None:
    data = dict(event.data or {})
    promised = {kind: to_micros(moment) for kind, moment in (data.pop(DUE_AT, None) or {}).items()}
    last = course.changes[-1] if course.changes else None
    course.changes.append(
        Change(at, turn, {**last.attributes, **data}, {**last.due, **promised})
        if last
        else Change(at, turn, data, promised)
    )


def _start(course: Course, kinds: Mapping[str, Kind], name: str, at: int, turn: int) -> None:
    for kind in kinds.values():
        if kind.starts_on == name and not course.runs.get(kind.name):
            course.runs[kind.name] = [Run(at, turn)]


def _stop(runs: Sequence[Run], name: str, at: int, turn: int) -> None:
    if runs and runs[-1].stop is None:
        last = runs[-1]
        last.stop, last.stop_turn, last.stopped_by = at, turn, name


def _reopen(course: Course, kinds: Mapping[str, Kind], at: int, turn: int) -> None:
    solved = any(
        runs and runs[-1].stop is not None and kinds[kind].reopens for kind, runs in course.runs.items()
    )
    if not solved and course.closed_at is None:
        return
    course.closed_at = None
    _end_pause(course, at)
    for kind, runs in course.runs.items():
        if not runs:
            continue
        if kinds[kind].reopens and runs[-1].stop is not None:
            runs.append(Run(at, turn))
        elif kinds[kind].starts_on != OPENED and runs[-1].stop is None:
            runs.clear()


def _pause(course: Course, reason: str, at: int, turn: int) -> None:
    last = course.pauses[-1] if course.pauses else None
    if last is not None and last.end is None:
        if last.reason == reason:
            return
        last.end = at
    course.pauses.append(Pause(at, turn, reason))


def _end_pause(course: Course, at: int) -> None:
    if course.pauses and course.pauses[-1].end is None:
        course.pauses[-1].end = at
