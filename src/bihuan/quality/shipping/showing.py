"""What the cards of lots and orders show of reservations and shipments, in a fixed number of queries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from bihuan.kernel.actor import Actor
from bihuan.sales.models import Order

from ..models import Lot, LotReservation, LotShipment, Movement
from ..records import LOT, LOT_RESERVATION, LOT_SHIPMENT
from .arriving import OPEN
from .reserved import held_for, holding, kept
from .reserving import BLOCKED

SHOWN = 20
A = LotShipment.Arrival


@dataclass(slots=True)
class Stock:
    """`kept`: all that is reserved of the lot; `elsewhere`: whether some of it is for customers whom the actor does not see. `free` may be below
    zero, where stock was used or lost since; None where amounts were never told. `more`: further shipments are not listed."""

    reservations: list[LotReservation]
    shipments: list[LotShipment]
    kept: Decimal
    elsewhere: bool
    free: Decimal | None
    is_blocked: bool
    more: bool
    may_ship: bool
    sees_customers: bool
    sees_orders: bool
    sees_whom: bool


def lot_stock(actor: Actor, lot: Lot, day: date) -> Stock:
    rows = LOT_RESERVATION.visible_to(actor).filter(holding(day), lot=lot)
    reservations = list(rows.select_related("customer", "order", "line").order_by("pk"))
    whole = kept(held_for(lot.pk, day))
    mine = sum((one.left for one in reservations), Decimal(0))
    shipments = _shipments(actor).filter(lot=lot).select_related("customer", "order", "movement", "line")
    shown = list(shipments[: SHOWN + 1])
    return Stock(
        reservations=reservations,
        shipments=shown[:SHOWN],
        kept=whole,
        elsewhere=whole != mine,
        free=None if lot.quantity is None else lot.quantity - whole,
        is_blocked=lot.disposition in BLOCKED,
        more=len(shown) > SHOWN,
        may_ship=actor.may("lot_shipment", "create"),
        sees_customers=actor.may("customer"),
        sees_orders=actor.may("order"),
        sees_whom=LOT_SHIPMENT.may_read(actor, "received_by"),
    )


def _shipments(actor: Actor) -> QuerySet[Any]:
    """Those that stand: what is on the way first, the newest first."""
    turn = Case(When(arrival__in=OPEN, then=Value(0)), default=Value(1))
    rows = LOT_SHIPMENT.visible_to(actor).filter(quantity__gt=0, movement__kind=Movement.Kind.SHIP)
    return rows.exclude(arrival=A.REVERSED).order_by(turn, "-shipped_at", "-pk")


@dataclass(slots=True)
class OrderLots:
    reservations: list[LotReservation]
    shipments: list[LotShipment]
    more: bool
    may_ship: bool
    sees_whom: bool


def order_lots(actor: Actor, order: Order, day: date) -> OrderLots:
    """Lots that are reserved or were shipped for an order that the actor sees; lots that they do not see have no name (`sees_lot`)."""
    seen = Exists(LOT.visible_to(actor).filter(pk=OuterRef("lot")))
    rows = LOT_RESERVATION.visible_to(actor).filter(holding(day), order=order)
    reservations = (
        rows.annotate(sees_lot=seen).select_related("lot__product", "line").order_by("line__ordinal", "pk")
    )
    shipments = _shipments(actor).filter(order=order).annotate(sees_lot=seen)
    shown = list(shipments.select_related("lot__product", "line", "movement")[: SHOWN + 1])
    return OrderLots(
        list(reservations[:SHOWN]), shown[:SHOWN], len(shown) > SHOWN, actor.may("lot_shipment", "create"),
        LOT_SHIPMENT.may_read(actor, "received_by"),
    )  # fmt: skip
