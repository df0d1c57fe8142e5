"""The clocks of an investigation's steps, folded from its events by the matrix."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from bihuan.kernel.clocks import Clock, Desk
from bihuan.segmentation.deciding.reasons import in_language

from .matrix import investigation_desk_of
from .models import InvestigationEvent
from .promised import Promised
from .rules import as_clock_events, next_due

_last: list[tuple[Promised, Desk]] = []


def _desk(promised: Promised) -> Desk:
    """The desk of the matrix in force; kept while that stays."""
    if not _last or _last[0][0] is not promised:
        _last[:] = [(promised, investigation_desk_of(promised.versions))]
    return _last[0][1]


def step_clocks(events: Sequence[InvestigationEvent], promised: Promised, now: datetime) -> tuple[Clock, ...]:
    """The clocks of the steps for which the matrix promises something."""
    moment = max(now, events[-1].at) if events else now
    return _desk(promised).clocks(as_clock_events(events), moment)


def next_step_due(
    events: Sequence[InvestigationEvent], promised: Promised, now: datetime
) -> tuple[datetime | None, str]:
    """The earliest due time of a step that is not done, and its kind."""
    return next_due(step_clocks(events, promised, now))


def step_labels(promised: Promised) -> dict[str, str]:
    """What the company calls the steps that have clocks."""
    return {kind: in_language(one.label) for kind, one in promised.matrix.on_steps.clocks.items()}
