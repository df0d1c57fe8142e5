"""An investigation waits: for the customer's sample, for the referee laboratory; clocks stand still as the matrix says."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor

from ..errors import CaseError
from ..investigation_rules import step_waits_for
from ..models import Investigation, InvestigationEvent
from ..promised import promised_now
from .investigation_step import append_to, open_to_work, settle_investigation


@transaction.atomic
def pause_investigation(
    *, actor: Actor, investigation: Investigation, reason: str, now: datetime
) -> Investigation:
    """Hold the clocks whose promise pauses for this reason. Refused: no reason that is known, or waiting for it already."""
    row = open_to_work(actor, investigation)
    if reason not in promised_now().matrix.on_steps.pausing:
        raise CaseError(_("Pick what the investigation waits for."), "reason")
    if step_waits_for(_events(row)) == reason:
        raise CaseError(_("The investigation waits for this already."), "reason")
    append_to(row, actor, "paused", now, {"reason": reason})
    return settle_investigation(row, now)


@transaction.atomic
def resume_investigation(*, actor: Actor, investigation: Investigation, now: datetime) -> Investigation:
    row = open_to_work(actor, investigation)
    if not step_waits_for(_events(row)):
        raise CaseError(_("The investigation does not wait."))
    append_to(row, actor, "resumed", now)
    return settle_investigation(row, now)


def _events(row: Investigation) -> Iterable[InvestigationEvent]:
    kinds = ("paused", "resumed", "reopened")
    return InvestigationEvent.objects.filter(investigation=row, kind__in=kinds).order_by("id")
