"""Lots leave for customers and come back: nothing comes back twice, what came back is judged before it leaves again."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal as D
from typing import Any

import pytest
from django.db.models import Sum
from django.http import Http404
from django.test import Client
from django.urls import reverse

from bihuan.catalog.models import Characteristic
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, Actor, FieldClass, Grant, NotAllowed, Scope
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user
from bihuan.quality import moving
from bihuan.quality.deciding import decide, enter_result
from bihuan.quality.errors import LotError
from bihuan.quality.models import Lot, LotRule, LotShipment, Movement, Specification
from bihuan.quality.recall.starting import start
from bihuan.quality.recall.whereabouts import sums_of
from bihuan.quality.shipping.dispatching import dispatch
from bihuan.quality.shipping.queries import customer_called, having, open_lines
from bihuan.quality.shipping.returning import take_back
from bihuan.quality.tracing import trace
from bihuan.sales.models import Order, OrderLine

from .plants import NOON, lot, move, product, receive

pytestmark = pytest.mark.django_db
LATER = NOON + timedelta(days=3)


def customer(name: str, **more: Any) -> Customer:
    return Customer.objects.create(name=name, created_at=NOON, updated_at=NOON, **more)


def order(number: str, buyer: Customer, code: str = "A") -> Order:
    row = Order.objects.create(
        number=number,
        customer=buyer,
        ordered_at=NOON,
        ordered_on=NOON.date(),
        created_at=NOON,
        updated_at=NOON,
    )
    OrderLine.objects.create(
        order=row,
        ordinal=1,
        customer=buyer,
        ordered_on=NOON.date(),
        product=product(code),
        quantity=50,
        price=1,
        amount=50,
    )
    return row


def send(row: Lot, buyer: Customer, amount: int, number: str, **more: Any) -> Movement:
    given: dict[str, Any] = {"actor": SYSTEM, "order": None, "note": "", "at": NOON, "now": NOON} | more
    return dispatch(number=number, lot=row, customer=buyer, quantity=D(amount), **given)


def back(row: Lot, buyer: Customer, amount: int, number: str = "TH1", **more: Any) -> Movement:
    given: dict[str, Any] = {"actor": SYSTEM, "at": LATER, "now": LATER, "reason": "桶漏"} | more
    return take_back(number=number, lot=row, customer=buyer, quantity=D(amount), **given)


def person(role: str) -> User:
    return create_user(
        actor=SYSTEM, username=role, name=f"演示·{role}", roles=[role], team=None, now=NOON, language="en"
    )


@pytest.fixture
def sold() -> tuple[Lot, Customer]:
    """60 kg of 100 with a customer, under two orders."""
    row, buyer = receive("A", "1", 100), customer("演示·甲")
    send(row, buyer, 40, "F1", order=order("SO1", buyer))
    send(row, buyer, 20, "F2", order=order("SO2", buyer), at=NOON + timedelta(hours=1), now=NOON + timedelta(hours=1))  # fmt: skip
    return lot("A", "1"), buyer


def test_what_comes_back_is_a_lot_of_its_own_on_hold(sold: tuple[Lot, Customer]) -> None:
    row, buyer = sold
    back(row, buyer, 30)
    came = lot("A", "1-R1")
    assert (came.quantity, came.disposition, came.status) == (30, "held", "held")
    assert "桶漏" in came.events.get().reason
    row.refresh_from_db()
    assert row.quantity == 40 and row.disposition == "released"
    found = trace(SYSTEM, row)
    # The order shipped last is taken off first; what stays was shipped then, not when the rest came back.
    assert [(one.order_number, one.quantity, one.at) for one in found.shipments] == [("SO1", 30, NOON)]
    assert found.nodes[came.pk].share == 1.0
    sums = sums_of([row.pk, came.pk])
    mine = sums[row.pk]
    assert (mine.made, mine.stock, mine.shipped, mine.used, mine.passed, mine.lost) == (
        100,
        40,
        30,
        30,
        30,
        0,
    )
    assert (sums[came.pk].made, sums[came.pk].stock) == (30, 30)


def test_no_more_comes_back_than_is_there_and_a_form_sent_twice_is_one_return(
    sold: tuple[Lot, Customer],
) -> None:
    row, buyer = sold
    with pytest.raises(LotError, match="60") as refused:
        back(row, buyer, 61)
    assert refused.value.code == "returned" and not Movement.objects.filter(kind="return").exists()
    first = back(row, buyer, 60)
    assert back(row, buyer, 60).pk == first.pk
    with pytest.raises(LotError) as refused:
        back(row, buyer, 59)
    assert refused.value.code == "other_contents"
    with pytest.raises(LotError) as refused:
        back(row, buyer, 1, "TH2")
    assert refused.value.code == "returned"
    with pytest.raises(Http404):
        back(row, customer("演示·乙"), 1, "TH3")


def test_what_came_back_leaves_again_once_it_is_judged(sold: tuple[Lot, Customer]) -> None:
    row, buyer = sold
    LotRule.objects.create(product=product("A"), needs_release=False)  # even where nothing else is released
    back(row, buyer, 10)
    came, other = lot("A", "1-R1"), customer("演示·乙")
    with pytest.raises(LotError) as refused:
        send(came, other, 10, "F3", now=LATER)
    assert refused.value.code == "held"
    decide(actor=SYSTEM, lot=came, to="released", reason="复检合格", now=LATER)
    send(came, other, 10, "F3", now=LATER)
    back(came, other, 4, "TH2")
    assert lot("A", "1-R1-R1").quantity == 4
    left = [(one.customer_name, one.quantity) for one in trace(SYSTEM, row).shipments]
    assert sorted(left) == [("演示·乙", 6), ("演示·甲", 10), ("演示·甲", 40)]
    back(row, buyer, 1, "TH3")
    assert lot("A", "1-R2").quantity == 1


def test_a_return_of_a_recalled_lot_is_not_released(sold: tuple[Lot, Customer]) -> None:
    row, buyer = sold
    start(actor=SYSTEM, lot=row, reason="演示：异物", level="1", asked="stop", now=LATER)
    back(row, buyer, 10)
    with pytest.raises(LotError) as refused:
        decide(actor=SYSTEM, lot=lot("A", "1-R1"), to="released", reason="好的", now=LATER)
    assert refused.value.code == "recalled"


def test_returns_and_shipments_are_taken_back_in_their_order(sold: tuple[Lot, Customer]) -> None:
    row, buyer = sold
    made = back(row, buyer, 10)
    with pytest.raises(LotError) as refused:
        moving.reverse(actor=SYSTEM, movement=Movement.objects.get(number="F2"), reason="错", now=LATER)
    assert refused.value.code == "used" and lot("A", "1").quantity == 40
    moving.reverse(actor=SYSTEM, movement=made, reason="错", now=LATER)
    assert lot("A", "1").quantity == 40 and lot("A", "1-R1").quantity == 0
    assert LotShipment.objects.aggregate(all=Sum("quantity"))["all"] == 60
    sums = sums_of([row.pk])[row.pk]
    assert (sums.shipped, sums.used) == (60, 0)
    moving.reverse(actor=SYSTEM, movement=Movement.objects.get(number="F2"), reason="错", now=LATER)
    assert lot("A", "1").quantity == 60
    assert back(row, buyer, 40, "TH2").pk and lot("A", "1-R2").quantity == 40


def test_a_return_of_what_was_used_since_stays(sold: tuple[Lot, Customer]) -> None:
    row, buyer = sold
    made = back(row, buyer, 10)
    move("loss", {("A", "1-R1"): 2})
    with pytest.raises(LotError) as refused:
        moving.reverse(actor=SYSTEM, movement=made, reason="错", now=LATER)
    assert refused.value.code == "used"


def test_a_lot_outside_what_the_customer_accepts_stays(sold: tuple[Lot, Customer]) -> None:
    row, buyer = sold
    acid = Characteristic.objects.create(code="acid", name="酸值", unit="mg/g")
    strict = customer("演示·严")
    Specification.objects.create(
        product=product("A"), customer=strict, characteristic=acid, upper=D(1), valid_from=date(2025, 1, 1)
    )
    enter_result(actor=SYSTEM, lot=row, characteristic=acid, said="1.5", value=1.5, at=NOON, now=NOON)
    with pytest.raises(LotError, match=r"酸值 1\.5") as refused:
        send(row, strict, 5, "F3")
    assert refused.value.code == "outside"
    with pytest.raises(LotError) as hidden:
        send(row, strict, 5, "F3", actor=actor_for(person("dispatcher")))
    assert "1.5" not in str(hidden.value)
    assert send(row, buyer, 5, "F3").pk
    with pytest.raises(LotError) as ahead:
        send(row, buyer, 5, "F4", at=LATER)
    assert ahead.value.code == "ahead"


def test_the_warehouse_ships_and_takes_back_from_the_lots_page(
    sold: tuple[Lot, Customer], monkeypatch: Any
) -> None:
    monkeypatch.setenv("BIHUAN_NOW", LATER.isoformat())
    row, buyer = sold
    client = Client()
    client.force_login(person("dispatcher"))
    assert reverse("lot_ship", args=[row.pk]) in client.get(reverse("lot", args=[row.pk])).content.decode()
    ship_url, return_url = reverse("lot_ship", args=[row.pk]), reverse("lot_return", args=[row.pk])
    line = OrderLine.objects.get(order__number="SO1").pk
    form = client.get(ship_url).context["form"]
    given = {name: form.initial[name] for name in ("date", "number", "opened")}
    assert "SO1 / 1 · 演示·甲 · 50" in client.get(ship_url).content.decode()
    assert client.get(ship_url).context["form"].initial["number"] != given["number"]
    assert client.post(ship_url, {**given, "quantity": "5"}).status_code == 422
    assert client.post(ship_url, {**given, "quantity": "5", "customer": "没有"}).status_code == 422
    assert b"only 40" in client.post(ship_url, {**given, "quantity": "41", "line": line}).content
    for _twice in range(2):
        sent = client.post(ship_url, {**given, "quantity": "40", "line": line})
        assert sent.status_code == 302
    assert lot("A", "1").quantity == 0 and lot("A", "1").status == "shipped"
    given["number"] = "TH-1"
    refused = client.post(return_url, {**given, "quantity": "101", "customer": buyer.pk, "reason": "桶漏"})
    assert refused.status_code == 422 and b"100" in refused.content
    done = client.post(return_url, {**given, "quantity": "2.5", "customer": buyer.pk, "reason": "桶漏"})
    assert done.status_code == 302 and done.headers["Location"] == reverse("lot", args=[lot("A", "1-R1").pk])
    assert lot("A", "1").status == "shipped"


def test_who_may_not_ship_cannot(sold: tuple[Lot, Customer]) -> None:
    row, buyer = sold
    client = Client()
    client.force_login(person("technical"))
    assert client.get(reverse("lot_ship", args=[row.pk])).status_code == 403
    assert (
        reverse("lot_ship", args=[row.pk]) not in client.get(reverse("lot", args=[row.pk])).content.decode()
    )
    with pytest.raises(NotAllowed):
        back(row, buyer, 1, actor=actor_for(User.objects.get(username="technical")))


def test_whoever_sees_some_customers_ships_to_those_alone(sold: tuple[Lot, Customer]) -> None:
    row, other = sold
    owner = User.objects.create(username="x")
    own = customer("演示·乙", owner_a=owner)
    order("SO3", own)
    send(row, own, 10, "F3")
    reach = Grant(Scope.OWN, frozenset({FieldClass.PUBLIC}))
    asked = [("order", "view"), ("customer", "view"), ("lot", "view"), ("lot", "create"), ("lot_shipment", "view"), ("lot_shipment", "create")]  # fmt: skip
    narrow = Actor(kind="staff", name="x", user_id=owner.pk, grants=dict.fromkeys(asked, reach))
    assert {one.order.number for one in open_lines(SYSTEM, row)} == {"SO1", "SO2", "SO3"}
    # Seeing more orders and customers does not mean shipping to them.
    wide = {(name, "view"): Grant(Scope.ALL, reach.classes) for name in ("order", "customer")}
    for grants in (narrow.grants, {**narrow.grants, **wide}):
        actor = Actor(kind="staff", name="x", user_id=owner.pk, grants=grants)
        assert [one.order.number for one in open_lines(actor, row)] == ["SO3"]
    assert customer_called(narrow, "演示·乙") == own and customer_called(narrow, "演示·甲") is None
    assert [name for _key, name, _had in having(narrow, row)] == ["演示·乙"]
    with pytest.raises(Http404):
        send(row, other, 1, "F4", actor=narrow)
    with pytest.raises(Http404):
        back(row, other, 1, actor=narrow)
