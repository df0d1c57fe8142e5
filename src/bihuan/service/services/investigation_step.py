"""What every step in an investigation shares: finding it locked, appending what happened, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Max
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, NotAllowed
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import local_date

from ..errors import CaseError
from ..investigation_keeping import keep_step_clocks
from ..models import Investigation, InvestigationEvent
from ..promised import promised_now
from ..records_investigation import INVESTIGATION
from .step import text_given

LINE = 500


def live_investigation(actor: Actor, one: Investigation, action: str = "edit") -> Investigation:
    """The investigation, locked. 404 where the actor does not see it, `NotAllowed` where it is not to be touched."""
    if not INVESTIGATION.visible_to(actor).filter(pk=one.pk).exists():
        raise Http404("investigation")
    if not INVESTIGATION.visible_to(actor, action).filter(pk=one.pk).exists():
        raise NotAllowed("investigation", action)
    rows = Investigation.objects.filter(pk=one.pk)
    return (rows.select_for_update() if connection.features.has_select_for_update else rows).get()


def open_to_work(actor: Actor, one: Investigation) -> Investigation:
    """The same, and refused where it is closed."""
    row = live_investigation(actor, one)
    if row.closed_at is not None:
        raise CaseError(_("This investigation is closed. Reopen it first."))
    return row


def append_to(
    row: Investigation, actor: Actor, kind: str, now: datetime, data: Mapping[str, Any] | None = None
) -> None:
    """Add one event, its news and its journal entry. It never stands before what happened earlier."""
    last = InvestigationEvent.objects.filter(investigation=row).aggregate(last=Max("at"))["last"]
    kept = {key: value for key, value in (data or {}).items() if value not in (None, "", {}, [])}
    event = InvestigationEvent.objects.create(
        investigation=row, at=now if last is None else max(now, last), kind=kind,
        actor=actor.key, actor_name=actor.name[:150], data=kept,
    )  # fmt: skip
    publish(f"investigation.{kind}", {"investigation": row.pk, "event": event.pk}, now=now)
    record(actor, now, f"investigation.{kind}", row, after={"event": event.pk})


def settle_investigation(row: Investigation, now: datetime, *fields: str) -> Investigation:
    """Save the investigation with what is due of it next. `fields`: what the step itself changed."""
    row.version += 1
    row.updated_at = now
    events = list(InvestigationEvent.objects.filter(investigation=row).order_by("id"))
    keep_step_clocks([row], {row.pk: events}, promised_now(), now)
    row.save(update_fields=["version", "updated_at", "next_due_at", "next_due_kind", *fields])
    return row


def line_given(text: str, field: str, message: str) -> str:
    """One line of text; refused where there is none, or more than fits."""
    tidy = text_given(text, field, message)
    if len(tidy) > LINE:
        raise CaseError(
            _("At most %(most)s characters; here are %(count)s.") % {"most": LINE, "count": len(tidy)}, field
        )
    return tidy


def not_later(day: date, now: datetime, field: str) -> date:
    """A day on which something was done or observed; it cannot lie ahead."""
    if day > local_date(now):
        raise CaseError(_("This day has not come yet."), field)
    return day
