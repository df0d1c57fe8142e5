"""Asking for a recall: a small one begins within the request, a large one is a job; whoever asked is told how it ended.

A lot of which much was made is on hold from the moment in which it is asked for; the rest of it when the job has seen all of
it. Until then there is no recall, then there is a whole one: killed or stopped half-way, it is asked for again.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, NotAllowed
from bihuan.kernel.jobs import JobRun, start_job
from bihuan.kernel.models import Job

from ..deciding import decide, locked_row
from ..errors import LotError
from ..models import Lot, Recall, RecallStart
from ..tracing import is_wider_than
from .begun import refuse_begun
from .stages import JobStages
from .starting import check_asked, refuse_twice, start

KIND = "quality.recall"
IN_REQUEST = 1000  # lots; some tenths of a second


def begin(
    *, actor: Actor, lot: Lot, reason: str, level: str, asked: str, now: datetime, at_once: int = IN_REQUEST
) -> Recall | RecallStart:
    """Recall a lot: the recall where at most `at_once` lots come of it, else what a job carries out, the lot itself on hold.

    Raises as `start`; code twice also while a job does it.
    """
    check_asked(actor, lot, reason, level, asked)
    refuse_begun(lot)
    if not is_wider_than(lot, at_once):
        return start(actor=actor, lot=lot, reason=reason, level=level, asked=asked, now=now)
    return _put_off(actor, lot, reason.strip()[:300], level, asked, now)


@transaction.atomic
def _put_off(actor: Actor, lot: Lot, reason: str, level: str, asked: str, now: datetime) -> RecallStart:
    row = locked_row(lot)  # of two who ask at once the second sees what the first began
    refuse_twice(row)
    refuse_begun(row)
    if row.disposition in (Lot.Status.QUARANTINE, Lot.Status.RELEASED):
        said = _("A recall is being started: %(reason)s") % {"reason": reason}
        decide(actor=actor, lot=row, to=Lot.Status.HELD, reason=said, now=now)
    begun = RecallStart.objects.create(
        lot=row, reason=reason, level=level, asked=asked, asked_by_id=actor.user_id, asked_by_name=actor.name[:150],
        at=now,
    )  # fmt: skip
    begun.job_id = start_job(actor=actor, kind=KIND, arguments={"start": begun.pk}, now=now).pk
    begun.save(update_fields=["job_id"])
    record(actor, now, "recall.asked", row, note=reason)
    return begun


def carry_out(work: JobRun) -> dict[str, Any]:
    """The job. Run again after it was killed it begins anew, or says what it had done."""
    begun = RecallStart.objects.select_related("lot", "recall", "asked_by").get(pk=work.arguments["start"])
    recall, stages = begun.recall, JobStages(work)
    with translation.override(begun.asked_by.language if begun.asked_by else None):
        try:
            if recall is None:
                recall = start(
                    actor=work.actor, lot=begun.lot, reason=begun.reason, level=begun.level, asked=begun.asked,
                    now=work.now(), begun=begun, stages=stages,
                )  # fmt: skip
        except (Http404, NotAllowed) as error:
            raise LotError(_("Whoever asked for this recall may not start it any more."), "rights") from error
        told = {"number": recall.number, "lots": f"{recall.lots.count():,}", "customers": recall.entries.values("customer").distinct().count()}  # fmt: skip
        said = (
            _("Recall %(number)s has begun: %(lots)s lots on hold, %(customers)s customers to tell.") % told
        )
        Job.objects.filter(pk=work.row.pk).update(message=said, done=stages.total, total=stages.total)
        link = {"label": _("Recall %(number)s") % {"number": recall.number}, "name": "recall", "arguments": [recall.pk]}  # fmt: skip
        return {"recall": recall.pk, "links": [link]}
