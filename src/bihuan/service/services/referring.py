"""What a case is about, entered or corrected in one line."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor

from ..errors import CaseError
from ..models import Case, CaseReference
from ..references.reading import keep_references, read_references, said
from .step import append, journal, live_case, settle


@transaction.atomic
def set_references(*, actor: Actor, case: Case, references: str, now: datetime) -> Case:
    """Let a case refer to what the line names, and to nothing else. Refused where nothing would change."""
    row = live_case(actor, case)
    wanted = read_references(actor, references, row.customer_id)
    known = {(one.kind, one.key): one for one in CaseReference.objects.filter(case=row)}
    kept = {(one.kind, one.key) for one in wanted}
    gone = [one for key, one in known.items() if key not in kept]
    new = [one for one in wanted if (one.kind, one.key) not in known]
    if not gone and not new:
        raise CaseError(_("Nothing would change."), "references")
    CaseReference.objects.filter(pk__in=[one.pk for one in gone]).delete()
    keep_references(row, new)
    told = {"added": [said(one) for one in new], "removed": [said(one) for one in gone]}
    append(row, actor, "referred", now, told)
    journal(row, actor, now, "referred", after=told)
    return settle(row, now)
