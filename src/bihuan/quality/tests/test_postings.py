"""What goes in comes out or is declared lost; a posting is never edited."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from bihuan.kernel.actor import SYSTEM
from bihuan.quality.errors import LotError
from bihuan.quality.models import Lot, LotEdge, LotRule, Movement, MovementLine, UnitWeight
from bihuan.quality.moving import fill_tank, reverse
from bihuan.quality.postings import Take

from .plants import NOON, lot, move, product, receive

pytestmark = pytest.mark.django_db


def test_production_takes_raw_lots_and_makes_a_lot() -> None:
    receive("S", "1", 60)
    receive("W", "1", 40)
    made = move("produce", {("S", "1"): 30, ("W", "1"): 20}, {("H", "A"): 48}, lost=Decimal(2))
    assert made.gap == 0 and not made.is_flagged
    assert lot("S", "1").quantity == 30 and lot("H", "A").quantity == 48
    assert sum(one.weight or 0 for one in LotEdge.objects.filter(target=lot("H", "A"))) == 48
    assert LotEdge.objects.get(source=lot("S", "1")).quantity == Decimal(
        "28.8"
    )  # its part of the loss is 1.2


def test_an_imbalance_is_refused_and_nothing_is_left_of_it() -> None:
    receive("S", "1", 60)
    with pytest.raises(LotError, match="5") as refused:
        move("produce", {("S", "1"): 50}, {("H", "A"): 45})
    assert refused.value.code == "balance"
    assert lot("S", "1").quantity == 60 and not Lot.objects.filter(number="A").exists()


def test_a_product_may_ask_for_a_mark_instead_of_a_refusal() -> None:
    receive("S", "1", 60)
    LotRule.objects.create(product=product("H"), on_imbalance="flag", tolerance=Decimal("0.02"))
    assert not move("produce", {("S", "1"): 20}, {("H", "A"): Decimal("19.6")}).is_flagged
    marked = move("produce", {("S", "1"): 20}, {("H", "B"): 21})
    assert marked.is_flagged and marked.gap == -1


def test_units_are_converted_by_what_the_product_says() -> None:
    receive("S", "1", 400)
    UnitWeight.objects.create(product=product("S"), unit="kg", weight=1)
    UnitWeight.objects.create(product=product("D", "桶"), unit="桶", weight=200)
    move("produce", {("S", "1"): 400}, {("D", "1"): 2})
    assert lot("D", "1").inflow == 400
    receive("S", "2", 400)
    with pytest.raises(LotError):
        move("produce", {("S", "2"): 400}, {("D", "2"): 3})


def test_units_without_a_factor_are_marked_unless_the_product_wants_a_balance() -> None:
    receive("S", "1", 400)
    product("T", "片")
    made = move("produce", {("S", "1"): 1}, {("T", "1"): 240000})
    assert made.gap is None and made.is_flagged
    LotRule.objects.create(product=product("T"), on_imbalance="refuse")
    with pytest.raises(LotError) as refused:
        move("produce", {("S", "1"): 1}, {("T", "2"): 240000})
    assert refused.value.code == "balance"


def test_more_than_there_is_cannot_be_taken() -> None:
    receive("S", "1", 10)
    with pytest.raises(LotError) as refused:
        move("produce", {("S", "1"): 11}, {("H", "A"): 11})
    assert refused.value.code == "stock"
    move("loss", {("S", "1"): 10})
    assert lot("S", "1").status == "consumed"


def test_the_same_document_twice_is_one_posting() -> None:
    receive("S", "1", 10)
    first = move("produce", {("S", "1"): 4}, {("H", "A"): 4}, number="P-1")
    assert move("produce", {("S", "1"): 4}, {("H", "A"): 4}, number="P-1").pk == first.pk
    assert lot("S", "1").quantity == 6
    with pytest.raises(LotError) as refused:
        move("produce", {("S", "1"): 5}, {("H", "A"): 5}, number="P-1")
    assert refused.value.code == "other_contents"


def test_a_posting_is_reversed_by_its_opposite() -> None:
    receive("S", "1", 10)
    made = move("produce", {("S", "1"): 4}, {("H", "A"): 4})
    opposite = reverse(actor=SYSTEM, movement=made, reason="称错", now=NOON)
    assert reverse(actor=SYSTEM, movement=made, reason="称错", now=NOON).pk == opposite.pk
    assert lot("S", "1").quantity == 10 and lot("H", "A").quantity == 0 and lot("H", "A").inflow == 0
    assert not LotEdge.objects.exists()
    assert sum(one.quantity or 0 for one in MovementLine.objects.exclude(movement__kind="receive")) == 0


def test_what_was_used_since_cannot_be_reversed() -> None:
    receive("S", "1", 10)
    made = move("produce", {("S", "1"): 4}, {("H", "A"): 4})
    move("blend", {("H", "A"): 1}, {("H", "B"): 1})
    with pytest.raises(LotError) as refused:
        reverse(actor=SYSTEM, movement=made, reason="称错", now=NOON)
    assert refused.value.code == "used"
    assert lot("S", "1").quantity == 6


def test_the_database_refuses_to_change_or_remove_a_posting() -> None:
    receive("S", "1", 10)
    for act in (
        lambda: Movement.objects.update(note="x"),
        lambda: MovementLine.objects.update(quantity=1),
        lambda: MovementLine.objects.all().delete(),
        lambda: Movement.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert lot("S", "1").quantity == 10


def test_a_lot_is_a_product_and_a_number_together() -> None:
    assert receive("S", "8", 1).pk != receive("W", "8", 1).pk


def test_what_is_made_of_a_held_lot_is_held() -> None:
    held = receive("S", "1", 10)
    Lot.objects.filter(pk=held.pk).update(disposition="held", status="held")
    with pytest.raises(LotError) as refused:
        move("produce", {("S", "1"): 4}, {("H", "A"): 4})
    assert refused.value.code == "held"
    move("split", {("S", "1"): 4}, {("S", "1a"): 4})
    assert lot("S", "1a").disposition == "held"


def test_shelf_life_comes_from_the_product() -> None:
    LotRule.objects.create(product=product("S"), shelf_life_days=30)
    one = receive("S", "1", 10)
    assert one.expires_on is not None and one.expires_on.isoformat() == "2026-04-01"
    with pytest.raises(LotError) as refused:
        move("produce", {("S", "1"): 4}, {("H", "A"): 4}, at=NOON + timedelta(days=40))
    assert refused.value.code == "expired"


def test_a_tank_carries_its_heel_over() -> None:
    receive("S", "1", 900)
    receive("S", "2", 900)
    fill: dict[str, Any] = {"actor": SYSTEM, "at": NOON, "tank": "V-1", "product": product("M"), "now": NOON}
    fill_tank(number="F1", lot_number="V1-1", takes=[Take(lot("S", "1"), Decimal(900))], **fill)
    move("loss", {("M", "V1-1"): 800})
    second = fill_tank(number="F2", lot_number="V1-2", takes=[Take(lot("S", "2"), Decimal(900))], **fill)
    again = fill_tank(number="F2", lot_number="V1-2", takes=[Take(lot("S", "2"), Decimal(900))], **fill)
    assert again.pk == second.pk
    tank = lot("M", "V1-2")
    assert tank.quantity == 1000 and lot("M", "V1-1").status == "consumed"
    heel = LotEdge.objects.get(target=tank, source=lot("M", "V1-1"))
    assert heel.heel == Decimal("0.1") and heel.weight == 100
    with pytest.raises(LotError) as refused:
        fill_tank(number="F3", lot_number="V1-3", takes=[], is_cleaned=True, **fill)
    assert refused.value.code == "tank"
