"""Reservations and shipments on shared pages: what of a lot is kept and on the way, which lots an order has; on Today what runs out."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import panel, today_section
from bihuan.kernel.time import local_date, now
from bihuan.sales.models import Order

from ..models import Lot
from . import showing
from .today import my_reservations


@panel(
    "lot",
    title=pgettext_lazy("quality", "Reserved and shipped"),
    template="quality/shipping/lot_panel.html",
    name="stock",
    object="lot_shipment",
    icon="truck-delivery",
    order=3,
    place="middle",
)
def lot_stock(actor: Actor, lot: Lot, request: HttpRequest) -> dict[str, Any] | None:
    found = showing.lot_stock(actor, lot, local_date(now()))
    return {"found": found} if found.reservations or found.kept or found.shipments else None


@panel(
    "order",
    title=pgettext_lazy("quality", "Lots for this order"),
    template="quality/shipping/order_panel.html",
    name="lots",
    object="lot_shipment",
    icon="stack-2",
    order=20,
)
def order_lots(actor: Actor, order: Order, request: HttpRequest) -> dict[str, Any] | None:
    found = showing.order_lots(actor, order, local_date(now()))
    return {"found": found} if found.reservations or found.shipments else None


@today_section(
    title=pgettext_lazy("quality", "Reservations that run out soon"),
    template="quality/shipping/today.html",
    name="reservations",
    object="lot_shipment",
    icon="clock",
    order=13,
)
def reservations_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows, is_more = my_reservations(actor, local_date(moment))
    return {"rows": rows, "is_more": is_more, "sees_customers": actor.may("customer")} if rows else None
