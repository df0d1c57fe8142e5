"""Posting what was agreed: to sales what the customer is credited with, to quality cost what it cost; and taking both back."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.time import local_date
from bihuan.sales.errors import SalesError
from bihuan.sales.services import CreditLine, post_credit_note, reverse_document

from ..errors import CaseError
from ..models import Objection, ObjectionEvent, ObjectionOffer, QualityCost
from ..services.costing import enter_cost, reverse_cost
from .facts import matrix_now
from .step import append_to

# What lowers revenue: compensation is no part of a price, replacement and rework cost us without a credit to the customer.
CREDITED = ("price_reduction", "return")


def post_settlement(actor: Actor, row: Objection, now: datetime) -> None:
    """Post the offer that was agreed. Within the step that calls it, so that both are posted or neither."""
    offer = ObjectionOffer.objects.filter(objection=row).order_by("-version").prefetch_related("remedies")[0]
    number = f"{row.number}-{ObjectionEvent.objects.filter(objection=row, kind='posted').count() + 1}"
    assert row.product is not None  # the intake asks for it
    lines = [
        CreditLine(row.product, one.amount, one.quantity if one.remedy == "return" else None)
        for one in offer.remedies.all()
        if one.remedy in CREDITED and one.amount
    ]
    today = local_date(now)
    if lines:
        try:
            row.settlement = post_credit_note(
                actor=actor, number=number, customer=row.case.customer, lines=lines, on=today, now=now,
                currency=matrix_now().approvals.currency, note=_("Quality objection %(number)s") % {"number": row.number},
            )  # fmt: skip
        except SalesError as refusal:
            raise CaseError(str(refusal)) from refusal
    if offer.amount:
        _refuse_second_cost(row)
        row.cost = enter_cost(
            actor=actor, category=QualityCost.Category.EXTERNAL, amount=offer.amount, incurred_on=today, now=now,
            text=_("Quality objection %(number)s") % {"number": row.number}, case=row.case, product=row.product,
            investigation=None,
        )  # fmt: skip
    append_to(row, actor, "posted", now, {"document": number if lines else ""})


def _refuse_second_cost(row: Objection) -> None:
    posted = QualityCost.objects.filter(
        case=row.case_id, category=QualityCost.Category.EXTERNAL, reverses=None, reversed_by=None
    )
    if posted.exists():
        raise CaseError(_("The cost of this case is posted already. Reverse it first."))


def reverse_settlement(actor: Actor, row: Objection, reason: str, now: datetime) -> None:
    """Take both back by their opposites; sales on the day of the reversal, cost on its own day, as their rooms do."""
    if row.settlement is not None:
        try:
            reverse_document(actor=actor, order=row.settlement, on=local_date(now), reason=reason, now=now)
        except SalesError as refusal:
            raise CaseError(str(refusal)) from refusal
    if row.cost is not None:
        reverse_cost(actor=actor, cost=row.cost, reason=reason, now=now)
    row.settlement = row.cost = None
    append_to(row, actor, "reversed", now, {"reason": reason})
