"""Two people ship the last drum at once: one does, the other is told that nothing is left. Twice the same is once."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import connection

from bihuan.kernel.actor import SYSTEM
from bihuan.quality.errors import LotError
from bihuan.quality.models import LotReservation, Movement
from bihuan.quality.posting import post
from bihuan.quality.postings import Make, Take

from .at_once import at_once
from .plants import NOON, lot, receive
from .test_shipping import back, customer, order, send
from .test_stock import keep


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_the_last_drum_leaves_once_and_comes_back_once() -> None:
    row, buyer = receive("A", "1", 1), customer("演示·甲")
    assert said_at_once(lambda number: send(row, buyer, 1, f"F{number}")) == ["done", "stock"]
    assert lot("A", "1").quantity == 0
    assert said_at_once(lambda number: back(row, buyer, 1, f"TH{number}")) == ["done", "returned"]
    assert Movement.objects.filter(kind="return").count() == 1
    # What is free is reserved once, and not shipped to another while it is being reserved.
    more = receive("A", "2", 100)
    for number in (1, 2):
        order(f"SO{number}", buyer)
    assert said_at_once(lambda number: keep(more, f"SO{number}", 60)) == ["done", "stock"]
    last, taken = receive("A", "3", 100), LotReservation.objects.get().order
    other = "SO2" if taken.number == "SO1" else "SO1"

    def one_each(number: int) -> object:
        if number == 1:
            return keep(last, other, 60)
        return send(last, buyer, 60, "F9", order=taken)

    assert said_at_once(one_each) in (["done", "reserved"], ["done", "stock"])


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_the_same_document_posted_twice_at_once_is_one_posting() -> None:
    row = receive("A", "1", 100)
    posted: list[int] = []

    def use(_number: int) -> None:
        takes, makes = [Take(row, Decimal(10))], [Make(row.product, "2", Decimal(10))]
        posted.append(
            post(actor=SYSTEM, number="B1", kind="produce", at=NOON, takes=takes, makes=makes, now=NOON).pk
        )

    for _round in range(3):
        assert said_at_once(use) == ["done", "done"]
    assert len(set(posted)) == 1
    assert (lot("A", "1").quantity, lot("A", "2").quantity) == (90, 10)


def said_at_once(act: Callable[[int], object]) -> list[str]:
    def one(number: int) -> str:
        try:
            act(number + 1)
        except LotError as error:
            return error.code
        return "done"

    return sorted(at_once(one))
