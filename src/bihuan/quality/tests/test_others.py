"""Deciding, testing and shipping by somebody who may do so but does not see the lot, the result or the customer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404

from bihuan.config.cli import main
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed, Scope
from bihuan.people.services import actor_for, create_user, override_access
from bihuan.quality.deciding import decide, enter_result, invalidate
from bihuan.quality.models import LotEvent, LotShipment, TestResult
from bihuan.quality.moving import ship
from bihuan.quality.postings import Take
from bihuan.sales.models import Order

from .plants import NOON, lot, receive
from .test_deciding import purity, result

pytestmark = pytest.mark.django_db


def person(role: str) -> Any:
    return create_user(
        actor=SYSTEM, username=role, name=f"演示·{role}", roles=[role], team=None, now=NOON, language="en"
    )


def narrowed(role: str, object_name: str, *actions: str) -> Actor:
    """Somebody of that post, in a company where the post does so only with what is their own."""
    for action in actions:
        override_access(
            actor=SYSTEM, role=role, object_name=object_name, action=action, scope=Scope.OWN,
            classes=["public", "technical"], now=NOON,
        )  # fmt: skip
    return actor_for(person(role))


def test_who_does_not_see_a_lot_decides_nothing_about_it_and_enters_no_result() -> None:
    receive("H", "1", 10)
    other = narrowed("quality", "lot", "view", "edit")
    with pytest.raises(Http404):
        decide(actor=other, lot=lot("H", "1"), to="held", reason="x", now=NOON)
    with pytest.raises(Http404):
        enter_result(
            actor=other, lot=lot("H", "1"), characteristic=purity(), said="1", value=1, at=NOON, now=NOON
        )
    assert lot("H", "1").status == "released"
    assert not LotEvent.objects.filter(kind="held").exists() and not TestResult.objects.exists()


def test_who_sees_a_lot_but_may_decide_only_about_own_ones_is_refused() -> None:
    receive("H", "1", 10)
    other = narrowed("quality", "lot", "edit")
    with pytest.raises(NotAllowed):
        decide(actor=other, lot=lot("H", "1"), to="held", reason="x", now=NOON)
    assert lot("H", "1").status == "released"


def test_a_result_that_one_does_not_see_is_not_there_to_be_declared_invalid() -> None:
    receive("H", "1", 10)
    there = result("99.5", 99.5)
    with pytest.raises(Http404):
        invalidate(actor=narrowed("quality", "lot_test", "view"), result=there, reason="x", now=NOON)
    there.refresh_from_db()
    assert there.invalid_at is None


def test_nothing_is_shipped_to_a_customer_to_whom_one_may_not_ship() -> None:
    receive("H", "1", 10)
    buyer = Customer.objects.create(name="演示·买方", created_at=NOON, updated_at=NOON)
    order = Order.objects.create(
        customer=buyer,
        number="DD-1",
        ordered_on=date(2026, 3, 1),
        ordered_at=NOON,
        created_at=NOON,
        updated_at=NOON,
    )
    takes = [Take(lot("H", "1"), Decimal(1))]
    asked: dict[str, Any] = {"number": "D1", "at": NOON, "takes": takes, "customer": buyer, "order": order}
    other = narrowed("dispatcher", "lot_shipment", "create")
    with pytest.raises(Http404, match="customer"):
        ship(actor=other, **asked, now=NOON)
    assert not LotShipment.objects.exists() and lot("H", "1").quantity == 10
    ship(actor=SYSTEM, **asked, now=NOON)
    assert LotShipment.objects.count() == 1


def test_results_stand_in_a_trace_when_asked_for_and_by_whom_they_may_be_read(
    capsys: pytest.CaptureFixture[str],
) -> None:
    receive("H", "1", 10)
    result("99.57", 99.57)
    for role in ("quality", "dispatcher"):
        person(role)
    told = {}
    for role, *more in (("quality", "--tests"), ("quality",), ("dispatcher", "--tests")):
        assert main(["--user", role, "trace", *more, "H/1"]) == 0
        told[role, *more] = capsys.readouterr().out
    assert all("H/1" in text for text in told.values())
    assert {key for key, text in told.items() if "纯度: 99.57 %" in text} == {("quality", "--tests")}
