"""What quality cost: entered, posted when a case is put away, reversed where it was wrong."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.catalog.models import Product
from bihuan.customers.models import Customer
from bihuan.customers.queries import customers_visible_to
from bihuan.kernel.actor import Actor, FieldClass, NotAllowed, require
from bihuan.kernel.fields import UNIT
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import local_date

from ..errors import CaseError
from ..models import Case, Factor, Investigation, QualityCost
from ..records import CASE
from ..records_investigation import INVESTIGATION, QUALITY_COST
from .investigation_step import not_later

MOST = Decimal(10) ** 12


@transaction.atomic
def enter_cost(
    *,
    actor: Actor,
    category: str,
    amount: Decimal,
    incurred_on: date,
    now: datetime,
    text: str = "",
    factor: str = "",
    customer: Customer | None = None,
    product: Product | None = None,
    case: Case | None = None,
    investigation: Investigation | None = None,
) -> QualityCost:
    """Enter a cost. What belongs to a case is its customer's; what belongs to nobody is for who sees all.

    Refused: an amount that is not positive or finer than a millionth, a day that has not come, what the actor does not see.
    """
    require(actor, "quality_cost", "create", FieldClass.COMMERCIAL)
    if category not in QualityCost.Category.values or (factor and factor not in Factor.values):
        raise CaseError(_("There is no such choice."), "category")
    if not amount.is_finite() or not 0 < amount < MOST or amount * UNIT != int(amount * UNIT):
        raise CaseError(_("The amount is a positive number with six decimal places at most."), "amount")
    if case is not None:
        case = CASE.visible_to(actor).filter(pk=case.pk).first()
        if case is None:
            raise Http404("case")
        customer = case.customer
    elif customer is not None and not customers_visible_to(actor).filter(pk=customer.pk).exists():
        raise Http404("customer")
    if investigation is not None and not INVESTIGATION.visible_to(actor).filter(pk=investigation.pk).exists():
        raise Http404("investigation")
    row = QualityCost.objects.create(
        category=category, amount=amount, incurred_on=not_later(incurred_on, now, "incurred_on"),
        text=text.strip()[:300], factor=factor, customer=customer, product=product, case=case,
        investigation=investigation, created_at=now, created_by=actor.name[:150],
    )  # fmt: skip
    if not QUALITY_COST.visible_to(actor, "create").filter(pk=row.pk).exists():
        raise NotAllowed("quality_cost", "create")
    _tell(row, actor, now, "entered")
    return row


def _tell(row: QualityCost, actor: Actor, now: datetime, kind: str) -> None:
    publish(f"quality_cost.{kind}", {"cost": row.pk}, now=now)
    record(
        actor, now, f"quality_cost.{kind}", row,
        after={"category": row.category, "amount": str(row.amount), "on": row.incurred_on.isoformat()},
    )  # fmt: skip


@transaction.atomic
def post_case_cost(
    *,
    actor: Actor,
    case: Case,
    amount: Decimal,
    now: datetime,
    text: str = "",
    product: Product | None = None,
    factor: str = "",
) -> QualityCost:
    """What a case cost, to external failure, on the day on which it was put away. Refused while it is under way."""
    row = Case.objects.select_for_update().filter(pk__in=CASE.visible_to(actor).filter(pk=case.pk)).first()
    if row is None:
        raise Http404("case")
    if row.status not in (Case.Status.SOLVED, Case.Status.CLOSED):
        raise CaseError(_("The cost is posted when the case is solved or closed."))
    posted = QualityCost.objects.filter(
        case=row, category=QualityCost.Category.EXTERNAL, reverses=None, reversed_by=None
    )
    if posted.exists():
        raise CaseError(_("The cost of this case is posted already. Reverse it first."))
    return enter_cost(
        actor=actor,
        category=QualityCost.Category.EXTERNAL,
        amount=amount,
        incurred_on=local_date(row.closed_at or row.solved_at or now),
        now=now,
        text=text,
        factor=factor,
        product=product,
        case=row,
        investigation=INVESTIGATION.visible_to(actor).filter(joined__case=row).first(),
    )


@transaction.atomic
def reverse_cost(*, actor: Actor, cost: QualityCost, reason: str, now: datetime) -> QualityCost:
    """Take an entry back by its opposite, on the same day, so that the month is right again."""
    require(actor, "quality_cost", "create", FieldClass.COMMERCIAL)
    seen = QUALITY_COST.visible_to(actor, "create").filter(pk=cost.pk)
    row = QualityCost.objects.select_for_update().filter(pk__in=seen).first()
    if row is None:
        raise Http404("quality_cost")
    if row.reverses_id is not None or QualityCost.objects.filter(reverses=row).exists():
        raise CaseError(_("This entry is reversed already, or is a reversal itself."))
    if not reason.strip():
        raise CaseError(_("Say why it is reversed."), "reason")
    made = QualityCost.objects.create(
        category=row.category, amount=-row.amount, incurred_on=row.incurred_on, text=reason.strip()[:300],
        factor=row.factor, customer=row.customer, product=row.product, case=row.case,
        investigation=row.investigation, reverses=row, created_at=now, created_by=actor.name[:150],
    )  # fmt: skip
    _tell(made, actor, now, "reversed")
    return made
