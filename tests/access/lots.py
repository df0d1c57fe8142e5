"""Lots with a result, a reading and a shipment: one for each post as own, team's and another's, and every way to look at them."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.catalog.models import Characteristic
from bihuan.customers.models import Customer
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.references import tidy_key
from bihuan.people.models import User
from bihuan.quality.models import (
    Lot,
    LotEdge,
    LotNotice,
    LotShipment,
    Movement,
    MovementLine,
    ProcessReading,
    Specification,
    TestResult,
)
from bihuan.service.models import CaseReference

from . import world as planting
from .company import plant
from .doors import client_of, command, page, panels, panels_bare, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World


def plant_lot(world: World, filler: Filler, whose: str, customer: Customer, product: Any) -> None:
    """A lot that went to the customer of the same person, with a result, a reading and a certificate."""
    from .certificates import plant_certificate
    from .laboratory import plant_laboratory
    from .series import plant_series

    lot = make_lot(filler, product)
    characteristic = Characteristic()
    filler.fill(characteristic, {}).save()
    test = TestResult()
    given = {"lot": lot, "characteristic": characteristic, "invalid_at": None, "retest_of": None}
    filler.fill(test, {**given, "value": 5.0, "unit": characteristic.unit}).save()
    reading = ProcessReading()
    filler.fill(reading, {"lot": lot}).save()
    world.rows["lot", whose] = lot
    world.rows["lot_test", whose] = test
    plant_laboratory(world, filler, whose)
    world.rows["lot_reading", whose] = reading
    sent = world.rows["lot_shipment", whose] = send(world, filler, lot, whose)
    limits = Specification()
    another = Characteristic()
    filler.fill(another, {}).save()
    own = {"product": product, "characteristic": another, "customer": customer}
    filler.fill(limits, {**own, "valid_from": date(1990, 1, 1), "valid_to": None}).save()
    key = tidy_key(f"{product.code}/{lot.number}")
    CaseReference.objects.create(case=world.rows["case", whose], kind="lot", key=key, label=filler.word())
    number = tidy_key(sent.movement.number)
    CaseReference.objects.create(
        case=world.rows["case", whose], kind="shipment", key=number, label=filler.word()
    )
    plant(world, "lot", "product.code", FieldClass.PUBLIC, product.code, lot.pk, whose)
    plant_certificate(world, filler, whose)
    plant_series(world, filler, whose)


def plant_ways(world: World, filler: Filler, product: Any) -> None:
    """One lot is in all of them and went to nobody; one was made of all of them, which the stranger's customer has.

    That customer has a part of each lot itself, too.
    """
    from .certificates import plant_strangers
    from .exchange import plant_events
    from .shipping import plant_open_orders

    origin, mixed = make_lot(filler, product), make_lot(filler, product)
    movement = post(filler)
    for (name, whose), lot in list(world.rows.items()):
        if name != "lot":
            continue
        made = post(filler, Movement.Kind.PRODUCE)
        MovementLine.objects.create(movement=made, lot=origin, is_output=False)
        MovementLine.objects.create(movement=made, lot=lot, is_output=True)
        plant_events(world, filler, whose, lot, origin)
        if whose != "other":
            send(world, filler, lot, "other", "way")
        for source, target, reached in ((origin, lot, ""), (lot, mixed, "other")):
            edge = LotEdge()
            filler.fill(edge, {"source": source, "target": target, "movement": movement, "heel": None}).save()
            plant(world, "lot", "edge", FieldClass.PUBLIC, str(int(edge.quantity or 0)), lot.pk, reached)
    send(world, filler, mixed, "other")
    plant_lot_notices(world)
    plant_open_orders(world, filler)
    plant_strangers(world, filler)
    for lot, reached in ((origin, ""), (mixed, "other")):
        for name in ("number", "quantity", "unit"):
            value = getattr(lot, name)
            text = value if isinstance(value, str) else str(int(value))
            plant(world, "lot", f"far.{name}", FieldClass.PUBLIC, text, lot.pk, reached)


def plant_lot_notices(world: World) -> None:
    """Each is told of a lot of the stranger's that did not leave for a customer of theirs, and of one of theirs that did not
    leave for the stranger's customer, whom they may have handed over since."""
    for whose, person in world.people.items():
        if ("customer", whose) not in world.rows:
            continue
        for lot, customer in (("other", whose), (whose, "other")):
            LotNotice.objects.create(
                lot=world.rows["lot", lot], customer=world.rows["customer", customer], recipient=person, order=None,
                document=f"{lot}{customer}", at=planting.NOON,
            )  # fmt: skip


def make_lot(filler: Filler, product: Any) -> Lot:
    lot = Lot()
    filler.fill(lot, {"product": product}).save()
    return lot


def post(filler: Filler, kind: str = Movement.Kind.RECEIVE) -> Movement:
    movement = Movement()
    filler.fill(movement, {"reverses": None, "kind": kind}).save()
    return movement


def send(world: World, filler: Filler, lot: Lot, whose: str, arrival: str = "arrived") -> LotShipment:
    """A shipment of the lot to that person's customer; what it says of the customer, of the order and of itself is planted."""
    customer = world.rows["customer", whose]
    row = LotShipment()
    order = world.rows["order", whose]
    given = {"lot": lot, "movement": post(filler, Movement.Kind.SHIP), "customer": customer, "order": order}
    filler.fill(row, {**given, "arrival": arrival}).save()
    if arrival == "arrived":
        plant(world, "lot_shipment", "received_by", FieldClass.CONTACT, row.received_by, row.pk, whose)
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
    from .certificates import certificate_doors
    from .charts import chart_doors
    from .exchange import exchange_doors
    from .laboratory import laboratory_doors
    from .recalls import recall_doors
    from .series import series_doors
    from .shipping import shipping_doors

    by_number = command("trace", key="number")
    as_json = command("trace", "--json", "--tests", key="number")
    return [
        *recall_doors(world),
        *laboratory_doors(world),
        *exchange_doors(world),
        *series_doors(world),
        *shipping_doors(),
        *chart_doors(),
        Door("page lot", "page", "lot", page("lot"), promises=frozenset({"number", "product.code", "quantity"})),
        Door("page lot, results", "page", "lot_test", of_its_lot(page("lot")), promises=frozenset({"said", "unit"})),
        Door("page lot, another's limits", "page", "customer", with_limits("other")),
        Door("page lot, own limits", "page", "customer", with_limits("")),
        Door("page lot, readings", "page", "lot_reading", of_its_lot(page("lot")),
             promises=frozenset({"step", "parameter", "said", "unit"})),
        Door("page lot, shipments", "page", "lot_shipment", of_its_lot(page("lot")),
             promises=frozenset({"customer", "order", "quantity"})),
        Door("page lot, cases", "page", "case", of_its_case(page("lot"))),
        Door("page lot trace", "page", "lot", page("lot_trace", query="?depth=all&rows=all"), promises=frozenset({"number"})),
        Door("page lot trace, down", "page", "lot", page("lot_trace", query="?way=down")),
        Door("page lot decision", "page", "lot", decision, action="edit"),
        Door("panels lot", "panel", "lot", panels("lot")),
        Door("panels lot, bare", "panel", "lot", panels_bare("lot")),
        Door("panels case, lots", "panel", "case", panels("case")),
        Door("panels investigation, lots", "panel", "investigation", panels("investigation")),
        Door("panels investigation, lots, bare", "panel", "investigation", panels_bare("investigation")),
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
        *certificate_doors(world),
    ]  # fmt: skip


def of_its_lot(ask: Any) -> Any:
    def of(user: User, row: Any) -> str:
        return str(ask(user, row.lot))

    return of


def of_its_case(ask: Any) -> Any:
    """The page of the lot that the case names."""

    def of(user: User, row: Any) -> str:
        key = CaseReference.objects.get(case=row, kind="lot", key__contains="/").key
        return str(ask(user, Lot.objects.get(number__iexact=key.partition("/")[2])))

    return of


def with_limits(whose: str) -> Any:
    """The lot that the customer has, held to its own limits, or to those of the stranger's customer."""

    def of(user: User, row: Any) -> str:
        customer = Specification.objects.latest("pk").customer_id if whose else row.pk
        lot = LotShipment.objects.filter(customer=row).earliest("pk").lot_id
        return read(client_of(user).get(reverse("lot", args=[lot]), {"customer": str(customer)}))

    return of


def decision(user: User, row: Any) -> str:
    return read(client_of(user).get(reverse("lot_decide", args=[row.pk, "hold"])))


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
# As in `removing`: (file, function, guard) → why the matrix stays green without it. Each of this room's is missed.
TRACED = "the trace that is drawn asks for the lot again"
A_BUTTON = "decides whether a button is drawn; the change asks again"
EACH_OTHER = "lots of shipments and the lots themselves are asked for apart; either keeps it back"
FEW_LOTS = "fewer than ten good lots are planted, of which nothing is said; its room's tests ask"
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    ("quality/causing.py", "_own_values", "visible_to"): FEW_LOTS,
    ("quality/causing.py", "causes_of", "may_read"): FEW_LOTS,
    ("quality/causing.py", "causes_of", "visible_to"): FEW_LOTS,
    ("quality/causing.py", "good_lots", "visible_to"): FEW_LOTS,
    ("quality/lots/brief.py", "briefs", "visible_to"): "counts other customers, whom no page names",
    (
        "quality/lots/lists.py",
        "_products",
        "visible_to",
    ): "the filter is there only for whoever sees products as far as lots",
    ("quality/lots/queries.py", "may_decide", "scope"): A_BUTTON,
    ("quality/lots/queries.py", "may_decide", "visible_to"): A_BUTTON,
    ("quality/lots/references.py", "_shipments", "visible_to"): EACH_OTHER,
    (
        "service/lots/queries.py",
        "cases_about",
        "may_read",
    ): "no objection planted names a lot that is; the cases found are asked for again",
    (
        "service/lots/queries.py",
        "cases_about",
        "visible_to",
    ): "of its two the objection's: none planted names a lot that is; the case's is missed",
    ("service/lots/queries.py", "lots_of_investigation", "visible_to"): "the lots are asked for again",
    ("quality/lots/references.py", "lots_in_shipments", "visible_to"): EACH_OTHER,
}
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE: dict[tuple[str, str, str], str] = {
    ("quality/deciding.py", "_locked", "visible_to"): A_WRITE,
    ("quality/deciding.py", "enter_result", "visible_to"): A_WRITE,
    ("quality/deciding.py", "invalidate", "visible_to"): A_WRITE,
    ("quality/moving.py", "ship", "customers_within"): A_WRITE,
    (
        "quality/lots/references.py",
        "lots_meant",
        "visible_to",
    ): "picks among lots under one number, which are seen already",
    (
        "service/lots/queries.py",
        "named_by",
        "may_read",
    ): "of objections, whose lot leads to a page that asks again",
    (
        "service/lots/queries.py",
        "named_by",
        "visible_to",
    ): "of objections, whose lot leads to a page that asks again",
}
