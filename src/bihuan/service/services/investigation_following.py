"""What investigations follow: a change of the matrix, and the merging of cases that point to them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bihuan.kernel.actor import SYSTEM

from ..investigation_keeping import keep_step_clocks
from ..models import Case, Investigation, InvestigationCase, InvestigationEvent
from ..promised import promised_now
from .investigation_step import append_to

CHUNK = 200


def follow_investigations(*, now: datetime) -> int:
    """Write the clocks of every open investigation anew; how many are due otherwise. Nothing happens to them by it."""
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
            moved = keep_step_clocks(rows, events, promised, now)
            Investigation.objects.bulk_update(moved, ["next_due_at", "next_due_kind"])
        changed, after = changed + len(moved), rows[-1].pk


@transaction.atomic
def follow_merge(*, case_id: int, now: datetime) -> bool:
    """What pointed to an investigation by a merged case does so by the case that took it in, unless that points to one
    itself. Done again, it finds nothing to do."""
    link = InvestigationCase.objects.select_related("case", "investigation").filter(case=case_id).first()
    if link is None or link.case.merged_into_id is None:
        return False
    survivor = Case.objects.get(pk=link.case.merged_into_id)
    row = link.investigation
    link.delete()
    append_to(row, SYSTEM, "parted", now, {"case": case_id, "number": link.case.number})
    if not InvestigationCase.objects.filter(case=survivor).exists():
        InvestigationCase.objects.create(investigation=row, case=survivor, joined_at=now)
        append_to(row, SYSTEM, "joined", now, {"case": survivor.pk, "number": survivor.number})
    return True
