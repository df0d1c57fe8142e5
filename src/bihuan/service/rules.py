"""What follows from the events of a case. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bihuan.kernel.clocks import Clock, Event, moment_of_share

# Events that make of a case what it is, by the status that they leave.
LEAVES = {
    "opened": "new",
    "responded": "open",
    "reassigned": "",
    "on_site": "open",
    "worked_around": "open",
    "paused": "waiting",
    "resumed": "open",
    "solved": "solved",
    "called_back": "",
    "reopened": "open",
    "closed": "closed",
}
ATTRIBUTES = ("tier", "severity", "urgency", "kind", "channel")
"""What targets may ask a case for."""
MUST_NAME_CAUSE = frozenset({"complaint", "quality_objection"})
BREACH = 100


class Happened(Protocol):
    """An event as the table keeps it."""

    @property
    def at(self) -> datetime: ...
    @property
    def kind(self) -> str: ...
    @property
    def data(self) -> Mapping[str, Any]: ...


def as_clock_events(events: Iterable[Happened]) -> list[Event]:
    """The events as the fold takes them: attributes of what was opened or changed, the reason of a pause."""
    return [Event(one.at, one.kind, _data(one)) for one in events]


def _data(one: Happened) -> Mapping[str, Any] | None:
    if one.kind in ("opened", "changed"):
        return one.data.get("attributes") or {}
    return {"reason": one.data.get("reason", "")} if one.kind == "paused" else None


def status_after(kinds: Iterable[str]) -> str:
    """The status category after events of these kinds, in order. An answer while waiting leaves it waiting."""
    status = "new"
    for kind in kinds:
        leaves = LEAVES.get(kind, "")
        if not leaves or (status == "closed" and kind != "reopened"):
            continue
        if status == "solved" and leaves in ("open", "waiting") and kind != "reopened":
            continue
        if status == "waiting" and leaves == "open" and kind not in ("resumed", "reopened"):
            continue
        status = leaves
    return status


def has_happened(events: Iterable[Happened], kind: str) -> bool:
    """Whether an event of that kind came since the case was opened or last reopened."""
    found = False
    for one in events:
        if one.kind == "reopened":
            found = False
        elif one.kind == kind:
            found = True
    return found


def runs_on(clock: Clock) -> bool:
    """Whether time is being used: not stopped, and not held by a pause. A deadline given as such knows no pause."""
    return clock.stopped_at is None and (not clock.waiting or clock.track.fixed)


def next_due(clocks: Iterable[Clock]) -> tuple[datetime | None, str]:
    """The earliest due time of the clocks that run, and its kind."""
    running = [(one.due_at, one.kind) for one in clocks if runs_on(one)]
    return min(running) if running else (None, "")


def moments_of(clock: Clock, shares: Sequence[int]) -> list[tuple[int, datetime]]:
    """When each share (percent of the target) is reached if the clock just runs on; nothing for one that does not run."""
    if not runs_on(clock):
        return []
    found = ((share, moment_of_share(clock, share / 100)) for share in sorted(shares))
    return [(share, moment) for share, moment in found if moment is not None]


def reached(moments: Iterable[tuple[int, datetime]], now: datetime) -> int:
    """The highest share whose moment has come; 0 for none."""
    return max((share for share, moment in moments if moment <= now), default=0)


def first_after(moments: Iterable[tuple[int, datetime]], told: int) -> datetime | None:
    """The moment of the first share above what was told."""
    return next((moment for share, moment in moments if share > told), None)


@dataclass(frozen=True, slots=True)
class Telling:
    """What one clock's people are to be told: the share, 0 for nothing new."""

    kind: str
    share: int


def tellings(told_of_case: int, clocks: Iterable[tuple[str, int, int]]) -> list[Telling]:
    """What is news about a case, of clocks as (kind, told so far, reached now).

    Only the highest share that a clock has reached is told. Once the case's people know that it is late, warnings about
    its other clocks tell them nothing; that another one is late, too, does.
    """
    news = [(kind, share) for kind, told, share in clocks if share > told]
    is_late = told_of_case >= BREACH or any(share >= BREACH for _kind, share in news)
    return [Telling(kind, share) for kind, share in news if share >= BREACH or not is_late]
