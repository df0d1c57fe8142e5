"""Lots with a result, a reading and a shipment: one for each post as own, team's and another's, and every way to look at them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from bihuan.catalog.models import Characteristic
from bihuan.customers.models import Customer
from bihuan.kernel.actor import FieldClass
from bihuan.people.models import User
from bihuan.quality.models import (
    EpcisEvent,
    EpcisLink,
    Lot,
    LotEdge,
    LotShipment,
    Movement,
    MovementLine,
    ProcessReading,
    TestResult,
)

from .company import plant
from .doors import command
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World


def plant_lot(world: World, filler: Filler, whose: str, customer: Customer, product: Any) -> None:
    """A lot that went to the customer of the same person, with a result and a reading."""
    lot = make_lot(filler, product)
    characteristic = Characteristic()
    filler.fill(characteristic, {}).save()
    test = TestResult()
    given = {"lot": lot, "characteristic": characteristic, "invalid_at": None, "retest_of": None}
    filler.fill(test, given).save()
    reading = ProcessReading()
    filler.fill(reading, {"lot": lot}).save()
    world.rows["lot", whose] = lot
    world.rows["lot_test", whose] = test
    world.rows["lot_reading", whose] = reading
    world.rows["lot_shipment", whose] = send(world, filler, lot, whose)
    plant(world, "lot", "product.code", FieldClass.PUBLIC, product.code, lot.pk, whose)


def plant_ways(world: World, filler: Filler, product: Any) -> None:
    """One lot is in all of them and went to nobody; one was made of all of them, which the stranger's customer has.

    That customer has a part of each lot itself, too.
    """
    origin, mixed = make_lot(filler, product), make_lot(filler, product)
    movement = post(filler)
    for (name, whose), lot in list(world.rows.items()):
        if name != "lot":
            continue
        made = post(filler, Movement.Kind.PRODUCE)
        MovementLine.objects.create(movement=made, lot=origin, is_output=False)
        MovementLine.objects.create(movement=made, lot=lot, is_output=True)
        for named, reached in (((lot,), whose), ((lot, origin), "")):
            text = capture(filler, *named)
            plant(world, "lot", f"told.{len(named)}", FieldClass.TECHNICAL, text, lot.pk, reached)
        if whose != "other":
            send(world, filler, lot, "other")
        for source, target, reached in ((origin, lot, ""), (lot, mixed, "other")):
            edge = LotEdge()
            filler.fill(edge, {"source": source, "target": target, "movement": movement, "heel": None}).save()
            plant(world, "lot", "edge", FieldClass.PUBLIC, str(int(edge.quantity or 0)), lot.pk, reached)
    send(world, filler, mixed, "other")
    for lot, reached in ((origin, ""), (mixed, "other")):
        for name in ("number", "quantity", "unit"):
            value = getattr(lot, name)
            text = value if isinstance(value, str) else str(int(value))
            plant(world, "lot", f"far.{name}", FieldClass.PUBLIC, text, lot.pk, reached)


def make_lot(filler: Filler, product: Any) -> Lot:
    lot = Lot()
    filler.fill(lot, {"product": product}).save()
    return lot


def post(filler: Filler, kind: str = Movement.Kind.RECEIVE) -> Movement:
    movement = Movement()
    filler.fill(movement, {"reverses": None, "kind": kind}).save()
    return movement


def capture(filler: Filler, *lots: Lot) -> str:
    """An event of another company that names these lots; what it says of its own."""
    event = EpcisEvent()
    text = filler.word()
    filler.fill(event, {"body": json.dumps({"type": "ObjectEvent", "own:said": text})}).save()
    for lot in lots:
        EpcisLink.objects.create(event=event, lot=lot, role="object", uri=f"urn:bihuan:lot:zq:{lot.number}")
    return text


def send(world: World, filler: Filler, lot: Lot, whose: str) -> LotShipment:
    """A shipment of the lot to that person's customer; what it says of the customer, of the order and of itself is planted."""
    customer = world.rows["customer", whose]
    row = LotShipment()
    order = world.rows["order", whose]
    given = {"lot": lot, "movement": post(filler, Movement.Kind.SHIP), "customer": customer, "order": order}
    filler.fill(row, given).save()
    MovementLine.objects.create(movement=row.movement, lot=lot, is_output=False, quantity=-row.quantity)
    said = {
        "customer.code": customer.external_id,
        "customer.name": customer.name,
        "order.number": order.number,
        "sent.quantity": str(int(row.quantity)),
        "sent.unit": row.unit,
        "sent.at": row.shipped_at.date().isoformat(),
    }
    for name, text in said.items():
        plant(world, "lot_shipment", name, FieldClass.PUBLIC, text, row.pk, whose)
    return row


def lot_doors(world: World) -> list[Door]:
    by_number = command("trace", key="number")
    told = command("epcis", "export", "--lot", key="number")
    as_json = command("trace", "--json", "--tests", key="number")
    return [
        Door("cli epcis export", "cli", "lot", told, promises=frozenset({"number", "product.code"})),
        Door("cli epcis export, shipments", "cli", "lot_shipment", of_its_lot(told)),
        Door("cli trace", "cli", "lot", as_json, promises=frozenset({"number", "product.code", "quantity", "unit"})),
        Door("cli trace up", "cli", "lot", command("trace", "--json", "--up", key="number")),
        Door("cli trace down", "cli", "lot", command("trace", "--json", "--down", key="number")),
        Door("cli trace, plain", "cli", "lot", by_number, promises=frozenset({"number"})),
        Door("cli trace, shipments", "cli", "lot_shipment", of_its_lot(as_json),
             promises=frozenset({"lot", "customer", "order", "quantity", "unit", "shipped_at", "customer.code"})),
        Door("cli trace, results", "cli", "lot_test", of_its_lot(as_json),
             promises=frozenset({"said", "unit", "method", "sample"})),
        Door("cli trace, results, plain", "cli", "lot_test", of_its_lot(command("trace", "--tests", key="number")),
             promises=frozenset({"said", "unit"})),
    ]  # fmt: skip


def of_its_lot(ask: Any) -> Any:
    def of(user: User, row: Any) -> str:
        return str(ask(user, row.lot))

    return of


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
# As in `removing`: (file, function, guard) → why the matrix stays green without it. Each of this room's is missed.
SECOND_WALLS: dict[tuple[str, str, str], str] = {}
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("quality/deciding.py", "_locked", "visible_to"): A_WRITE,
    ("quality/deciding.py", "enter_result", "visible_to"): A_WRITE,
    ("quality/deciding.py", "invalidate", "visible_to"): A_WRITE,
    ("quality/moving.py", "ship", "visible_to"): A_WRITE,
}
