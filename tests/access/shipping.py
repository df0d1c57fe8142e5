"""Shipping, reservations and returns: each person's order is open for the product of the lots, so that dialogs have something to
offer, and has some of their lot reserved, of which the stranger's order has some, too.
Some of the stranger's lot is kept for it until the next day."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.people.models import User
from bihuan.quality.models import LotReservation, LotShipment
from bihuan.sales.models import Order, OrderLine

from . import world as planting
from .company import plant
from .doors import client_of, page, panels, panels_bare, read
from .lots import of_its_lot
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World


def plant_open_orders(world: World, filler: Filler) -> None:
    lines = {}
    for (name, whose), row in list(world.rows.items()):
        if name == "order":
            Order.objects.filter(pk=row.pk).update(kind=Order.Kind.ORDER)
            lines[whose] = OrderLine.objects.create(
                order=row, ordinal=901, customer=row.customer, ordered_on=planting.NOON.date(), product=world.rows["product", "any"],
                quantity=1, price=0, amount=0,
            )  # fmt: skip
    for whose in lines:
        made = reserve(world, filler, whose, lines[whose], filler.number() * 7919 + 8_100_003)
        sent = world.rows["lot_shipment", whose]
        plant(
            world, "lot_shipment", "reserved.quantity", FieldClass.PUBLIC, str(made.quantity), sent.pk, whose
        )
        # One more, so that what is kept in all is no single reservation's amount.
        reserve(world, filler, whose, lines["team" if whose == "other" else "other"], 1)
        if whose in world.people:
            # Of the stranger's lot for their own customer: it runs out soon, which Today tells them.
            reserve(world, filler, "other", lines[whose], 1, until=planting.NOON.date() + timedelta(days=1))


def reserve(
    world: World, filler: Filler, whose: str, line: OrderLine, amount: int, until: date | None = None
) -> LotReservation:
    """Some of that person's lot for the line."""
    row = LotReservation()
    given = {"lot": world.rows["lot", whose], "line": line, "order": line.order, "customer": line.order.customer,
             "quantity": amount, "used": 0, "until": until, "ended_at": None, "ended_how": ""}  # fmt: skip
    filler.fill(row, given).save()
    return row


def shipping_doors() -> list[Door]:
    return [
        Door("page lot shipping", "page", "lot", page("lot_ship")),
        Door("page lot shipping, orders", "page", "order", to_ship),
        Door("page lot reserving", "page", "lot", page("lot_reserve")),
        # It asks lot.create as well, which not everybody has who may ship: nothing is promised.
        Door("page lot return", "page", "lot_shipment", of_its_lot(page("lot_return")), action="create"),
        Door("page arrival", "page", "lot_shipment", page("shipment_arrived"), action="create"),
        Door("page arrival taken back", "page", "lot_shipment", page("shipment_not_arrived"), action="create"),
        Door("page release of a reservation", "page", "lot_shipment", to_release, action="create"),
        Door("panels lot, reservations", "panel", "lot_shipment", of_its_lot(panels("lot")),
             promises=frozenset({"reserved.quantity", "received_by"})),
        Door("panels order", "panel", "order", panels("order")),
        Door("panels order, bare", "panel", "order", panels_bare("order")),
        Door("panels order, lots", "panel", "lot_shipment", of_its_order(panels("order"))),
    ]  # fmt: skip


def to_release(user: User, row: LotShipment) -> str:
    """A reservation for the same customer."""
    kept = LotReservation.objects.filter(customer=row.customer_id).earliest("pk")
    return read(client_of(user).get(reverse("reservation_release", args=[kept.pk])))


def of_its_order(ask: Any) -> Any:
    def of(user: User, row: Any) -> str:
        return str(ask(user, row.order))

    return of


def to_ship(user: User, row: Order) -> str:
    """The order is offered for a lot that went to the same customer."""
    sent = row.lot_shipments.order_by("pk").first()
    return "" if sent is None else page("lot_ship")(user, sent.lot)


A_WRITE = "guards a change, which shows nothing; its room's tests try it as somebody who sees less"
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    (
        "quality/shipping/today.py",
        "my_reservations",
        "visible_to",
    ): "of one's own customers or made by oneself, which the line says without lot and order",
    (
        "quality/shipping/queries.py",
        "open_lines",
        "customers_within",
    ): "names of customers and numbers of orders stand in the entries of recalls as well, which whoever ships sees",
    (
        "quality/shipping/queries.py",
        "offered",
        "visible_to",
    ): "amounts of lines that are not offered are not shown",
    ("quality/shipping/views.py", "_back", "visible_to"): "where a change leads, which asks again",
    (
        "quality/shipping/views.py",
        "reservation_release",
        "visible_to",
    ): "shows an order's number, which stands in entries of recalls as well; the change asks again",
}
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("quality/shipping/dispatching.py", "dispatch", "visible_to"): A_WRITE,
    ("quality/shipping/returning.py", "take_back", "visible_to"): A_WRITE,
    ("quality/shipping/queries.py", "customer_called", "customers_within"): A_WRITE,
    ("quality/shipping/reserving.py", "reserve", "visible_to"): A_WRITE,
    ("quality/shipping/reserving.py", "release", "visible_to"): A_WRITE,
    ("quality/shipping/arriving.py", "_locked", "visible_to"): A_WRITE,
    (
        "quality/shipping/reserved.py",
        "_named",
        "visible_to",
    ): "names orders in the refusal of a change; its room's tests ask",
}
