"""From a lot to its sources and to whoever received it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.quality.errors import LotError
from bihuan.quality.models import Lot
from bihuan.quality.moving import fill_tank, reverse, ship
from bihuan.quality.postings import Take
from bihuan.quality.tracing import Trace, trace

from .plants import NOON, lot, move, product, receive

pytestmark = pytest.mark.django_db


def names(found: Trace, side: int) -> dict[str, float | None]:
    return {one.number: one.share for one in found.nodes.values() if one.side == side}


def customer(name: str) -> Customer:
    return Customer.objects.create(name=name, created_at=NOON, updated_at=NOON)


def diamond() -> None:
    receive("S", "s", 100)
    receive("W", "w", 100)
    move("produce", {("S", "s"): 60, ("W", "w"): 20}, {("H", "a"): 50, ("H", "b"): 30})
    move("blend", {("H", "a"): 30, ("H", "b"): 10, ("W", "w"): 40}, {("H", "c"): 80})


def test_shares_through_a_diamond() -> None:
    diamond()
    found = trace(SYSTEM, lot("H", "c"))
    assert names(found, -1) == pytest.approx({"a": 0.375, "b": 0.125, "s": 0.375, "w": 0.625})
    down = trace(SYSTEM, lot("S", "s"), up=False)
    assert names(down, 1) == pytest.approx({"a": 0.75, "b": 0.75, "c": 0.375})
    assert {(found.nodes[one.source].number, found.nodes[one.target].number) for one in found.links} == {
        ("s", "a"), ("s", "b"), ("w", "a"), ("w", "b"), ("a", "c"), ("b", "c"), ("w", "c"),
    }  # fmt: skip


def test_depth_bounds_the_steps() -> None:
    diamond()
    assert set(names(trace(SYSTEM, lot("H", "c"), depth=1), -1)) == {"a", "b", "w"}
    assert not names(trace(SYSTEM, lot("H", "c"), depth=0), -1)
    assert set(names(trace(SYSTEM, lot("S", "s"), depth=1), 1)) == {"a", "b"}
    assert set(names(trace(SYSTEM, lot("S", "s"), depth=2), 1)) == {"a", "b", "c"}


def test_the_ancestry_of_a_tank_ends_and_says_what_it_left_out() -> None:
    for number in range(30):
        receive("S", f"s{number}", 900 if number else 1000)
        fill_tank(
            actor=SYSTEM, number=f"F{number}", at=NOON, tank="V-1", product=product("M"), lot_number=f"m{number}",
            takes=[Take(lot("S", f"s{number}"), Decimal(900 if number else 1000))], now=NOON,
        )  # fmt: skip
        move("loss", {("M", f"m{number}"): 900})
    found = trace(SYSTEM, lot("M", "m29"))
    assert set(names(found, -1)) == {"m28", "m27", "m26", "s29", "s28", "s27", "s26"}
    assert found.cut_share == pytest.approx(0.0001)


def test_rework_into_the_same_lot_ends() -> None:
    receive("S", "s", 100)
    move("produce", {("S", "s"): 50}, {("H", "a"): 50})
    move("produce", {("H", "a"): 10, ("S", "s"): 10}, {("H", "b"): 20})
    move("rework", {("H", "b"): 10}, {("H", "a"): 10})
    found = trace(SYSTEM, lot("H", "a"))
    assert set(names(found, -1)) == {"s", "b"}
    assert found.nodes[lot("S", "s").pk].share == pytest.approx(1.0)
    assert found.nodes[lot("H", "b").pk].share == pytest.approx(10 / 60)


def test_a_reversed_posting_is_in_no_trace() -> None:
    receive("S", "s", 100)
    made = move("produce", {("S", "s"): 50}, {("H", "a"): 50})
    reverse(actor=SYSTEM, movement=made, reason="错单", now=NOON)
    assert not names(trace(SYSTEM, lot("H", "a")), -1)


def test_forward_trace_says_to_whom_and_how_much() -> None:
    diamond()
    buyer = customer("演示·买方")
    sent = ship(
        actor=SYSTEM, number="D1", at=NOON, takes=[Take(lot("H", "c"), Decimal(30))], customer=buyer, now=NOON
    )
    ship(
        actor=SYSTEM, number="D2", at=NOON, takes=[Take(lot("H", "c"), Decimal(20))], customer=buyer, now=NOON
    )
    found = trace(SYSTEM, lot("S", "s"), up=False)
    assert [(one.customer_name, one.quantity) for one in found.shipments] == [("演示·买方", 50)]
    reverse(actor=SYSTEM, movement=sent, reason="退回", now=NOON)
    assert trace(SYSTEM, lot("S", "s"), up=False).shipments[0].quantity == 20
    assert lot("H", "c").quantity == 60


def test_a_held_lot_is_not_shipped_and_the_owner_hears_of_it() -> None:
    from bihuan.kernel.models import OutboxEvent

    held = receive("H", "x", 10)
    Lot.objects.filter(pk=held.pk).update(disposition="held", status="held")
    buyer = customer("演示·买方")
    with pytest.raises(LotError):
        ship(actor=SYSTEM, number="D1", at=NOON, takes=[Take(held, Decimal(1))], customer=buyer, now=NOON)
    assert OutboxEvent.objects.get(topic="lot.dispatch_refused").payload["lots"] == [held.pk]
    assert lot("H", "x").quantity == 10


def test_a_trace_costs_the_same_queries_however_far_it_reaches() -> None:
    diamond()
    with CaptureQueriesContext(connection) as few:
        trace(SYSTEM, lot("H", "a"), with_tests=True)
    for number in range(40):
        move("split", {("H", "c"): 1}, {("H", f"c{number}"): 1})
    with CaptureQueriesContext(connection) as many:
        assert len(trace(SYSTEM, lot("S", "s"), with_tests=True).nodes) == 44
    assert len(few) == len(many) <= 8
