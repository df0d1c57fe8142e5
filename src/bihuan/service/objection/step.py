"""What every step on an objection shares: finding it locked, appending what happened, and what follows from it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Max
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, FieldClass, NotAllowed
from bihuan.kernel.outbox import publish

from ..errors import CaseError
from ..models import Case, CaseClock, Objection, ObjectionEvent
from ..services.step import append, live_case, settle
from ..services.working import keep_promise
from .records import OBJECTION
from .rules import OVER, STAGES, is_refused, is_withdrawn, stages_done
from .wording import REFUSALS


def live_objection(
    actor: Actor, row: Objection, action: str = "edit", field_class: FieldClass | None = None
) -> Objection:
    """The objection, locked, with case, customer and product. 404 where the actor does not see it, `NotAllowed` where it is not
    to be touched, or not in fields of that class."""
    if not OBJECTION.visible_to(actor).filter(pk=row.pk).exists():
        raise Http404("objection")
    if not OBJECTION.visible_to(actor, action).filter(pk=row.pk).exists() or not actor.may(
        "objection", action, field_class
    ):
        raise NotAllowed("objection", action)
    rows = Objection.objects.select_related("case__customer", "product", "settlement", "cost").filter(
        pk=row.pk
    )
    return (rows.select_for_update(of=("self",)) if connection.features.has_select_for_update else rows).get()


def open_to_work(
    actor: Actor, row: Objection, action: str = "edit", field_class: FieldClass | None = None
) -> Objection:
    """The same, and refused where it is closed, was not admitted or is withdrawn."""
    live = live_objection(actor, row, action, field_class)
    if live.stage == Objection.Stage.REFUSED:
        raise CaseError(REFUSALS["is_refused"])
    if live.stage == Objection.Stage.WITHDRAWN:
        raise CaseError(REFUSALS["is_withdrawn"])
    if live.closed_at is not None:
        raise CaseError(_("This objection is closed. Reopen it first."))
    return live


def append_to(
    row: Objection,
    actor: Actor,
    kind: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    field_class: FieldClass = FieldClass.PUBLIC,
) -> None:
    """Add one event, its news and its journal entry. It never stands before what happened earlier."""
    last = ObjectionEvent.objects.filter(objection=row).aggregate(last=Max("at"))["last"]
    kept = {key: value for key, value in (data or {}).items() if value not in (None, "", {}, [])}
    event = ObjectionEvent.objects.create(
        objection=row, at=now if last is None else max(now, last), kind=kind, actor=actor.key,
        actor_name=actor.name[:150], data=kept, field_class=field_class.value,
    )  # fmt: skip
    publish(f"objection.{kind}", {"objection": row.pk, "event": event.pk}, now=now)
    record(actor, now, f"objection.{kind}", row, after={"event": event.pk})


def settle_objection(row: Objection, now: datetime, *fields: str) -> Objection:
    """Save the objection with the stage that follows from what happened. `fields`: what the step itself changed."""
    events = list(ObjectionEvent.objects.filter(objection=row).order_by("id"))
    done = stages_done(events)
    last = next((one for one in reversed(STAGES) if one in done), Objection.Stage.DRAFT.value)
    if is_refused(events):
        last = Objection.Stage.REFUSED.value
    elif is_withdrawn(events):
        last = Objection.Stage.WITHDRAWN.value
    row.stage = last
    row.closed_at = (row.closed_at or now) if row.stage in OVER else None
    row.version += 1
    row.updated_at = now
    row.save(update_fields=["stage", "closed_at", "version", "updated_at", *fields])
    return row


def tell_case(row: Objection, actor: Actor, kind: str, now: datetime, data: Mapping[str, Any]) -> None:
    """Append to the case what moves a clock of its own there; only colleagues who read tests see it."""
    case = live_case(actor, row.case, "note")
    append(case, actor, kind, now, data, is_internal=True, field_class=FieldClass.TECHNICAL)
    settle(case, now)


def keep_if_promised(actor: Actor, case: Case, kind: str, now: datetime) -> None:
    """Stop the case's clock of that kind, where one runs."""
    if CaseClock.objects.filter(case=case, kind=kind, stopped_at=None).exists():
        keep_promise(actor=actor, case=case, kind=kind, now=now)
