"""The cache of clocks: written anew from the fold in the transaction that appended an event."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from bihuan.kernel.clocks import Clock

from .models import Case, CaseClock, CaseEvent, KeptClock
from .promised import Promised
from .rules import BREACH, as_clock_events, first_after, next_due, reached, status_after, waits_for

COLUMNS = (
    "run", "promise", "started_at", "due_at", "stopped_at", "is_waiting", "is_breached", "is_provisional", "moments",
    "told_level", "next_moment_at",
)  # fmt: skip
CASE_COLUMNS = ("status", "stage", "next_due_at", "next_due_kind", "told_level")


def events_of(case_ids: Iterable[int]) -> dict[int, list[CaseEvent]]:
    """All events of these cases, in the order in which they were written. One query."""
    found: dict[int, list[CaseEvent]] = {}
    for event in CaseEvent.objects.filter(case__in=case_ids).order_by("case_id", "id"):
        found.setdefault(event.case_id, []).append(event)
    return found


def fold(events: Sequence[CaseEvent], promised: Promised, now: datetime) -> tuple[Clock, ...]:
    return promised.desk.clocks(as_clock_events(events), now)


def keep_clocks(cases: Sequence[Case], promised: Promised, now: datetime) -> None:
    """Write the clocks of these cases anew, and what the cases themselves keep of them; the cases are saved.

    Five statements, however many cases.
    """
    events = events_of(case.pk for case in cases)
    kept: dict[int, dict[str, CaseClock]] = {}
    for row in CaseClock.objects.filter(case__in=[case.pk for case in cases]):
        kept.setdefault(row.case_id, {})[row.kind] = row
    made: list[CaseClock] = []
    changed: list[CaseClock] = []
    gone: list[int] = []
    for case in cases:
        own = kept.get(case.pk, {})
        happened = events.get(case.pk, [])
        # Two machines' clocks may differ: what was written is known.
        moment = max(now, happened[-1].at) if happened else now
        clocks = fold(happened, promised, moment)
        told = 0
        for clock in clocks:
            old = own.pop(clock.kind, None)
            row = CaseClock(case=case, kind=clock.kind) if old is None else old
            write_clock(row, clock, promised.moments(clock, case.severity), moment)
            (made if old is None else changed).append(row)
            if row.stopped_at is None:
                told = max(told, row.told_level)
        gone += [row.pk for row in own.values()]
        case.told_level = told
        case.next_due_at, case.next_due_kind = next_due(clocks)
        before, case.status = case.status, status_after(event.kind for event in happened)
        reason = waits_for(happened) if case.status == Case.Status.WAITING else ""
        if before != case.status or reason or not case.stage:
            case.stage = promised.stage_in(case.status, reason)
    if gone:
        CaseClock.objects.filter(pk__in=gone).delete()
    CaseClock.objects.bulk_create(made, batch_size=500)
    CaseClock.objects.bulk_update(changed, COLUMNS, batch_size=200)
    Case.objects.bulk_update(cases, CASE_COLUMNS, batch_size=200)


def write_clock(row: KeptClock, clock: Clock, moments: list[tuple[int, datetime]], now: datetime) -> None:
    """Bring a row to what the fold says; what its people were told is kept, unless it starts again."""
    starts_again = row.pk is not None and row.stopped_at is not None and clock.stopped_at is None
    if starts_again:
        # What was used before is no news now; a clock that is late by now will be told as such.
        row.run += 1
        row.told_level = min(reached(moments, now), BREACH - 1)
    row.promise = clock.promise[:120]
    row.started_at, row.due_at, row.stopped_at = clock.started_at, clock.due_at, clock.stopped_at
    row.is_waiting = clock.waiting
    row.is_breached = clock.breached
    row.is_provisional = clock.provisional
    row.moments = [[level, moment.isoformat()] for level, moment in moments]
    row.next_moment_at = first_after(moments, row.told_level)


def moments_kept(row: KeptClock) -> list[tuple[int, datetime]]:
    return [(level, datetime.fromisoformat(text)) for level, text in row.moments]
