"""Opening a case."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.customers.models import Contact, Customer
from bihuan.customers.records import CONTACT, CUSTOMER
from bihuan.kernel.actor import Actor, NotAllowed, require
from bihuan.kernel.time import local_date
from bihuan.people.models import Team, User
from bihuan.segmentation.models import Standing

from ..errors import CaseError
from ..models import Case
from ..promised import promised_now
from ..records import CASE
from ..references.reading import keep_references, read_references
from .routing import desk_for
from .step import (
    append,
    attributes_of,
    given_deadlines,
    journal,
    refuse_owner,
    refuse_unknown,
    settle,
    text_given,
)

TITLE = 120


@transaction.atomic
def open_case(
    *,
    actor: Actor,
    customer: Customer,
    text: str,
    now: datetime,
    title: str = "",
    kind: str = Case.Kind.QUESTION,
    severity: int | None = None,
    urgency: str = Case.Urgency.REGULAR,
    channel: str = "",
    contact: Contact | None = None,
    owner: User | None = None,
    team: Team | None = None,
    references: str = "",
    due: Mapping[str, datetime | None] | None = None,
) -> Case:
    """Open a case for a customer. Without a title the first line of the text is it; without a severity the kind says it. `due`: what a contract
    gives, by clock, in place of what is promised.

    Whoever may work on cases and names nobody else handles it; otherwise it waits at the service desk nearest to the
    customer's team. Refused: an
    empty text, a contact of another customer, a customer that the actor does not see.
    """
    require(actor, "case", "create")
    row = CUSTOMER.visible_to(actor).filter(pk=customer.pk, merged_into=None).first()
    if row is None:
        raise Http404("customer")
    text = text_given(text, "text", _("Say what happened."))
    if contact is not None:
        seen = CONTACT.visible_to(actor).filter(pk=contact.pk, customer=row).exists()
        if not seen:
            raise CaseError(_("This person is not a contact of that customer."), "contact")
    promised = promised_now()
    severity = promised.severity_of(kind) if severity is None else severity
    refuse_unknown(kind=kind, severity=severity, urgency=urgency)
    refuse_owner(owner)
    if owner is None and team is None and actor.user_id is not None and actor.may("case", "edit"):
        owner = User.objects.filter(pk=actor.user_id).first()
    case = Case(
        number=f"new-{uuid.uuid4().hex}",
        kind=kind,
        title=(title.strip() or text.split("\n", 1)[0])[:TITLE],
        text=text,
        customer=row,
        contact=contact,
        severity=severity,
        urgency=urgency,
        channel=channel or promised.usual_channel,
        owner=owner,
        team_id=team.pk if team else (owner and owner.team_id) or desk_for(row.team_id),
        tier=Standing.objects.filter(customer=row).values_list("tier", flat=True).first() or "",
        opened_at=now,
        created_at=now,
        updated_at=now,
    )
    case.save(force_insert=True)
    if references.strip():
        keep_references(case, read_references(actor, references, row.pk))
    case.number = f"{local_date(now):%y%m}-{case.pk:06d}"
    attributes: dict[str, Any] = promised.attributes(**attributes_of(case))
    if deadlines := given_deadlines(due, now):
        attributes["due_at"] = deadlines
    append(case, actor, "opened", now, {"attributes": attributes, "text": text})
    settle(case, now, "number")
    if not CASE.visible_to(actor, "create").filter(pk=case.pk).exists():
        raise NotAllowed("case", "create")
    journal(
        case, actor, now, "opened",
        after={"title": case.title, "customer": row.pk, "kind": kind, "severity": severity, "urgency": urgency},
    )  # fmt: skip
    return case
