"""Reading objections; every read starts from what the actor may see."""

from __future__ import annotations

from typing import Any

from django.db.models import F, Q, QuerySet
from django.http import Http404

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.sales.models import Order
from bihuan.sales.records import ORDER

from ..models import Case, Objection, ObjectionAgreement
from ..queries import numbered
from .records import OBJECTION

RELATED = ("case__customer", "case__owner", "product", "settlement", "cost")


def get_objection(actor: Actor, identity: int) -> Objection:
    """The objection with what its page needs; 404 where it is not the actor's to see."""
    row: Objection | None = OBJECTION.visible_to(actor).select_related(*RELATED).filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def objection_of(actor: Actor, case: Case) -> Objection | None:
    """The objection of a case, if the actor sees it."""
    found: Objection | None = OBJECTION.visible_to(actor).select_related(*RELATED).filter(case=case).first()
    return found


def objections_of_customer(actor: Actor, customer: Customer, limit: int = 8) -> list[Objection]:
    """A customer's objections that the actor sees: open ones first, then the newest."""
    rows = OBJECTION.visible_to(actor).filter(case__customer=customer).select_related("product")
    return list(rows.order_by(F("closed_at").desc(nulls_first=True), "-opened_at", "-id")[:limit])


def may_on(actor: Actor, row: Objection, action: str) -> bool:
    """Whether the actor may do that on an objection that is seen; asks the database only where the action reaches less far."""
    if actor.scope("objection", action) >= actor.scope("objection"):
        return True
    return OBJECTION.visible_to(actor, action).filter(pk=row.pk).exists()


def get_agreement(actor: Actor, identity: int) -> ObjectionAgreement:
    """An agreement of an objection that the actor sees, amounts included; else 404."""
    seen = OBJECTION.visible_to(actor).filter(agreements=identity)
    row = (
        ObjectionAgreement.objects.select_related("objection").filter(pk=identity, objection__in=seen).first()
    )
    if row is None or not OBJECTION.may_read(actor, "amount_accepted"):
        raise Http404(identity)
    return row


def get_settlement(actor: Actor, row: Objection) -> Order | None:
    """The document that was posted to sales, where the actor sees documents of sale."""
    if row.settlement_id is None:
        return None
    found: Order | None = ORDER.visible_to(actor).filter(pk=row.settlement_id).first()
    return found


def search_objections(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """By number, by heat or batch from the beginning, by contract, by words of the defect."""
    found = numbered(text.upper()) | Q(lot__startswith=text) | Q(contract__startswith=text)
    return rows.filter(found | Q(defect__contains=text))
