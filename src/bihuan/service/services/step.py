"""What every step on a case shares: finding the case that counts, appending what happened, and what follows from it."""

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
from bihuan.people.actors import actor_for
from bihuan.people.models import User

from ..errors import CaseError
from ..finding.index import reindex_cases
from ..keeping import keep_clocks
from ..models import Case, CaseEvent
from ..promised import promised_now
from ..records import CASE

MOST_TEXT = 10_000


def live_case(actor: Actor, case: Case, action: str = "edit") -> Case:
    """The case that counts, locked: of a merged one the case that took it in.

    404 where the actor does not see it, `NotAllowed` where it is seen but not to be touched.
    """
    row = _seen(actor, case.pk)
    seen = {row.pk}
    while row.merged_into_id is not None:
        row = _seen(actor, row.merged_into_id)
        if row.pk in seen:
            raise CaseError(_("The merges of this case run in a circle."))
        seen.add(row.pk)
    if not CASE.visible_to(actor, action).filter(pk=row.pk).exists():
        raise NotAllowed("case", action)
    return row


def _seen(actor: Actor, identity: int) -> Case:
    if not CASE.visible_to(actor).filter(pk=identity).exists():
        raise Http404("case")
    rows = Case.objects.filter(pk=identity)
    return (rows.select_for_update() if connection.features.has_select_for_update else rows).get()


def append(
    case: Case,
    actor: Actor,
    kind: str,
    now: datetime,
    data: Mapping[str, Any] | None = None,
    *,
    is_internal: bool = False,
    field_class: FieldClass = FieldClass.PUBLIC,
) -> CaseEvent:
    """Add one event, and the news of it. It never stands before what happened earlier: two machines' clocks may differ."""
    last = CaseEvent.objects.filter(case=case).aggregate(last=Max("at"))["last"]
    event = CaseEvent.objects.create(
        case=case,
        at=now if last is None else max(now, last),
        kind=kind,
        actor=actor.key,
        actor_name=actor.name[:150],
        data={key: value for key, value in (data or {}).items() if value not in (None, "", {}, [])},
        is_internal=is_internal,
        field_class=field_class.value,
    )
    publish(f"case.{kind}", {"case": case.pk, "event": event.pk}, now=now)
    return event


def settle(case: Case, now: datetime, *fields: str) -> Case:
    """Save the case with its clocks and its words for search as they are after what was appended. `fields`: what the step
    itself changed."""
    case.version += 1
    case.updated_at = now
    case.save(update_fields=["version", "updated_at", *fields])
    keep_clocks([case], promised_now(), now)
    reindex_cases([case.pk])
    return case


def journal(
    case: Case,
    actor: Actor,
    now: datetime,
    kind: str,
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
) -> None:
    record(actor, now, f"case.{kind}", case, before=before, after=after)


def text_given(text: str, field: str, message: str) -> str:
    """What was typed, tidied; refused where there is nothing, or more than anybody reads."""
    tidy = text.replace("\r\n", "\n").strip()
    if not tidy:
        raise CaseError(message, field)
    if len(tidy) > MOST_TEXT:
        raise CaseError(
            _("At most %(most)s characters; here are %(count)s.") % {"most": MOST_TEXT, "count": len(tidy)},
            field,
        )
    return tidy


def attributes_of(case: Case) -> dict[str, Any]:
    """What promises may ask of a case, as it stands."""
    return {name: getattr(case, name) for name in ("tier", "severity", "urgency", "kind", "channel")}


def given_deadlines(due: Mapping[str, datetime | None] | None, now: datetime) -> dict[str, str]:
    """Due times that a contract gives, by clock, as an event keeps them; refused for a clock that there is not or a moment
    that has passed."""
    known = promised_now().matrix.on_cases.clocks
    found = {}
    for kind, moment in (due or {}).items():
        if moment is None:
            continue
        if kind not in known:
            raise CaseError(_("There is no such choice."), "due_kind")
        if moment <= now:
            raise CaseError(_("This moment has passed."), "due_at")
        found[kind] = moment.isoformat()
    return found


def refuse_unknown(*, kind: str | None, severity: int | None, urgency: str | None) -> None:
    """Kinds, severities and urgencies are fixed; a matrix only names them."""
    if kind is not None and kind not in Case.Kind.values:
        raise CaseError(_("There is no such choice."), "kind")
    if severity is not None and severity not in (1, 2, 3):
        raise CaseError(_("Severity is 1, 2 or 3."), "severity")
    if urgency is not None and urgency not in Case.Urgency.values:
        raise CaseError(_("There is no such choice."), "urgency")


def refuse_owner(owner: User | None) -> None:
    """Whoever handles a case works here and may work on cases."""
    if owner is None:
        return
    if not owner.is_active:
        raise CaseError(_("%(name)s does not work here any more.") % {"name": owner.name}, "owner")
    if not actor_for(owner).may("case", "edit"):
        raise CaseError(_("%(name)s may not work on cases.") % {"name": owner.name}, "owner")


def refuse_ended(case: Case) -> None:
    """Work on a case that is solved or closed begins with reopening it."""
    refuse_closed(case)
    if case.status == Case.Status.SOLVED:
        raise CaseError(_("This case is solved. Reopen it first."))


def refuse_closed(case: Case) -> None:
    if case.status == Case.Status.CLOSED:
        raise CaseError(_("This case is closed. Reopen it first."))
    if case.status == Case.Status.REFUSED:
        raise CaseError(_("This case was refused. Reopen it first."))
