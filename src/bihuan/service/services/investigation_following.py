"""When the matrix changes while investigations are open: what is due of them next is reckoned anew."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ..investigation_clocks import next_step_due
from ..models import Investigation, InvestigationEvent
from ..promised import promised_now

CHUNK = 200


def follow_investigations(*, now: datetime) -> int:
    """Write what is due next of every open investigation; how many changed. Nothing happens to them by it."""
    promised, after, changed = promised_now(), 0, 0
    while True:
        with transaction.atomic():
            rows = list(
                Investigation.objects.select_for_update(of=("self",))
                .filter(closed_at=None, pk__gt=after)
                .order_by("pk")[:CHUNK]
            )
            if not rows:
                return changed
            events: dict[int, list[InvestigationEvent]] = {}
            for one in InvestigationEvent.objects.filter(investigation__in=rows).order_by("id"):
                events.setdefault(one.investigation_id, []).append(one)
            moved = []
            for row in rows:
                due = next_step_due(events.get(row.pk, []), promised, now)
                if due != (row.next_due_at, row.next_due_kind):
                    row.next_due_at, row.next_due_kind = due
                    moved.append(row)
            Investigation.objects.bulk_update(moved, ["next_due_at", "next_due_kind"])
        changed, after = changed + len(moved), rows[-1].pk
