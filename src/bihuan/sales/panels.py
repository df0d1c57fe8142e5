"""Orders and money on the customer's page, and in its timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.pages.registry import Happening, Suggestion, menu_item, next_action, panel, timeline_source
from bihuan.kernel.pages.values import write
from bihuan.kernel.time import local_date, now

from . import journal_words, lists, queries  # noqa: F401  (words for the journal)
from .models import Order
from .records import ORDER

menu_item(lists.ORDERS.title, "orders", "shopping-cart", object="order", section="work", order=30, keys="g o")
ICONS = {
    Order.Kind.ORDER: "shopping-cart",
    Order.Kind.CREDIT_NOTE: "receipt-refund",
    Order.Kind.ADJUSTMENT: "adjustments",
}


@panel(
    "customer",
    title=gettext_lazy("Orders"),
    template="sales/panels/orders.html",
    name="orders",
    object="order",
    icon="shopping-cart",
    order=30,
)
def orders_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any]:
    return {"orders": queries.orders_of(actor, customer), "sees_money": ORDER.may_read(actor, "amount")}


@panel(
    "customer",
    title=gettext_lazy("Receivables"),
    template="sales/panels/receivables.html",
    name="receivables",
    object="receivable",
    classes=[FieldClass.COMMERCIAL],
    icon="report-money",
    order=40,
)
def receivables_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any]:
    today = local_date(now())
    rows = queries.open_receivables(actor, customer)
    return {"owed": queries.owed_by(actor, customer, today) if rows else None, "rows": rows}


@timeline_source("customer", name="orders", label=gettext_lazy("Orders"), object="order")
def order_happenings(actor: Actor, customer: Customer, before: datetime, limit: int) -> list[Happening]:
    sees_money = ORDER.may_read(actor, "amount")
    return [
        Happening(
            at=row.ordered_on,
            title=f"{row.get_kind_display()} {row.number}",
            icon=ICONS[Order.Kind(row.kind)],
            url=reverse("order", args=[row.pk]),
            amount=write("money", row.amount) if sees_money else "",
            kind="orders",
        )
        for row in queries.orders_of(actor, customer, local_date(before), limit)
    ]


@timeline_source("customer", name="payments", label=gettext_lazy("Payments"), object="payment")
def payment_happenings(actor: Actor, customer: Customer, before: datetime, limit: int) -> list[Happening]:
    if FieldClass.COMMERCIAL not in actor.classes("payment"):
        return []
    return [
        Happening(
            at=row.paid_on,
            title=_("Payment"),
            icon="credit-card",
            detail=row.method,
            amount=write("money", row.amount),
            kind="payments",
        )
        for row in queries.payments_of(actor, customer, local_date(before), limit)
    ]


@next_action("customer")
def overdue_suggestion(actor: Actor, customer: Customer, moment: datetime) -> Suggestion | None:
    """Money that is overdue comes before habits and tidying up."""
    if FieldClass.COMMERCIAL not in actor.classes("receivable"):
        return None
    owed = queries.owed_by(actor, customer, local_date(moment))
    if not owed.overdue_count:
        return None
    return Suggestion(
        rank=20,
        text=_("Speak about %(amount)s overdue") % {"amount": write("money_whole", owed.overdue)},
        icon="report-money",
        reason=_("%(count)s receivables, the oldest due on %(date)s")
        % {"count": owed.overdue_count, "date": owed.oldest},
    )
