"""Posting documents of sale that are no order: credit notes from a settlement, and their reversal by the opposite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.catalog.models import Product
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor, FieldClass, require
from bihuan.kernel.analytics.changes import mark_changed, month_of
from bihuan.kernel.outbox import publish

from .errors import SalesError
from .models import Order, OrderLine, Receivable
from .records import ORDER

SIX = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class CreditLine:
    """What a customer is credited with. `amount` positive; `quantity` of goods that come back, none for a price reduction."""

    product: Product
    amount: Decimal
    quantity: Decimal | None = None


@transaction.atomic
def post_credit_note(
    *,
    actor: Actor,
    number: str,
    customer: Customer,
    lines: Sequence[CreditLine],
    on: date,
    now: datetime,
    currency: str = "",
    note: str = "",
) -> Order:
    """Post a credit note: its lines lower the revenue of the day `on`, and a credit of its amount lowers what the customer owes
    from that day. The same number posted again is the same document.

    A price reduction is an adjusting line without quantity that counts and with no cost, so that it lowers the margin in full;
    goods that come back are a cancelling line with their quantity, whose cost is not known here.
    Refused: nothing to credit, an amount that is not positive, a number that stands for another document.
    """
    require(actor, "order", "create", FieldClass.COMMERCIAL)
    if not lines or any(one.amount <= 0 or (one.quantity or 1) <= 0 for one in lines):
        raise SalesError(_("A credit note credits something: amounts and quantities are positive."))
    total = -sum((one.amount for one in lines), Decimal(0))
    there = Order.objects.filter(number=number).first()
    if there is not None:
        return _same(there, customer, total)
    order = _document(number, customer, total, len(lines), on, now, currency, note)
    rows = []
    for ordinal, one in enumerate(lines, start=1):
        quantity = one.quantity or Decimal(1)
        is_return = one.quantity is not None
        rows.append(
            OrderLine(
                order=order, ordinal=ordinal, customer=customer, ordered_on=on, product=one.product,
                kind=OrderLine.Kind.CANCELLATION if is_return else OrderLine.Kind.ADJUSTMENT,
                quantity=-quantity, price=(one.amount / quantity).quantize(SIX, ROUND_HALF_EVEN),
                amount=-one.amount, cost=None if is_return else Decimal(0),
            )
        )  # fmt: skip
    OrderLine.objects.bulk_create(rows)
    Receivable.objects.create(
        customer=customer, order=order, amount=total, issued_on=on, due_on=on, created_at=now, updated_at=now
    )
    if not ORDER.visible_to(actor, "create").filter(pk=order.pk).exists():
        raise Http404("order")
    _tell(order, actor, now, "posted")
    return order


@transaction.atomic
def reverse_document(*, actor: Actor, order: Order, on: date, reason: str, now: datetime) -> Order:
    """Take a credit note back by its opposite, dated `on`; its credit ends on that day, and what was already cleared or paid out
    of it is owed again. Asked again, the reversal that is there."""
    require(actor, "order", "create", FieldClass.COMMERCIAL)
    rows = Order.objects.select_for_update().filter(
        pk__in=ORDER.visible_to(actor, "create").filter(pk=order.pk)
    )
    row = rows.first()
    if row is None:
        raise Http404("order")
    if row.kind != Order.Kind.CREDIT_NOTE:
        raise SalesError(_("Only a credit note is reversed by its opposite."))
    number = f"{row.number}-R"
    there = Order.objects.filter(number=number).first()
    if there is not None:
        return there
    made = _document(
        number,
        row.customer,
        -row.amount,
        row.line_count,
        on,
        now,
        row.currency,
        reason,
        Order.Kind.ADJUSTMENT,
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=made, ordinal=one.ordinal, customer_id=one.customer_id, ordered_on=on, product_id=one.product_id,
            kind=one.kind, quantity=-one.quantity, price=one.price, amount=-one.amount, cost=one.cost,
        )
        for one in OrderLine.objects.filter(order=row).order_by("ordinal")
    )  # fmt: skip
    _end_credit(row, made, on, now)
    _tell(made, actor, now, "reversed")
    return made


def _end_credit(note: Order, reversal: Order, on: date, now: datetime) -> None:
    credit = Receivable.objects.select_for_update().filter(order=note, amount__lt=0).first()
    if credit is None:  # posted before credits were kept
        return
    used, since = credit.settled_amount, credit.issued_on
    if credit.settled_on is None:
        credit.settled_amount, credit.settled_on = credit.amount, on
        credit.version, credit.updated_at = credit.version + 1, now
        credit.save(update_fields=["settled_amount", "settled_on", "version", "updated_at"])
    if used:
        Receivable.objects.create(
            customer_id=credit.customer_id, order=reversal, amount=-used, issued_on=on, due_on=on,
            created_at=now, updated_at=now,
        )  # fmt: skip
    mark_changed("receivables", {month_of(since)}, now=now)


def _same(there: Order, customer: Customer, total: Decimal) -> Order:
    if (there.customer_id, there.amount) != (customer.pk, total):
        raise SalesError(_("%(number)s stands for another document.") % {"number": there.number})
    return there


def _document(
    number: str,
    customer: Customer | None,
    amount: Decimal,
    count: int,
    on: date,
    now: datetime,
    currency: str,
    note: str,
    kind: str = Order.Kind.CREDIT_NOTE,
) -> Order:
    try:
        with transaction.atomic():
            return Order.objects.create(
                number=number, kind=kind, customer=customer, ordered_at=now, ordered_on=on, currency=currency,
                amount=amount, line_count=count, note=note.strip()[:300], created_at=now, updated_at=now,
            )  # fmt: skip
    except IntegrityError as error:  # two posted it at the same moment
        raise SalesError(_("%(number)s is being posted already.") % {"number": number}) from error


def _tell(order: Order, actor: Actor, now: datetime, kind: str) -> None:
    for dataset in ("order_lines", "receivables"):
        mark_changed(dataset, {month_of(order.ordered_on)}, now=now)
    publish(f"order.{kind}", {"order": order.pk}, now=now)
    record(
        actor, now, f"order.{kind}", order,
        after={"number": order.number, "amount": str(order.amount), "on": order.ordered_on.isoformat()},
    )  # fmt: skip
