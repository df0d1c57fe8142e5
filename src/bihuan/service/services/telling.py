"""What people were told, put aside by them."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from bihuan.kernel.actor import Actor

from ..models import CaseNotice, InvestigationNotice


@transaction.atomic
def put_notices_aside(*, actor: Actor, now: datetime, case_id: int | None = None) -> int:
    """One's own notices, of one case or all; how many. Not journalled: nothing of the company's changes by it."""
    rows = CaseNotice.objects.filter(recipient_id=actor.user_id, read_at=None)
    if case_id is not None:
        rows = rows.filter(case=case_id)
    return rows.update(read_at=now)


@transaction.atomic
def put_step_notices_aside(*, actor: Actor, now: datetime, investigation_id: int | None = None) -> int:
    """The same of investigations."""
    rows = InvestigationNotice.objects.filter(recipient_id=actor.user_id, read_at=None)
    if investigation_id is not None:
        rows = rows.filter(investigation=investigation_id)
    return rows.update(read_at=now)
