"""What every step on a visit shares: finding it locked, appending what happened, saving."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, NotAllowed
from bihuan.kernel.outbox import publish

from ..errors import CaseError
from ..models import Visit, VisitEvent
from .records import VISIT


def live_visit(actor: Actor, visit: Visit, action: str = "edit") -> Visit:
    """The visit, locked. 404 where the actor does not see it, `NotAllowed` where it is not theirs to change.

    Order of locks everywhere: visit, case, technician, kit.
    """
    seen = VISIT.visible_to(actor).filter(pk=visit.pk).order_by().values("pk")
    row = Visit.objects.select_for_update().filter(pk__in=seen).first()
    if row is None:
        raise Http404("visit")
    if not VISIT.visible_to(actor, action).filter(pk=row.pk).exists():
        raise NotAllowed("visit", action)
    return row


def refuse_over(visit: Visit) -> None:
    if visit.status == Visit.Status.DONE:
        raise CaseError(_("This visit is done."))
    if visit.status == Visit.Status.CANCELLED:
        raise CaseError(_("This visit was cancelled."))


def append_visit(
    visit: Visit, actor: Actor, kind: str, now: datetime, data: Mapping[str, Any] | None = None
) -> VisitEvent:
    """Add one event, its journal entry and the news of it."""
    told = {key: value for key, value in (data or {}).items() if value not in (None, "", [], {})}
    event = VisitEvent.objects.create(
        visit=visit, at=now, kind=kind, actor=actor.key, actor_name=actor.name[:150], data=told
    )
    record(actor, now, f"visit.{kind}", visit, after={"case": visit.case_id, "visit": visit.pk})
    publish(f"visit.{kind}", {"visit": visit.pk, "case": visit.case_id}, now=now)
    return event


def save_visit(visit: Visit, now: datetime, *fields: str) -> Visit:
    visit.version += 1
    visit.updated_at = now
    visit.save(update_fields=["version", "updated_at", *fields])
    return visit
