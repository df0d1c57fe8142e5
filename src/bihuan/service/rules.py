"""What follows from the events of a case. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from bihuan.kernel.clocks import Clock, Event

# The status category that events leave; any other step on a new case makes it one in work.
LEAVES = {
    "opened": "new",
    "paused": "waiting",
    "resumed": "open",
    "solved": "solved",
    "reopened": "open",
    "closed": "closed",
}
MOVES_NOTHING = frozenset(
    {"noted", "changed", "reassigned", "staged", "merged", "took_in", "called_back", "attached", "detached"}
) | frozenset(  # mail and what is said of it
    {
        "received",
        "mail_held",
        "auto_replied",
        "returned",
        "undelivered",
        "acknowledged",
        "follows",
        "followed",
    }
)
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
        if kind in MOVES_NOTHING or (status == "closed" and kind != "reopened"):
            continue
        leaves = LEAVES.get(kind, "open")
        if status == "solved" and leaves in ("open", "waiting") and kind != "reopened":
            continue
        if status == "waiting" and leaves == "open" and kind not in ("resumed", "reopened"):
            continue
        status = leaves
    return status


def waits_for(events: Iterable[Happened]) -> str:
    """The reason of the last pause."""
    return next((str(one.data.get("reason", "")) for one in reversed([*events]) if one.kind == "paused"), "")


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


def reached(moments: Iterable[tuple[int, datetime]], now: datetime) -> int:
    """The highest level whose moment has come; 0 for none."""
    return max((level for level, moment in moments if moment <= now), default=0)


def first_after(moments: Iterable[tuple[int, datetime]], told: int) -> datetime | None:
    """The moment of the first level above what was told."""
    return next((moment for level, moment in moments if level > told), None)


@dataclass(frozen=True, slots=True)
class Telling:
    """What one clock's people are to be told, and what they were told before."""

    kind: str
    before: int
    level: int


def tellings(told_of_case: int, clocks: Iterable[tuple[str, int, int]]) -> list[Telling]:
    """What is news about a case, of clocks as (kind, level told so far, level reached now).

    Only the highest level that a clock has reached is told. Once the case's people know that it is late, warnings about
    its other clocks tell them nothing; that another one is late, too, does.
    """
    news = [Telling(*one) for one in clocks if one[2] > one[1]]
    is_late = told_of_case >= BREACH or any(one.level >= BREACH for one in news)
    return [one for one in news if one.level >= BREACH or not is_late]
