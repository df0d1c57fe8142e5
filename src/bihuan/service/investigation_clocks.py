"""The clocks of an investigation's steps, folded from its events by the matrix."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bihuan.kernel.clocks import Clock, Desk, Event
from bihuan.kernel.pages.labels import in_language

from .investigation_rules import FIRST_AGAIN, STEPS
from .matrix import investigation_desk_of
from .models import InvestigationEvent
from .promised import Promised
from .rules import as_clock_events

_last: list[tuple[Promised, Desk]] = []


def _desk(promised: Promised) -> Desk:
    """The desk of the matrix in force; kept while that stays."""
    if not _last or _last[0][0] is not promised:
        _last[:] = [(promised, investigation_desk_of(promised.versions))]
    return _last[0][1]


def step_clocks(events: Sequence[InvestigationEvent], promised: Promised, now: datetime) -> tuple[Clock, ...]:
    """The clocks of the steps for which the matrix promises something.

    A reopening begins a round of its own: the steps that it undoes are promised anew from then on, the others keep the
    clocks under which they were done.
    """
    desk = _desk(promised)
    if not events:
        return ()
    moment = max(now, events[-1].at)
    kept: dict[str, Clock] = {}
    for round_ in _rounds(events):
        ends = moment if round_.is_last else round_.events[-1].at
        found = {one.kind: one for one in desk.clocks(round_.events, ends)}
        kept = {kind: one for kind, one in kept.items() if kind < round_.first} | {
            kind: one for kind, one in found.items() if kind >= round_.first or kind not in kept
        }
    return tuple(kept.values())


@dataclass(frozen=True)
class _Round:
    """What happened from an opening or reopening to the next. `first`: the first step that is open in it."""

    events: list[Event]
    first: str
    is_last: bool


def _rounds(happened: Sequence[InvestigationEvent]) -> list[_Round]:
    events = as_clock_events(happened)
    places = [0, *(place for place, one in enumerate(happened) if one.kind == "reopened")]
    found = []
    attributes: Mapping[str, Any] = {}
    for place, until in zip(places, [*places[1:], None], strict=True):
        own, first = events[place:until], ""
        if place:
            first = str(happened[place].data.get("from") or FIRST_AGAIN)
            at = own[0].at
            begins = [Event(at, "opened", attributes)]
            own = [*begins, *(Event(at, f"{step}_done") for step in STEPS if step < first), *own[1:]]
        for one in own:
            if one.name in ("opened", "changed"):
                attributes = one.data or {}
        found.append(_Round(own, first, until is None))
    return found


def step_labels(promised: Promised) -> dict[str, str]:
    """What the company calls the steps that have clocks."""
    return {kind: in_language(one.label) for kind, one in promised.matrix.on_steps.clocks.items()}
