"""What objections follow: the merging of their cases."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.outbox import subscriber

from ..models import Objection
from .step import append_to


@subscriber("case.merged")
def objections_follow_the_survivor(payload: dict[str, Any], now: datetime) -> None:
    """The objection of a merged case becomes that of the case that took it in, unless that has one. Done again, nothing."""
    with transaction.atomic():
        rows = Objection.objects.select_for_update(of=("self",)).select_related("case__merged_into")
        row = rows.filter(case=payload["case"], case__merged_into__isnull=False).first()
        if row is None or Objection.objects.filter(case=row.case.merged_into_id).exists():
            return
        survivor = row.case.merged_into
        assert survivor is not None  # asked for above
        row.case = survivor
        row.save(update_fields=["case"])
        append_to(row, SYSTEM, "moved", now, {"case": survivor.number})
