"""Which reservations run out soon, for who owns them: whose customer it is, or who made it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import Exists, OuterRef, Q

from bihuan.kernel.actor import Actor
from bihuan.sales.models import Order
from bihuan.sales.records import ORDER

from ..models import LotReservation
from ..records import LOT, LOT_RESERVATION
from .reserved import holding

SOON = timedelta(days=3)
MOST = 12


@dataclass(frozen=True, slots=True)
class Ending:
    """A reservation and how many `days` it has left, 0 on its last one; whether the reader sees its lot and its order."""

    row: LotReservation
    days: int
    sees_lot: bool
    sees_order: bool


def my_reservations(actor: Actor, day: date) -> tuple[list[Ending], bool]:
    """Those that hold on a day and end by themselves within three days after it, the first to end in front, at most twelve; whether
    there is more. One query.

    Lines that were delivered or cancelled are left out: the night ends what was kept for them, and nobody misses it.
    """
    if actor.user_id is None:
        return [], False
    mine = Q(customer__owner_a=actor.user_id) | Q(customer__owner_b=actor.user_id) | Q(actor=actor.key)
    rows: Any = LOT_RESERVATION.visible_to(actor).filter(
        holding(day), mine, until__lte=day + SOON, line__delivered_on=None, line__cancelled_by=None
    )
    rows = _with_what_is_seen(actor, rows)
    rows = rows.select_related("lot__product", "customer", "order").order_by("until", "pk")
    found = [Ending(one, (one.until - day).days, one.sees_lot, one.sees_order) for one in rows[: MOST + 1]]
    return found[:MOST], len(found) > MOST


def _with_what_is_seen(actor: Actor, rows: Any) -> Any:
    lots, orders = LOT.visible_to(actor), ORDER.visible_to(actor, rows=Order.objects.all())
    return rows.annotate(
        sees_lot=Exists(lots.filter(pk=OuterRef("lot"))),
        sees_order=Exists(orders.filter(pk=OuterRef("order"))),
    )
