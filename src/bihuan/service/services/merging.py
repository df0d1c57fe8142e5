"""Two cases about the same matter become one."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor

from ..errors import CaseError
from ..models import Case
from ..objection.holding import refuse_two_objections
from .step import append, journal, live_case, settle


@transaction.atomic
def merge_cases(*, actor: Actor, case: Case, into: Case, now: datetime) -> Case:
    """Merge `case` into another of the same customer; returns the survivor.

    The merged case keeps what was written there, stops its clocks and points at the survivor: whatever comes for it from
    now on goes there. Refused: a case with itself, with another customer's, into one that is closed, a case that was merged
    already, and an open objection into a case that has one of its own; otherwise the objection follows to the survivor.
    """
    if case.pk == into.pk:
        raise CaseError(_("A case cannot be merged with itself."), "into")
    survivor = live_case(actor, into)
    row = live_case(actor, case)
    if row.pk != case.pk:
        raise CaseError(_("This case was merged into %(number)s already.") % {"number": row.number})
    if row.pk == survivor.pk:
        raise CaseError(_("A case cannot be merged with itself."), "into")
    if row.customer_id != survivor.customer_id:
        raise CaseError(_("%(number)s is another customer's case.") % {"number": survivor.number}, "into")
    if survivor.status in (Case.Status.CLOSED, Case.Status.REFUSED):
        raise CaseError(_("%(number)s is closed; reopen it first.") % {"number": survivor.number}, "into")
    refuse_two_objections(row, survivor)
    append(row, actor, "merged", now, {"into": survivor.pk, "number": survivor.number})
    append(row, actor, "closed", now, {"merged": True})
    append(
        survivor, actor, "took_in", now,
        {"case": row.pk, "number": row.number, "title": row.title, "text": row.text},
    )  # fmt: skip
    row.closed_at = row.closed_at or now
    row.merged_into = survivor
    settle(row, now, "closed_at", "merged_into")
    journal(row, actor, now, "merged", after={"into": survivor.number})
    journal(survivor, actor, now, "took_in", after={"case": row.number})
    return settle(survivor, now)
