"""What the dialogs offer: open orders of a lot's product, and customers who have some of a lot, as far as the actor sees them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet, Sum

from bihuan.customers.models import Customer
from bihuan.customers.records import CUSTOMER
from bihuan.kernel.actor import Actor
from bihuan.sales.models import Order, OrderLine
from bihuan.sales.records import ORDER

from ..models import Lot
from ..records import LOT_SHIPMENT


def open_orders(actor: Actor, lot: Lot) -> QuerySet[Any]:
    """Orders with a line of the product that is neither delivered nor cancelled, of customers whom the actor sees."""
    lines = OrderLine.objects.filter(
        order=OuterRef("pk"), product=lot.product_id, kind=OrderLine.Kind.SALE, delivered_on=None, cancelled_by=None,
        quantity__gt=0,
    )  # fmt: skip
    rows = ORDER.visible_to(actor).filter(Exists(lines), kind=Order.Kind.ORDER)
    rows = rows.filter(customer__in=CUSTOMER.visible_to(actor).order_by().values("pk"))
    return rows.select_related("customer").order_by("-ordered_on", "-pk")


def customer_called(actor: Actor, text: str) -> Customer | None:
    """The customer of that very name or code; None where there is none, or several."""
    rows = CUSTOMER.visible_to(actor)
    found = list(rows.filter(external_id=text)[:2]) or list(rows.filter(name=text)[:2])
    return found[0] if len(found) == 1 else None


def having(actor: Actor, lot: Lot) -> list[tuple[int, str, Decimal]]:
    """Customers who have some of the lot: key, name, how much in its unit; by name."""
    rows = LOT_SHIPMENT.visible_to(actor).filter(lot=lot).order_by()
    sums = rows.values_list("customer", "customer__name").annotate(had=Sum("quantity"))
    return sorted((one for one in sums if one[2] > 0), key=lambda one: one[1])
