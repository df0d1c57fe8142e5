"""Reading orders, payments and receivables; every read starts from what the actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor

from .models import Order, OrderLine, Payment, Receivable
from .owing import after_credits
from .records import ORDER, PAYMENT, RECEIVABLE

SHOWN_LINES = 500


def orders_of(
    actor: Actor, customer: Customer, before: date | None = None, limit: int = 8
) -> Sequence[Order]:
    """A customer's newest documents."""
    rows = ORDER.visible_to(actor).filter(customer=customer)
    if before is not None:
        rows = rows.filter(ordered_on__lt=before)
    return list(rows.order_by("-ordered_on", "-id")[:limit])


def get_order(actor: Actor, identity: int) -> Order:
    """The document; 404 where it is somebody else's."""
    row: Order | None = ORDER.visible_to(actor).select_related("customer").filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def lines_of(order: Order) -> Sequence[OrderLine]:
    """A document's lines in order, the first 500."""
    rows = OrderLine.objects.filter(order=order).select_related("product", "cancels__order")
    return list(rows.order_by("ordinal")[:SHOWN_LINES])


@dataclass(frozen=True, slots=True)
class Owed:
    """What a customer owes: open in all, less open credits (negative: we owe them); overdue after credits, and the oldest due
    date of what is overdue then. `late`: the receivables that are overdue."""

    open: Decimal
    overdue: Decimal
    overdue_count: int
    oldest: date | None
    late: frozenset[int] = frozenset()


def owed_by(actor: Actor, customer: Customer, today: date) -> Owed:
    rows = RECEIVABLE.visible_to(actor).filter(customer=customer, settled_on=None).order_by("due_on", "id")
    items = list(rows.values_list("id", "due_on", "amount", "settled_amount"))
    rests = [amount - settled for *_which, amount, settled in items]
    left = after_credits(rests)
    late = [
        (key, due, rest)
        for (key, due, *_sums), rest in zip(items, left, strict=True)
        if due < today and rest > 0
    ]
    zero = Decimal(0)
    return Owed(
        open=sum(rests, zero),
        overdue=sum((rest for *_which, rest in late), zero),
        overdue_count=len(late),
        oldest=late[0][1] if late else None,
        late=frozenset(key for key, *_rest in late),
    )


def payments_of(
    actor: Actor, customer: Customer, before: date | None = None, limit: int = 5
) -> Sequence[Payment]:
    rows = PAYMENT.visible_to(actor).filter(customer=customer)
    if before is not None:
        rows = rows.filter(paid_on__lt=before)
    return list(rows.order_by("-paid_on", "-id")[:limit])


def open_receivables(actor: Actor, customer: Customer, limit: int = 8) -> Sequence[Receivable]:
    """The open ones, the earliest due first."""
    rows = RECEIVABLE.visible_to(actor).filter(customer=customer, settled_on=None).select_related("order")
    return list(rows.order_by("due_on", "id")[:limit])


def search_orders(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """By number from its beginning."""
    return rows.filter(Q(number__startswith=text) | Q(number__startswith=text.upper()))
