"""Lots are reserved for orders and on the way to customers: nothing is promised twice, holds are told at once, arrivals noted."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bihuan.audit.models import Entry
from bihuan.catalog.models import Characteristic
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed
from bihuan.kernel.models import OutboxEvent
from bihuan.people.models import User
from bihuan.people.services import actor_for
from bihuan.quality import moving
from bihuan.quality.deciding import decide, enter_result, hold_all
from bihuan.quality.errors import LotError
from bihuan.quality.lots.notices import put_aside
from bihuan.quality.lots.queries import my_notices
from bihuan.quality.models import (
    Lot,
    LotArrival,
    LotNotice,
    LotReservation,
    LotShipment,
    Movement,
    Specification,
)
from bihuan.quality.recall.showing import recall_page
from bihuan.quality.recall.starting import start
from bihuan.quality.shipping.arriving import note_arrival, unnote_arrival
from bihuan.quality.shipping.queries import OFFERED, offered
from bihuan.quality.shipping.reserving import end_due, release, reserve
from bihuan.quality.shipping.showing import lot_stock
from bihuan.quality.tracing import trace
from bihuan.sales.models import OrderLine

from .plants import NOON, lot, move, product, receive
from .test_shipping import LATER, back, customer, order, person, send

pytestmark = pytest.mark.django_db
TODAY = NOON.date()


def line_of(number: str) -> OrderLine:
    return OrderLine.objects.select_related("order__customer").get(order__number=number)


def buyer_of(number: str) -> Customer:
    return Customer.objects.get(orders__number=number)


def keep(row: Lot, number: str, amount: Any, **more: Any) -> LotReservation:
    given: dict[str, Any] = {"actor": SYSTEM, "until": None, "now": NOON, "key": f"{number}-{amount}"} | more
    return reserve(lot=row, line=line_of(number), quantity=D(amount), **given)


def refused(code: str, act: Any, *given: Any, **more: Any) -> str:
    with pytest.raises(LotError) as error, transaction.atomic():
        act(*given, **more)
    assert error.value.code == code, error.value
    return str(error.value)


def shipment(number: str) -> LotShipment:
    return LotShipment.objects.get(movement__number=number, quantity__gt=0)


@pytest.fixture
def plant() -> tuple[Lot, User]:
    """100 kg; orders of two customers, the first of whom has an owner."""
    owner = person("salesperson")
    mine, theirs = customer("演示·甲", owner_a=owner), customer("演示·乙")
    order("SO1", mine), order("SO2", theirs), order("SO3", mine)
    return receive("A", "1", 100), owner


def test_nothing_is_promised_twice_and_a_form_sent_twice_is_one(plant: tuple[Lot, User]) -> None:
    row, _owner = plant
    made = keep(row, "SO1", 60)
    assert keep(row, "SO1", 60).pk == made.pk and LotReservation.objects.count() == 1
    refused("other_contents", keep, row, "SO1", 61, key="SO1-60")
    assert "40" in refused("stock", keep, row, "SO2", 41)
    refused("twice", keep, row, "SO1", 10)
    refused("quantity", keep, row, "SO2", 0)
    refused("until", keep, row, "SO2", 1, until=TODAY - timedelta(days=1))
    keep(row, "SO2", 40)
    assert [one.action for one in Entry.objects.filter(action__startswith="lot.reserv")].count("lot.reserve") == 2  # fmt: skip
    assert OutboxEvent.objects.filter(topic="lot.reserved").count() == 2
    with pytest.raises(Http404):  # of another product
        order("SO9", Customer.objects.get(name="演示·甲"), "B")
        keep(row, "SO9", 1)


def test_another_order_does_not_eat_what_is_reserved_and_its_own_uses_it_up(plant: tuple[Lot, User]) -> None:
    row, owner = plant
    keep(row, "SO1", 60)
    buyer = buyer_of("SO2")
    said = refused("reserved", send, row, buyer, 41, "F1", order=line_of("SO2").order)
    assert "SO1" in said and "40" not in said and "59" in said
    outsider = actor_for(person("dispatcher"))
    limited = Actor(
        kind="staff",
        name="x",
        user_id=owner.pk,
        grants={
            **outsider.grants,
            ("lot_shipment", "view"): actor_for(owner).grants["lot_shipment", "view"],
        },
    )
    LotReservation.objects.update(customer=buyer_of("SO2"))  # not theirs: not named
    said = refused("reserved", send, row, buyer_of("SO1"), 41, "F1", order=line_of("SO3").order, actor=limited)  # fmt: skip
    assert "SO" not in said and "60" in said
    LotReservation.objects.update(customer=buyer_of("SO1"))
    refused("reserved", move, "produce", {("A", "1"): 41}, {("B", "1"): 41})
    send(row, buyer, 40, "F1", order=line_of("SO2").order)
    send(row, buyer_of("SO1"), 25, "F2", order=line_of("SO1").order)
    sent = shipment("F2")
    assert (sent.line, sent.drawn, sent.arrival) == (line_of("SO1"), 25, "way")
    made = LotReservation.objects.get()
    assert (made.left, made.ended_at) == (35, None)
    send(row, buyer_of("SO1"), 35, "F3", order=line_of("SO1").order)
    made.refresh_from_db()
    assert (made.used, made.ended_how) == (60, "used") and lot("A", "1").quantity == 0
    moving.reverse(actor=SYSTEM, movement=Movement.objects.get(number="F3"), reason="错", now=LATER)
    made.refresh_from_db()
    assert (made.left, made.ended_at) == (35, None)
    assert shipment("F3").arrival == "reversed"
    refused("reserved", send, lot("A", "1"), buyer, 1, "F4", order=line_of("SO2").order)


def test_loss_is_a_fact_and_what_it_left_uncovered_is_shown(plant: tuple[Lot, User]) -> None:
    row, _owner = plant
    keep(row, "SO1", 60)
    move("loss", {("A", "1"): 50})
    found = lot_stock(SYSTEM, lot("A", "1"), TODAY)
    assert (found.kept, found.free) == (60, -10)


def test_a_reservation_is_given_up_runs_out_or_goes_with_its_line(plant: tuple[Lot, User]) -> None:
    row, _owner = plant
    made = keep(row, "SO1", 60, until=TODAY)
    refused("reason", release, actor=SYSTEM, reservation=made, reason=" ", now=NOON)
    gone = release(actor=SYSTEM, reservation=made, reason="演示：客户改期", now=NOON)
    assert (gone.ended_how, gone.ended_why) == ("released", "演示：客户改期")
    assert release(actor=SYSTEM, reservation=made, reason="又一次", now=LATER).ended_at == NOON
    keep(row, "SO1", 70, until=TODAY)
    keep(row, "SO2", 30, until=TODAY + timedelta(days=9))
    # Its day over, it keeps nothing from anybody, also before the night's round ended it.
    assert lot_stock(SYSTEM, row, LATER.date()).kept == 30
    keep(row, "SO3", 70, now=LATER)
    OrderLine.objects.filter(order__number="SO2").update(delivered_on=TODAY)
    assert end_due(LATER) == 2 and end_due(LATER) == 0
    how = dict(LotReservation.objects.exclude(ended_at=None).values_list("order__number", "ended_how"))
    assert how == {"SO1": "expired", "SO2": "closed"}


def test_a_held_lot_is_not_reserved_anew_and_its_reservations_are_blocked(plant: tuple[Lot, User]) -> None:
    row, _owner = plant
    keep(row, "SO1", 60)
    decide(actor=SYSTEM, lot=row, to="held", reason="演示：异味", now=NOON)
    refused("held", keep, row, "SO2", 1)
    found = lot_stock(SYSTEM, lot("A", "1"), TODAY)
    assert found.is_blocked and [one.left for one in found.reservations] == [60]
    refused("held", send, row, buyer_of("SO1"), 1, "F1", order=line_of("SO1").order)


def test_owners_hear_of_a_hold_at_once_and_once_and_no_longer_than_it_lasts(plant: tuple[Lot, User]) -> None:
    row, owner = plant
    keep(row, "SO1", 20)
    send(row, buyer_of("SO3"), 10, "F1", order=line_of("SO3").order)
    actor = actor_for(owner)

    def told(day: date = TODAY) -> list[tuple[str, str]]:
        return sorted((one.kind, one.document) for one in my_notices(actor, day))

    decide(actor=SYSTEM, lot=row, to="held", reason="演示：异味", now=NOON)
    decide(actor=SYSTEM, lot=row, to="held", reason="又一次", now=NOON)
    assert told() == [("reserved", "SO1"), ("way", "F1")]
    assert hold_all(actor=SYSTEM, lots=[row.pk], reason="召回", now=LATER) == 0
    assert {one.at for one in my_notices(actor, TODAY)} == {NOON}
    put_aside(actor=actor, now=NOON)
    assert told() == []
    decide(actor=SYSTEM, lot=row, to="released", reason="复检合格", now=NOON)
    # An out-of-specification result holds it again: told anew, no second notice.
    acid = Characteristic.objects.create(code="acid", name="酸值", unit="mg/g")
    Specification.objects.create(product=product("A"), characteristic=acid, upper=D(1), valid_from=date(2025, 1, 1))  # fmt: skip
    enter_result(actor=SYSTEM, lot=row, characteristic=acid, said="1.5", value=1.5, at=NOON, now=LATER)
    assert told() == [("reserved", "SO1"), ("way", "F1")] and LotNotice.objects.count() == 2
    note_arrival(actor=SYSTEM, shipment=shipment("F1"), arrived_on=LATER.date(), now=LATER)
    assert told() == [("reserved", "SO1")]
    release(actor=SYSTEM, reservation=LotReservation.objects.get(), reason="换批", now=LATER)
    assert told() == []


def test_a_bulk_hold_tells_by_sets(plant: tuple[Lot, User]) -> None:
    _row, owner = plant

    def held(few: range) -> int:
        rows = [receive("A", f"h{number}", 10) for number in few]
        for one in rows:
            LotReservation.objects.create(
                lot=one, line=line_of("SO1"), order=line_of("SO1").order, customer=buyer_of("SO1"),
                quantity=1, key=one.number, created_at=NOON, updated_at=NOON,
            )  # fmt: skip
        with CaptureQueriesContext(connection) as asked:
            assert hold_all(actor=SYSTEM, lots=[one.pk for one in rows], reason="演示", now=NOON) == len(rows)
        return len(asked)

    assert held(range(2)) == held(range(2, 22))
    assert LotNotice.objects.filter(recipient=owner, kind="reserved").count() == 22


def test_a_shipment_is_on_the_way_until_it_arrives(plant: tuple[Lot, User]) -> None:
    row, _owner = plant
    buyer = buyer_of("SO1")
    send(row, buyer, 30, "F1", order=line_of("SO1").order, at=LATER, now=LATER)
    sent = shipment("F1")
    day = LATER.date()
    refused("before", note_arrival, actor=SYSTEM, shipment=sent, arrived_on=day - timedelta(days=1), now=LATER)  # fmt: skip
    refused("ahead", note_arrival, actor=SYSTEM, shipment=sent, arrived_on=day + timedelta(days=1), now=LATER)
    assert [one.on_way for one in trace(SYSTEM, row).shipments] == [30]
    for _twice in range(2):
        note_arrival(actor=SYSTEM, shipment=sent, arrived_on=day, received_by="演示·仓管", now=LATER)
    refused("arrived", note_arrival, actor=SYSTEM, shipment=sent, arrived_on=day - timedelta(days=1), now=LATER + timedelta(days=2))  # fmt: skip
    assert LotArrival.objects.count() == 1 and shipment("F1").received_by == "演示·仓管"
    assert [one.on_way for one in trace(SYSTEM, row).shipments] == [0]
    movement = Movement.objects.get(number="F1")
    refused("arrived", moving.reverse, actor=SYSTEM, movement=movement, reason="错", now=LATER)
    refused("reason", unnote_arrival, actor=SYSTEM, shipment=sent, reason="", now=LATER)
    unnote_arrival(actor=SYSTEM, shipment=sent, reason="记错单", now=LATER)
    assert shipment("F1").arrival == "way"
    moving.reverse(actor=SYSTEM, movement=movement, reason="错", now=LATER)
    refused("gone", note_arrival, actor=SYSTEM, shipment=sent, arrived_on=day, now=LATER)
    assert trace(SYSTEM, row).shipments == []
    with pytest.raises(DatabaseError), transaction.atomic():
        LotArrival.objects.update(note="x")


def test_what_comes_back_is_no_longer_on_the_way(plant: tuple[Lot, User]) -> None:
    row, _owner = plant
    buyer = buyer_of("SO1")
    send(row, buyer, 30, "F1", order=line_of("SO1").order)
    back(row, buyer, 10, "TH1")
    assert [(one.quantity, one.on_way) for one in trace(SYSTEM, row).shipments] == [(20, 20)]
    made = back(row, buyer, 20, "TH2")
    assert shipment("F1").arrival == "returned"
    moving.reverse(actor=SYSTEM, movement=made, reason="错", now=LATER)
    assert shipment("F1").arrival == "way"


def test_a_recall_tells_apart_what_is_on_the_way(plant: tuple[Lot, User]) -> None:
    row, owner = plant
    buyer = buyer_of("SO1")
    send(row, buyer, 30, "F1", order=line_of("SO1").order)
    send(row, buyer, 5, "F2", order=line_of("SO3").order)
    note_arrival(actor=SYSTEM, shipment=shipment("F2"), arrived_on=TODAY, now=NOON)
    begun = start(actor=SYSTEM, lot=row, reason="演示：异物", level="1", asked="stop", now=LATER)
    page = recall_page(SYSTEM, begun.pk, now=LATER)
    assert page.on_way == [("kg", 30)]
    assert [(one.entry.quantity, one.on_way) for one in page.lines] == [(35, 30)]
    assert [(one.shipped, one.stock, one.on_way) for one in page.lots] == [(35, 65, 30)]
    assert [one.kind for one in my_notices(actor_for(owner), LATER.date())] == ["way"]
    note_arrival(actor=SYSTEM, shipment=shipment("F1"), arrived_on=LATER.date(), now=LATER)
    assert recall_page(SYSTEM, begun.pk, now=LATER).on_way == []


def test_the_list_of_orders_says_that_there_are_more(plant: tuple[Lot, User]) -> None:
    row, _owner = plant
    buyer = buyer_of("SO2")
    for number in range(OFFERED):
        order(f"SO-{number:03d}", buyer)
    keep(row, "SO1", 20)
    found = offered(SYSTEM, row, TODAY)
    assert found.more and len(found.lines) == OFFERED
    assert found.lines[0] == line_of("SO1") and found.reserved == {line_of("SO1").pk: 20}
    few = offered(SYSTEM, row, TODAY, "o-03")
    assert not few.more and len(few.lines) == 10
    assert offered(SYSTEM, row, TODAY, "演示·甲", line_of("SO-001").pk).lines[0] == line_of("SO-001")


@pytest.mark.parametrize("role", ["production", "dispatcher"])
def test_the_warehouse_reserves_ships_and_notes_arrivals_from_the_pages(
    plant: tuple[Lot, User], role: str, monkeypatch: Any
) -> None:
    monkeypatch.setenv("BIHUAN_NOW", NOON.isoformat())
    row, _owner = plant
    client = Client()
    client.force_login(person(role))
    address = reverse("lot_reserve", args=[row.pk])
    page = client.get(reverse("lot", args=[row.pk])).content.decode()
    assert address in page and (reverse("lot_return", args=[row.pk]) in page) is False
    key = client.get(address).context["form"].initial["key"]
    line = line_of("SO1").pk
    assert "SO1 / 1 · 演示·甲" in client.get(address).content.decode()
    assert client.post(address, {"key": key, "quantity": "101", "line": line}).status_code == 422
    for _twice in range(2):
        assert client.post(address, {"key": key, "quantity": "60", "line": line}).status_code == 302
    panel = reverse("panels", args=["lot", row.pk]) + "?place=middle"
    text = client.get(panel).content.decode()
    made = LotReservation.objects.get()
    assert reverse("reservation_release", args=[made.pk]) in text and "演示·甲" in text
    ship = f"{reverse('lot_ship', args=[row.pk])}?line={line}&quantity=60"
    form = client.get(ship).context["form"]
    given = {name: form.initial[name] for name in ("date", "number", "opened", "quantity")}
    assert client.post(ship, {**given, "line": line}).status_code == 302
    sent = shipment(given["number"])
    arrived = reverse("shipment_arrived", args=[sent.pk])
    assert arrived in client.get(panel).content.decode()
    assert client.post(arrived, {"date": "2026-03-01"}).status_code == 422
    assert client.post(arrived, {"date": "2026-03-02"}).status_code == 302
    not_arrived = reverse("shipment_not_arrived", args=[sent.pk])
    assert not_arrived in client.get(panel).content.decode()
    if role == "production":  # and nothing more than that
        assert client.get(reverse("lot_return", args=[row.pk])).status_code == 403
        assert client.get(reverse("lot_decide", args=[row.pk, "hold"])).status_code == 403
        assert client.get(reverse("customers")).status_code == 404
        with pytest.raises(NotAllowed):
            moving.post(
                actor=actor_for(User.objects.get(username=role)), number="X", kind="loss", at=NOON, now=NOON
            )
    assert client.post(not_arrived, {"reason": "记错单"}).status_code == 302
    assert shipment(given["number"]).arrival == "way"


def test_the_order_says_which_lots_it_has(plant: tuple[Lot, User]) -> None:
    row, owner = plant
    buyer = buyer_of("SO1")
    made = keep(row, "SO1", 60)
    send(row, buyer, 10, "F1", order=line_of("SO1").order)
    client = Client()
    client.force_login(owner)
    text = client.get(reverse("panels", args=["order", line_of("SO1").order_id])).content.decode()
    assert "A/1" in text and "50" in text and "F1" in text
    assert reverse("reservation_release", args=[made.pk]) not in text
    assert client.get(reverse("reservation_release", args=[made.pk])).status_code == 403
    other = Client()
    other.force_login(person("dispatcher"))
    assert (
        reverse("reservation_release", args=[made.pk])
        in other.get(reverse("panels", args=["order", line_of("SO1").order_id])).content.decode()
    )
