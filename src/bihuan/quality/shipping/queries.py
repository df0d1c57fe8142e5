"""What the dialogs offer: lines of open orders, and customers who have some of a lot, as far as the actor may ship to them.

Whoever may ship to a customer has to be able to say so: the dialogs name that customer and the numbers of their open orders
also to who has no other business with customers and orders.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet, Sum

from bihuan.customers.access import customers_within
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.sales.models import Order, OrderLine

from ..models import Lot
from ..records import LOT_RESERVATION, LOT_SHIPMENT
from .reserved import holding

OFFERED = 40


def open_lines(actor: Actor, lot: Lot, text: str = "") -> QuerySet[OrderLine]:
    """Lines of the lot's product that are neither delivered nor cancelled, of orders of customers to whom the actor may ship,
    the newest first. `text`: part of the order's number, of the customer's name or of their code."""
    theirs = customers_within(actor, "lot_shipment", "create").order_by().values("pk")
    rows = OrderLine.objects.filter(
        order__kind=Order.Kind.ORDER, order__customer__in=theirs, product=lot.product_id, kind=OrderLine.Kind.SALE,
        delivered_on=None, cancelled_by=None, quantity__gt=0,
    )  # fmt: skip
    if text:
        of = "order__customer__"
        rows = rows.filter(
            Q(order__number__icontains=text)
            | Q(**{f"{of}name__icontains": text})
            | Q(**{f"{of}external_id__istartswith": text})
        )
    return rows.order_by("-ordered_on", "-order", "ordinal")


class Offered(NamedTuple):
    """Lines to choose from; `reserved`: how much of the lot a line has; `more`: whether there are further ones."""

    lines: list[OrderLine]
    reserved: dict[int, Decimal]
    more: bool


def offered(actor: Actor, lot: Lot, day: date, text: str = "", chosen: int | None = None) -> Offered:
    """At most forty lines, those first for which some of the lot is reserved; the chosen one is always among them."""
    mine = LOT_RESERVATION.visible_to(actor).filter(holding(day), lot=lot).order_by()
    reserved = {key: whole - used for key, whole, used in mine.values_list("line", "quantity", "used")}
    first = {*reserved} if not text else set()
    if chosen is not None:
        first.add(chosen)
    rows = open_lines(actor, lot).select_related("order__customer")
    found = list(rows.filter(pk__in=first)[:OFFERED]) if first else []
    rest = open_lines(actor, lot, text).select_related("order__customer").exclude(pk__in=first)
    found += rest[: OFFERED + 1 - len(found)]
    return Offered(found[:OFFERED], reserved, len(found) > OFFERED)


def lines_for(order: Order | None, line: OrderLine | None, lots: Sequence[Lot]) -> dict[int, OrderLine]:
    """Lot → the order's line under which it is shipped: `line` for lots of its product, else the line that is due first."""
    if order is None:
        return {}
    rows = OrderLine.objects.filter(order=order, kind=OrderLine.Kind.SALE, cancelled_by=None, quantity__gt=0)
    wanted = {one.product_id for one in lots}
    of: dict[int, OrderLine] = {} if line is None else {line.product_id: line}
    far = date.max
    lines = sorted(
        rows.filter(product__in=wanted),
        key=lambda one: (one.delivered_on is not None, one.promised_on or far, one.ordinal),
    )
    for one in lines:
        of.setdefault(one.product_id, one)
    return {one.pk: of[one.product_id] for one in lots if one.product_id in of}


def customer_called(actor: Actor, text: str) -> Customer | None:
    """The customer of that very name or code; None where there is none, or several."""
    rows = customers_within(actor, "lot_shipment", "create")
    found = list(rows.filter(external_id=text)[:2]) or list(rows.filter(name=text)[:2])
    return found[0] if len(found) == 1 else None


def having(actor: Actor, lot: Lot) -> list[tuple[int, str, Decimal]]:
    """Customers who have some of the lot: key, name, how much in its unit; by name."""
    rows: Any = LOT_SHIPMENT.visible_to(actor).filter(lot=lot).order_by()
    sums = rows.values_list("customer", "customer__name").annotate(had=Sum("quantity"))
    return sorted((one for one in sums if one[2] > 0), key=lambda one: one[1])
