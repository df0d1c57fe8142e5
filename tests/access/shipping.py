"""Shipping and returns: each person's order is open for the product of the lots, so that dialogs have something to offer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bihuan.people.models import User
from bihuan.sales.models import Order, OrderLine

from . import world as planting
from .doors import page
from .lots import of_its_lot
from .matrix import Door

if TYPE_CHECKING:
    from .world import World


def plant_open_orders(world: World) -> None:
    for (name, _whose), row in list(world.rows.items()):
        if name == "order":
            Order.objects.filter(pk=row.pk).update(kind=Order.Kind.ORDER)
            OrderLine.objects.create(
                order=row, ordinal=901, customer=row.customer, ordered_on=planting.NOON.date(), product=world.rows["product", "any"],
                quantity=1, price=0, amount=0,
            )  # fmt: skip


def shipping_doors() -> list[Door]:
    return [
        Door("page lot shipping", "page", "lot", page("lot_ship"), action="create"),
        Door("page lot shipping, orders", "page", "order", to_ship),
        Door("page lot return", "page", "lot_shipment", of_its_lot(page("lot_return")), action="create",
             promises=frozenset({"customer"})),
    ]  # fmt: skip


def to_ship(user: User, row: Order) -> str:
    """The order is offered for a lot that went to the same customer."""
    sent = row.lot_shipments.order_by("pk").first()
    return "" if sent is None else page("lot_ship")(user, sent.lot)


A_WRITE = "guards a change, which shows nothing; its room's tests try it as somebody who sees less"
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    (
        "quality/shipping/queries.py",
        "open_orders",
        "visible_to",
    ): "numbers of orders stand in the entries of recalls as well, which whoever ships sees",
}
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("quality/shipping/dispatching.py", "dispatch", "visible_to"): A_WRITE,
    ("quality/shipping/returning.py", "take_back", "visible_to"): A_WRITE,
    ("quality/shipping/queries.py", "customer_called", "visible_to"): A_WRITE,
}
