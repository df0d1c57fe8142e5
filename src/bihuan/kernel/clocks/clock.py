"""A clock as it stands: what was promised, what was used, and when shares of it are reached."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil

from bihuan.kernel.clocks.instants import to_micros, to_moment
from bihuan.kernel.clocks.measuring import Measure

WARNING_SHARES = (Fraction(1, 2), Fraction(3, 4), Fraction(9, 10), Fraction(1))
"""At which shares of a target its people are warned; the last is the breach."""


@dataclass(frozen=True, slots=True)
class DueBy:
    """One promise on the clock and the moment it asks for."""

    promise: str
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Track:
    """What a clock was reckoned from, in microseconds: the stretches it ran and was paused, where it goes on, and by which measure.

    `fixed`: the deadline was given; pauses do not move it, and shares count from the start straight to it.
    """

    measure: Measure
    running: tuple[tuple[int, int], ...]
    paused: tuple[tuple[int, int, str], ...]
    position: int
    fixed: bool


@dataclass(frozen=True, slots=True)
class Clock:
    """One clock of a case at the moment it was asked for. Times are UTC; lengths are in the clock's own unit: working time
    where the promise counts business hours, else any time.

    `due_at` of a clock that waits is the one it would have if it went on now. `met` is None while the clock runs. `first` is
    the clock at its first stop, where it has been set running again. `promises` names every promise on the kind,
    `promise` the strictest, which counts. `provisional`: a year on the way to `due_at` has no holiday list yet.
    """

    kind: str
    promise: str
    promises: tuple[DueBy, ...]
    unit: str
    calendar: str
    started_at: datetime
    due_at: datetime
    target: timedelta
    used: timedelta
    paused: timedelta
    stopped_at: datetime | None
    stopped_by: str
    breached: bool
    waiting: bool
    provisional: bool
    first: Clock | None
    track: Track = field(repr=False, compare=False)

    @property
    def met(self) -> bool | None:
        return None if self.stopped_at is None else not self.breached

    @property
    def pauses(self) -> list[tuple[datetime, datetime, str]]:
        """From, to (where the pause goes on, the moment asked for) and reason of each pause that counted."""
        return [(to_moment(low), to_moment(high), reason) for low, high, reason in self.track.paused]

    @property
    def remaining(self) -> timedelta:
        """What is left of the target; negative once it is overdrawn."""
        if not self.track.fixed:
            return self.target - self.used
        measure, end = self.track.measure, self.track.position
        return timedelta(microseconds=measure.between(end, to_micros(self.due_at)))

    @property
    def share_used(self) -> Fraction:
        """Used part of the target, 1 at the due moment; 1 for a target of nothing."""
        if not self.target:
            return Fraction(1)
        return 1 - Fraction(self.remaining // _MICRO, self.target // _MICRO)


_MICRO = timedelta(microseconds=1)


def moment_of_share(clock: Clock, share: Fraction | float) -> datetime | None:
    """When the clock reached that share (0.75 = three quarters) of its target, or will if it just runs on.

    None where it stopped before, and while it waits: nobody knows then. Shares count to four decimals.
    """
    exact = Fraction(share).limit_denominator(10_000)
    track = clock.track
    if track.fixed:
        start, due = to_micros(clock.started_at), to_micros(clock.due_at)
        moment = due if exact == 1 else track.measure.add(start, _part(clock, exact))
        stopped_before = clock.stopped_at is not None and to_micros(clock.stopped_at) < moment
        return None if stopped_before else to_moment(moment)
    wanted = _part(clock, exact)
    if not wanted:
        return clock.started_at
    moment, inside = walk(track.measure, track.running, track.position, wanted)
    if not inside and (clock.waiting or clock.stopped_at is not None):
        return None
    return to_moment(moment)


def next_warning(clock: Clock, after: datetime) -> tuple[Fraction, datetime] | None:
    """The next share of `WARNING_SHARES` that a running clock reaches later than `after`, and when; None where there is none,
    where the clock has stopped, and while it waits."""
    if clock.stopped_at is not None or (clock.waiting and not clock.track.fixed):
        return None
    for share in WARNING_SHARES:
        moment = moment_of_share(clock, share)
        if moment is not None and moment > after:
            return share, moment
    return None


def _part(clock: Clock, share: Fraction) -> int:
    return ceil(share * (clock.target // _MICRO))


def walk(
    measure: Measure, running: tuple[tuple[int, int], ...], position: int, wanted: int
) -> tuple[int, bool]:
    """When so much has been used: the moment, and whether it lies in what ran already; else the clock goes on from
    `position`. All in microseconds."""
    left = wanted
    for start, end in running:
        used = measure.between(start, end)
        if used >= left:
            return measure.add(start, left), True
        left -= used
    return measure.add(position, left), False
