"""Events of other companies kept and joined, and our history told to them."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bihuan.catalog.models import Product
from bihuan.config.cli import main
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, Actor, FieldClass, Grant, Scope
from bihuan.people.models import User
from bihuan.quality.deciding import decide
from bihuan.quality.epcis import check
from bihuan.quality.exchange.capturing import Captured, capture
from bihuan.quality.exchange.classes import lot_uri, product_uri, read_class
from bihuan.quality.exchange.exporting import export_lot
from bihuan.quality.models import EpcisEvent, EpcisLink, Lot, LotEdge, Movement, UnitWeight
from bihuan.quality.moving import fill_tank, reverse, ship
from bihuan.quality.postings import Take
from bihuan.quality.tracing import trace

from .epcis_samples import EVENTS, document
from .plants import NOON, lot, move, product, receive

pytestmark = pytest.mark.django_db
CHANGED = "changed_event"
RAW, MADE = "4012345111118", "4012345222227"
Json = dict[str, Any]


def lgtin(gtin: str, number: str) -> str:
    return f"https://id.gs1.org/01/0{gtin}/10/{number}"


def of(gtin: str, number: str, amount: float | None = None, unit: str = "KGM") -> Json:
    told = {"quantity": amount, "uom": unit} if amount is not None else {}
    return {"epcClass": lgtin(gtin, number)} | told


def transformation(ins: list[Json], outs: list[Json], **more: Any) -> Json:
    return {
        "type": "TransformationEvent", "eventTime": "2026-03-01T08:00:00Z", "eventTimeZoneOffset": "+08:00",
        "inputQuantityList": ins, "outputQuantityList": outs,
    } | more  # fmt: skip


def seen(what: Json, **more: Any) -> Json:
    return {
        "type": "ObjectEvent", "eventTime": "2026-02-01T08:00:00Z", "eventTimeZoneOffset": "+08:00", "action": "ADD",
        "quantityList": [what],
    } | more  # fmt: skip


def take(*events: Json, **more: Any) -> Captured:
    known = more.pop("products", {"R": RAW, "M": MADE})
    products = {str(product_uri(gtin)): product(code) for code, gtin in known.items()}
    found = capture(
        actor=SYSTEM, data=json.dumps(document(*events)).encode(), products=products, now=NOON, **more
    )
    assert not found.faults, [str(one) for one in found.faults]
    return found


def test_a_suppliers_history_joins_what_was_received_here() -> None:
    receive("M", "m1", 300)
    receive("W", "w1", 100)
    move("produce", {("M", "m1"): 100, ("W", "w1"): 100}, {("H", "h1"): 200})
    found = take(
        seen(of(RAW, "r1", 1000)),
        transformation([of(RAW, "r1", 4), of(RAW, "r2", 1, "TNE")], [of(MADE, "m1", 1004)]),
    )
    assert (found.stored, found.lots, found.postings, found.left) == (2, 2, 1, [])
    assert (
        lot("M", "m1").quantity == 200 and lot("M", "m1").inflow == 1004
    )  # what lies here is as counted here
    assert lot("R", "r1").quantity is None
    up = {one.number: one.share for one in trace(SYSTEM, lot("H", "h1"), down=False).nodes.values()}
    assert up["m1"] == pytest.approx(0.5) and up["r1"] == pytest.approx(0.5 * 4 / 1004)
    # a later receipt is more of the same, not something else that went into it
    receive("M", "m1", 700)
    assert lot("M", "m1").quantity == 900 and lot("M", "m1").inflow == 1004
    reverse(actor=SYSTEM, movement=Movement.objects.latest("pk"), reason="x", now=NOON)
    assert lot("M", "m1").quantity == 200 and lot("M", "m1").inflow == 1004


def test_an_event_that_names_a_lot_that_one_does_not_see_is_not_told() -> None:
    take(transformation([of(RAW, "r1", 10)], [of(MADE, "m1", 10)]))
    receive("M", "m1", 10)
    owner = User.objects.create(username="x")
    customer = Customer.objects.create(name="演示", owner_a=owner, created_at=NOON, updated_at=NOON)
    decide(actor=SYSTEM, lot=lot("M", "m1"), to="released", reason="好", now=NOON)
    ship(actor=SYSTEM, number="S1", at=NOON, takes=[Take(lot("M", "m1"), Decimal(1))], customer=customer, now=NOON)  # fmt: skip
    whole = frozenset({FieldClass.PUBLIC, FieldClass.TECHNICAL})
    for scope, told in ((Scope.ALL, True), (Scope.OWN, False)):
        grants = {("lot", "view"): Grant(scope, whole)}
        actor = Actor(kind="staff", name="x", user_id=owner.pk, grants=grants)
        assert ("r1" in export_lot(actor, lot("M", "m1"), NOON).decode()) is told


def test_the_same_event_twice_is_one_and_a_changed_one_is_refused() -> None:
    event = seen(of(RAW, "r1", 10), eventID="urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8")
    assert take(event).stored == 1
    again = take(event, event | {"eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a9"})
    assert (again.stored, again.lots, EpcisEvent.objects.count()) == (0, 0, 1)
    changed = document(seen(of(RAW, "r9")), event | {"eventTime": "2026-02-02T08:00:00Z"})
    found = capture(actor=SYSTEM, data=json.dumps(changed).encode(), now=NOON)
    assert [(one.where, one.code) for one in found.faults] == [("$.epcisBody.eventList[1].eventID", CHANGED)]
    assert EpcisEvent.objects.count() == 1  # the other event of that document is not kept either


def test_what_was_declared_wrong_is_taken_back_and_stays_so() -> None:
    event = transformation([of(RAW, "r1", 10)], [of(MADE, "m1", 10)])
    declared = event | {
        "errorDeclaration": {"declarationTime": "2026-03-02T00:00:00Z", "reason": "did_not_occur"}
    }
    assert take(event).postings == 1
    found = take(declared)
    assert (found.stored, found.declared, found.postings) == (1, 1, 0)
    assert not LotEdge.objects.exists() and lot("M", "m1").inflow == 0
    assert take(event, declared).stored == 0 and not LotEdge.objects.exists()
    take(
        transformation(
            [of(RAW, "r2", 10)], [of(MADE, "m2", 10)], errorDeclaration=declared["errorDeclaration"]
        )
    )
    assert not Lot.objects.filter(number="m2").exists()


def test_what_cannot_be_joined_is_kept_said_and_joined_once_it_is_known() -> None:
    event = transformation([of(RAW, "r1", 10)], [of(MADE, "m1", 10)])
    serial = seen({"epcClass": "urn:epc:idpat:sgtin:4012345.066666.*", "quantity": 3})
    found = take(event, serial, products={"R": RAW})
    assert found.stored == 2 and not found.postings
    assert [path for path, _why in found.left] == ["$.epcisBody.eventList[0]", "$.epcisBody.eventList[1]"]
    assert f"01/0{MADE}" in found.left[0][1]
    product(MADE)  # a product whose code is the GTIN needs no more telling
    assert take(event, products={}).postings == 1
    assert not take(event, products={}).postings
    receive("X", "x", 1)
    move("produce", {("X", "x"): 1}, {("M2", "m1"): 1})
    ours = take(
        transformation([of(RAW, "r1", 1)], [of("4012345333336", "m1", 1)]), products={"M2": "4012345333336"}
    )
    assert ours.left and not ours.postings  # how that was made is known here
    other = take(
        transformation([of("4012345333336", "m1", 1)], [of("4012345444445", "m1", 5)]),
        products={"M2": "4012345333336", MADE: "4012345444445"},
    )
    assert other.left and not other.postings  # another maker's number


def test_lots_that_went_through_a_held_one_and_inputs_that_are_no_lots() -> None:
    take(seen(of(RAW, "r1", 10)))
    decide(actor=SYSTEM, lot=lot("R", "r1"), to="held", reason="x", now=NOON)
    take(
        transformation(
            [of(RAW, "r1", 10)], [of(MADE, "m1", 10)], inputEPCList=["urn:epc:id:sgtin:4012345.011122.25"]
        )
    )
    assert lot("M", "m1").status == "held"
    assert (
        next(one.share for one in trace(SYSTEM, lot("M", "m1")).nodes.values() if one.number == "r1") is None
    )
    packed = {
        "type": "AggregationEvent", "eventTime": "2026-03-01T09:00:00Z", "eventTimeZoneOffset": "+08:00", "action": "ADD",
        "parentID": lgtin(MADE, "p1"), "childQuantityList": [of(MADE, "m1", 10)],
    }  # fmt: skip
    assert take(packed).postings == 1
    assert {"m1", "r1"} < {one.number for one in trace(SYSTEM, lot("M", "p1")).nodes.values()}
    long = [
        transformation([of(RAW, "r3", 5)], [], transformationID="urn:own:t1"),
        transformation([], [of(MADE, "m3", 5)], transformationID="urn:own:t1"),
    ]
    for one in long:
        for side in ("inputQuantityList", "outputQuantityList"):
            if not one[side]:
                del one[side]
    assert take(*long).postings == 1 and LotEdge.objects.get(target=lot("M", "m3")).weight == 5


def test_captured_events_are_never_changed_or_removed() -> None:
    take(seen(of(RAW, "r1", 10)))
    for rows in (EpcisEvent.objects.all(), EpcisLink.objects.all()):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        EpcisEvent.objects.update(body="{}")


def test_ten_thousand_events_cost_no_query_each() -> None:
    def many(count: int, prefix: str) -> int:
        events = [
            transformation([of(RAW, f"{prefix}{at // 10}", 1)], [of(MADE, f"{prefix}{at}", 1)])
            for at in range(count)
        ]
        with CaptureQueriesContext(connection) as queries:
            assert take(*events).postings == count
        return len(queries)

    assert many(200, "b") <= many(20, "a") + 20  # in sets of some tens


def plant() -> Lot:
    """Receipts, blends with a loss, a tank with a heel, drums of 200 kg, a posting that was reversed, a decision, a shipment."""
    UnitWeight.objects.create(product=product("桶装", "桶"), unit="桶", weight=200)
    for code in ("硫", "水", "酸"):
        UnitWeight.objects.create(product=product(code), unit="kg", weight=1)
    receive("硫", "s/1", 6000)
    receive("水", "w1", 4000, at=NOON - timedelta(hours=1))
    move("produce", {("硫", "s/1"): 3000, ("水", "w1"): 1000}, {("酸", "a1"): 3900}, lost=Decimal(100))
    move(
        "produce",
        {("硫", "s/1"): 1000, ("水", "w1"): 1000},
        {("酸", "a2"): 2000},
        at=NOON + timedelta(hours=1),
    )
    for number, source in (("t1", "a1"), ("t2", "a2")):
        fill_tank(
            actor=SYSTEM, number=f"F{number}", at=NOON + timedelta(hours=2), tank="V-1", product=product("酸"),
            lot_number=number, takes=[Take(lot("酸", source), Decimal(1500))], now=NOON,
        )  # fmt: skip
        move("loss", {("酸", number): 1000}, at=NOON + timedelta(hours=2))
    wrong = move("blend", {("硫", "s/1"): 5, ("酸", "t2"): 5}, {("酸", "t3"): 10})
    reverse(actor=SYSTEM, movement=wrong, reason="x", now=NOON + timedelta(days=1))
    move("transfer", {("酸", "t2"): 800}, {("桶装", "桶1号"): 4}, at=NOON + timedelta(hours=3))
    drums = lot("桶装", "桶1号")
    decide(actor=SYSTEM, lot=drums, to="held", reason="查", now=NOON + timedelta(hours=4))
    decide(actor=SYSTEM, lot=drums, to="released", reason="好", now=NOON + timedelta(hours=5))
    buyer = Customer.objects.create(name="某某化工", created_at=NOON, updated_at=NOON)
    ship(
        actor=SYSTEM,
        number="S1",
        at=NOON + timedelta(hours=6),
        customer=buyer,
        takes=[Take(drums, Decimal(1))],
        now=NOON,
    )
    return drums


def genealogy(of_lot: Lot) -> tuple[Any, Any, float | None]:
    found = trace(SYSTEM, of_lot, down=False)
    name = {one.id: (one.product, one.number) for one in found.nodes.values()}
    return (
        {
            (one.product, one.product_name, one.number, one.kind, one.unit, one.share)
            for one in found.nodes.values()
        },
        {(name[one.source], name[one.target], one.quantity, one.part, one.heel) for one in found.links},
        found.cut_share,
    )


def test_the_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good, bad, out = tmp_path / "好.json", tmp_path / "utf16.json", tmp_path / "out.json"
    tree = document(transformation([of(RAW, "r1", 10)], [of(MADE, "m1", 10)]))
    good.write_text(json.dumps(tree), encoding="utf-8")
    bad.write_text(json.dumps(tree), encoding="utf-16")
    product("R")
    assert main(["epcis", "capture", "--product", f"{RAW}=R", "--new-products", str(good), str(bad)]) == 0
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["accepted"], first["stored"], first["lots"], first["postings"]) == (True, 1, 2, 1)
    assert not second["accepted"] and second["errors"][0]["path"] == "$"
    for wrong in ("R", f"{RAW}=none", "4012345111119=R"):
        assert main(["epcis", "capture", "--product", wrong, str(good)]) == 2
    capsys.readouterr()
    assert main(["epcis", "export", "--lot", f"0{MADE}/m1", "--out", str(out)]) == 0
    assert main(["epcis", "export", "--lot", f"0{MADE}/m1"]) == 0
    told = capsys.readouterr().out.encode()
    assert check(told).hashes == check(out.read_bytes()).hashes == first["hashes"]
    assert main(["epcis", "export", "--lot", "R/none"]) == 1


class Elsewhere(Exception):
    """Takes everything back, as if it had been another database."""


def plant_elsewhere(code: str, number: str) -> tuple[Any, bytes]:
    """What was exported of a lot of the plant, and its genealogy there; nothing of it is here."""
    try:
        with transaction.atomic():
            plant()
            found = genealogy(lot(code, number)), export_lot(SYSTEM, lot(code, number), NOON)
            raise Elsewhere
    except Elsewhere:
        assert not Lot.objects.exists() and not Product.objects.exists()
        return found


def test_our_history_is_valid_and_told_the_same_every_time_and_is_nothing_new_to_us() -> None:
    drums = plant()
    data = export_lot(SYSTEM, drums, NOON)
    report = check(data)
    assert report.accepted, [str(one) for one in report.faults]
    assert [one["eventID"] for one in events_of(data)] == report.hashes
    assert report.hashes == check(export_lot(SYSTEM, drums, NOON + timedelta(days=1))).hashes
    assert "某某" not in data.decode() and "shipping" in data.decode()
    assert not [one for one in events_of(data) if "errorDeclaration" in one]  # has no part in this lot
    here = capture(actor=SYSTEM, data=data, enter_products=True, now=NOON)
    assert (here.stored, here.postings, here.lots) == (len(report.hashes), 0, 0)
    assert check(export_lot(SYSTEM, drums, NOON)).hashes == report.hashes


def test_a_history_makes_the_same_genealogy_elsewhere_and_is_told_on_as_it_was() -> None:
    before, data = plant_elsewhere("桶装", "桶1号")
    there = capture(actor=SYSTEM, data=data, enter_products=True, now=NOON)
    assert not there.left and there.postings == 5
    assert genealogy(lot("桶装", "桶1号")) == before
    again = export_lot(SYSTEM, lot("桶装", "桶1号"), NOON)
    assert check(again).hashes == check(data).hashes
    assert events_of(again) == events_of(data)


def test_a_reversed_posting_is_told_as_declared_wrong() -> None:
    _before, data = plant_elsewhere("酸", "t3")
    assert len([one for one in events_of(data) if "errorDeclaration" in one]) == 1
    assert capture(actor=SYSTEM, data=data, enter_products=True, now=NOON).declared == 1
    assert not Lot.objects.filter(number="t3").exists()


def events_of(data: bytes) -> list[Json]:
    found: list[Json] = json.loads(data, parse_float=Decimal)["epcisBody"]["eventList"]
    return [{key: value for key, value in one.items() if key != "@context"} for one in found]


def test_every_event_is_kept_so_that_it_can_be_read_alone() -> None:
    take(*EVENTS.values())
    for one in EpcisEvent.objects.all():
        assert check(one.body.encode()).hashes == [one.hash_id]


def test_namespaces_stand_once_for_a_document_where_they_mean_the_same() -> None:
    spaces = {"a": "https://a.example/", "b": "https://b.example/"}
    events = [
        seen(of(RAW, "r1", 1), **{"@context": spaces, "a:x": 1}),
        seen(of(RAW, "r1", 2), **{"@context": {"b": "https://other.example/"}, "b:x": 1}),
        seen(of(RAW, "r1", 3), **{"@context": [document()["@context"][0], spaces], "b:x": 1}),
        seen(of(RAW, "r1", 4), **{"@context": {"grade": {"@id": "a:grade"}, **spaces}, "grade": "A", "a:x": {"grade": 1}}),
        seen(of(RAW, "r1", 5), **{"@context": "https://c.example/context.jsonld", "c:x": 1}),
        seen(of(RAW, "r1", 6), **{"@context": {"gs1": "https://gs1.org/voc/"}, "gs1:x": 1}),
    ]  # fmt: skip
    kept = take(*events).hashes
    told = json.loads(export_lot(SYSTEM, lot("R", "r1"), NOON))
    assert set(check(json.dumps(told).encode()).hashes) == set(kept)
    inline = {key for part in told["@context"] if isinstance(part, dict) for key in part}
    assert inline == {"a", "b", "bihuan", "own"}
    own = {one["quantityList"][0]["quantity"] for one in told["epcisBody"]["eventList"] if "@context" in one}
    assert own in ({2, 4, 5, 6}, {1, 3, 4, 5, 6})  # whichever of the two meanings of b came first


@pytest.mark.parametrize(("gtin", "number"), [(RAW, "A-1"), (RAW, "A/1(2)"), (RAW, "批1"), ("", "批:/ 1%")])
def test_a_lot_is_found_again_by_what_it_is_called(gtin: str, number: str) -> None:
    uri = lot_uri(product_uri(gtin) or "", "编/码 1", number)
    named = read_class(uri)
    assert named is not None and named.number == number
    if gtin:
        epc = f"urn:epc:class:lgtin:{gtin[:7]}.0{gtin[7:12]}.{quote(number, safe='()')}"
        assert number.isascii() is (read_class(epc) == named)
    assert product_uri(named.product) == named.product
    assert read_class(lgtin(RAW, "a%00")) is None and read_class(lgtin(RAW, "%FF")) is None
    assert product_uri("4012345111119") is None and product_uri("x") is None
