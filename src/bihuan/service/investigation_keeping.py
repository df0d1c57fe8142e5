"""The cache of the clocks of investigations' steps: written anew from the fold with every event, as that of cases is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from .investigation_clocks import step_clocks
from .keeping import COLUMNS, write_clock
from .models import Investigation, InvestigationClock, InvestigationEvent
from .promised import Promised
from .rules import next_due


def keep_step_clocks(
    rows: Sequence[Investigation],
    events: Mapping[int, Sequence[InvestigationEvent]],
    promised: Promised,
    now: datetime,
) -> list[Investigation]:
    """Write the clocks of these investigations anew; returns those whose next due time changed, which are not saved here.

    Three statements, however many. A closed investigation has no moment left to tell.
    """
    kept: dict[int, dict[str, InvestigationClock]] = {}
    for known in InvestigationClock.objects.filter(investigation__in=[one.pk for one in rows]):
        kept.setdefault(known.investigation_id, {})[known.kind] = known
    made: list[InvestigationClock] = []
    changed: list[InvestigationClock] = []
    gone: list[int] = []
    moved = []
    for row in rows:
        own, happened = kept.get(row.pk, {}), events.get(row.pk, [])
        moment = max(now, happened[-1].at) if happened else now
        clocks = step_clocks(happened, promised, moment)
        for clock in clocks:
            old = own.pop(clock.kind, None)
            one = InvestigationClock(investigation=row, kind=clock.kind) if old is None else old
            write_clock(one, clock, promised.moments(clock, row.severity), moment)
            if row.closed_at is not None:
                one.next_moment_at = None
            (made if old is None else changed).append(one)
        gone += [one.pk for one in own.values()]
        due = next_due(clocks) if row.closed_at is None else (None, "")
        if due != (row.next_due_at, row.next_due_kind):
            row.next_due_at, row.next_due_kind = due
            moved.append(row)
    if gone:
        InvestigationClock.objects.filter(pk__in=gone).delete()
    InvestigationClock.objects.bulk_create(made, batch_size=500)
    InvestigationClock.objects.bulk_update(changed, COLUMNS, batch_size=200)
    return moved
