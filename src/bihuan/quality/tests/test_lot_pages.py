"""Pages of lots: what deviates is said, two who decide at once, who is told, what a number in a case leads to."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bihuan.catalog.models import Characteristic
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.outbox import deliver_due
from bihuan.kernel.references import reference_kind
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user
from bihuan.quality.deciding import decide, enter_result
from bihuan.quality.errors import LotError
from bihuan.quality.lots.page import lot_page
from bihuan.quality.lots.tracing_page import Asked, read_asked, trace_page
from bihuan.quality.models import Lot, LotNotice, ProcessReading, Specification
from bihuan.quality.moving import ship
from bihuan.quality.postings import Take

from .plants import NOON, lot, move, product, receive

pytestmark = pytest.mark.django_db


def person(role: str) -> User:
    return create_user(
        actor=SYSTEM, username=role, name=f"演示·{role}", roles=[role], team=None, now=NOON, language="en"
    )


def client_of(role: str) -> Client:
    client = Client()
    client.force_login(person(role))
    return client


def customer(name: str, **more: Any) -> Customer:
    return Customer.objects.create(name=name, created_at=NOON, updated_at=NOON, **more)


def limits(characteristic: Characteristic, upper: str, whose: Customer | None = None) -> None:
    Specification.objects.create(
        product=product("H"), customer=whose, characteristic=characteristic, upper=Decimal(upper), valid_from=date(2025, 1, 1)
    )  # fmt: skip


@pytest.fixture
def acid() -> Characteristic:
    return Characteristic.objects.create(code="acid", name="酸值", unit="mg/g")


@pytest.fixture
def made(acid: Characteristic) -> Lot:
    """H/1 out of two raw lots, inside the general limit of 1 and outside of a customer's own 0.5; S/s is in H/2, too."""
    receive("S", "s", 100, make={"kind": "raw", "supplier": "演示供方", "origin": "演示产地"})
    receive("W", "w", 100, make={"kind": "raw"})
    move("produce", {("S", "s"): 30, ("W", "w"): 10}, {("H", "1"): 40})
    move("produce", {("S", "s"): 20}, {("H", "2"): 20})
    row = lot("H", "1")
    limits(acid, "1")
    enter_result(actor=SYSTEM, lot=row, characteristic=acid, said="0.72", value=0.72, at=NOON, now=NOON)
    return row


def send(row: Lot, buyer: Customer, number: str, amount: int = 5) -> None:
    ship(actor=SYSTEM, number=number, at=NOON, takes=[Take(row, Decimal(amount))], customer=buyer, now=NOON)


def test_a_lot_is_held_to_the_limits_of_who_has_it_and_says_what_it_breaks(made: Lot, acid: Characteristic):
    strict, other = customer("演示·严"), customer("演示·宽")
    limits(acid, "0.5", strict)
    send(made, strict, "D1")
    only = lot_page(SYSTEM, made.pk, customer="", now=NOON)
    assert (only.customer, [one.name for one in only.outside], only.elsewhere) == (strict.pk, ["酸值"], [])
    send(made, other, "D2")
    both = lot_page(SYSTEM, made.pk, customer="", now=NOON)
    assert both.customer is None and not both.outside
    assert [(name, [one.name for one in lines]) for _key, name, lines in both.elsewhere] == [
        ("演示·严", ["酸值"])
    ]
    assert lot_page(SYSTEM, made.pk, customer="0", now=NOON).customer is None
    assert [(one.node.number, one.lot and one.lot.origin) for one in both.sources] == [
        ("s", "演示产地"),
        ("w", ""),
    ]
    assert [one.number for one, _customers in both.beside] == ["2"]
    assert [one.number for one in both.stock] == ["1"]


def test_what_was_not_tested_and_what_cannot_be_compared_is_said(made: Lot, acid: Characteristic):
    water = Characteristic.objects.create(code="water", name="水分", unit="%")
    limits(water, "0.1")
    page = lot_page(SYSTEM, made.pk, customer="", now=NOON)
    assert [(one.name, one.verdict) for one in page.lines] == [("水分", "missing"), ("酸值", "inside")]
    enter_result(
        actor=SYSTEM, lot=made, characteristic=water, said="<0.2", value=0.2, is_below_detection=True, at=NOON, now=NOON
    )  # fmt: skip
    enter_result(
        actor=SYSTEM, lot=made, characteristic=acid, said="5", value=5, unit="g/kg", at=NOON, now=NOON
    )
    verdicts = {one.name: one.verdict for one in lot_page(SYSTEM, made.pk, customer="", now=NOON).lines}
    assert verdicts == {"水分": "open", "酸值": "open"}


def test_readings_beside_set_point_and_limits_and_a_shelf_life(made: Lot):
    given = {"lot": made, "step": "精馏", "parameter": "塔顶温度", "unit": "℃"}
    guide = {"set_point": 158, "lower": 156, "upper": 160}
    ProcessReading.objects.create(**given, statistic="mean", value=158.4, said="158.4", **guide)
    ProcessReading.objects.create(**given, statistic="max", value=163.2, said="163.2")
    ProcessReading.objects.create(**given, statistic="sd", value=900, said="900")
    Lot.objects.filter(pk=made.pk).update(expires_on=NOON.date() - timedelta(days=1))
    page = lot_page(SYSTEM, made.pk, customer="", now=NOON)
    assert [(step, one.parameter, len(one.values)) for step, one in page.strayed] == [("精馏", "塔顶温度", 3)]
    assert page.is_expired
    body = client_of("quality").get(reverse("lot", args=[made.pk])).content.decode()
    assert "163.2" in body and "156 – 160" in body and "expired" in body


def test_sales_see_the_lot_of_their_customer_without_results_and_no_other(made: Lot, acid: Characteristic):
    client = client_of("salesperson")
    address = reverse("lot", args=[made.pk])
    assert (
        client.get(address).status_code == client.get(reverse("lot_trace", args=[made.pk])).status_code == 404
    )
    send(made, customer("演示·我的", owner_a=User.objects.get(username="salesperson")), "演示-D1")
    enter_result(actor=SYSTEM, lot=made, characteristic=acid, said="1.815", value=1.815, at=NOON, now=NOON)
    body = client.get(address).content.decode()
    assert (
        "演示·我的" in body
        and "1.815" not in body
        and "演示产地" not in body
        and "A result is outside" in body
    )
    assert "S/s" not in body and "H/2" not in body
    assert client.get(reverse("lot_decide", args=[made.pk, "hold"])).status_code == 403
    history = client.get(reverse("panels", args=["lot", made.pk]) + "?place=main").content.decode()
    assert "演示-D1" in history and "1.815" not in history


def test_two_who_decide_at_once_and_the_second_is_told(made: Lot):
    client = client_of("quality")
    address = reverse("lot_decide", args=[made.pk, "hold"])
    assert "released" in client.get(address).content.decode()  # what the form was opened upon
    decide(actor=SYSTEM, lot=made, to="held", reason="演示：先到", now=NOON)
    late = client.post(address, {"reason": "演示：后到", "seen": "released"})
    assert late.status_code == 422
    assert "演示：先到" in late.content.decode() and "演示：后到" in late.content.decode()
    assert made.events.count() == 1
    done = client.post(reverse("lot_decide", args=[made.pk, "release"]), {"reason": "查清", "seen": "held"})
    assert done.status_code == 302 and lot("H", "1").status == "released"
    assert client.post(address, {"reason": " ", "seen": "released"}).status_code == 422
    assert client.get(reverse("lot_decide", args=[made.pk, "explode"])).status_code == 404


def test_the_owner_of_the_order_is_told_once_and_puts_it_aside(made: Lot):
    client = client_of("salesperson")
    owner = User.objects.get(username="salesperson")
    buyer = customer("演示·我的", owner_a=owner)
    decide(actor=SYSTEM, lot=made, to="held", reason="演示", now=NOON)
    for _twice in (1, 2):
        with pytest.raises(LotError):
            send(made, buyer, "演示-D1")
        deliver_due(NOON)
    assert LotNotice.objects.get().recipient == owner
    body = client.get(reverse("today")).content.decode()
    assert (
        "演示-D1" in body and "演示·我的" in body and "H/1" not in body
    )  # the lot itself went to none of theirs
    client.post(reverse("lot_notices_read"))
    assert "演示-D1" not in client.get(reverse("today")).content.decode()


def test_a_number_in_a_case_leads_to_the_lot_or_stays_as_it_was_typed(made: Lot):
    buyer, kind, sent = customer("演示·买方"), reference_kind("lot"), reference_kind("shipment")
    assert kind and kind.find and kind.urls and sent and sent.find and sent.urls
    receive("K", "1", 10)
    assert kind.find(SYSTEM, "h-1", buyer.pk) == "H/1"
    assert kind.find(SYSTEM, "1", buyer.pk) is None  # K/1 or H/1
    assert kind.find(SYSTEM, "s", buyer.pk) == "S/s" and kind.find(SYSTEM, "nobody's", buyer.pk) is None
    send(made, buyer, "发货-7")
    assert kind.find(SYSTEM, "1", buyer.pk) == "H/1"  # the one that this customer has
    assert sent.find(SYSTEM, "发货-7", buyer.pk) == "发货-7"
    assert sent.find(SYSTEM, "发货-7", customer("演示·别家").pk) is None
    address = f"{reverse('lot', args=[made.pk])}?customer={buyer.pk}"
    assert kind.urls(SYSTEM, ["H/1"], buyer.pk) == {"H/1": address}
    assert sent.urls(SYSTEM, ["发货-7"], buyer.pk) == {"发货-7": address}


def test_the_list_finds_by_number_and_by_code_and_filters(made: Lot):
    client = client_of("quality")

    def listed(query: str) -> set[str]:
        body = client.get(f"{reverse('lots')}?{query}").content.decode()
        return {name for name in ("H/1", "H/2", "S/s", "W/w") if f">{name}</a>" in body}

    assert listed("q=h%2F1") == {"H/1"} and listed("q=h") == {"H/1", "H/2"} and listed("q=1") == {"H/1"}
    assert listed("kind=raw") == {"S/s", "W/w"}
    assert listed(f"product={product('S').pk}") == {"S/s"} and listed("product=x") == set()
    decide(actor=SYSTEM, lot=made, to="held", reason="演示", now=NOON)
    assert listed("status=held") == {"H/1"}


def test_a_trace_too_long_for_the_page_says_so_and_leaves_shares_out(
    made: Lot, monkeypatch: pytest.MonkeyPatch
):
    for number in range(12):
        move("split", {("H", "1"): 1}, {("H", f"a{number}"): 1})
    whole = trace_page(SYSTEM, made.pk, Asked(), now=NOON)
    assert not whole.trace.is_cut_short and whole.count == 15 and whole.wide.left_out == 3
    assert "3 more" in client_of("quality").get(reverse("lot_trace", args=[made.pk])).content.decode()
    one_step = trace_page(SYSTEM, made.pk, read_asked({"way": "up", "depth": "1"}), now=NOON)
    assert one_step.count == 3 and not one_step.customers
    move("split", {("H", "a1"): 1}, {("H", "b"): 1})
    monkeypatch.setattr("bihuan.quality.lots.tracing_page.MOST", 5)
    short = trace_page(SYSTEM, made.pk, Asked(way="down"), now=NOON)
    assert short.trace.is_cut_short
    assert {one.node.share for one in short.rows if one.generation} == {None}
    assert read_asked({"way": "sideways", "depth": "-1"}) == Asked()


def test_the_palette_and_the_customers_page_lead_to_lots(made: Lot):
    buyer, client = customer("演示·买方"), client_of("quality")
    send(made, buyer, "D1")
    address = reverse("lot", args=[made.pk])
    assert address in client.get(reverse("palette") + "?q=h/1").content.decode()
    assert (
        address in client.get(reverse("panels", args=["customer", buyer.pk]) + "?place=main").content.decode()
    )
    assert actor_for(User.objects.get(username="quality")).may("lot")
