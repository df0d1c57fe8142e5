"""Results outside the specification hold a lot; a hold is a decision with a reason."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from bihuan.catalog.models import Characteristic
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.models import OutboxEvent
from bihuan.quality.deciding import decide, enter_result, invalidate, limits_for
from bihuan.quality.errors import LotError
from bihuan.quality.models import LotEvent, Specification, TestResult

from .plants import NOON, lot, receive

pytestmark = pytest.mark.django_db


def purity() -> Characteristic:
    return Characteristic.objects.get_or_create(code="purity", defaults={"name": "纯度", "unit": "%"})[0]


def result(said: str, value: float | None, **more: Any) -> TestResult:
    return enter_result(
        actor=SYSTEM,
        lot=lot("H", "1"),
        characteristic=purity(),
        said=said,
        value=value,
        at=NOON,
        now=NOON,
        **more,
    )


def specified(**limits: Any) -> Specification:
    return Specification.objects.create(
        product=lot("H", "1").product, characteristic=purity(), valid_from=date(2026, 1, 1), **limits
    )


def test_a_result_outside_the_specification_holds_the_lot_and_says_so() -> None:
    receive("H", "1", 10)
    specified(lower=Decimal("99.5"))
    result("99.5", 99.5)
    assert lot("H", "1").status == "released"
    result("99.2", 99.2)
    assert lot("H", "1").status == "held"
    assert "99.2" in LotEvent.objects.get(kind="held").reason
    assert OutboxEvent.objects.filter(topic="lot.held").count() == 1


def test_below_detection_breaks_only_a_limit_from_below() -> None:
    receive("H", "1", 10)
    specified(upper=Decimal("0.01"))
    result("<0.05", 0.05, is_below_detection=True)
    assert lot("H", "1").status == "released"


def test_a_customers_limits_and_the_newer_ones_come_first() -> None:
    receive("H", "1", 10)
    buyer = Customer.objects.create(name="演示·买方", created_at=NOON, updated_at=NOON)
    specified(lower=Decimal(99), valid_to=date(2026, 3, 2))
    one = specified(lower=Decimal(98), customer=buyer)
    assert limits_for(lot("H", "1"), NOON) == {}
    assert limits_for(lot("H", "1"), NOON, buyer.pk)[purity().pk] == one


def test_an_invalid_result_wants_a_retest_and_is_not_invalid_twice() -> None:
    receive("H", "1", 10)
    first = result("99", 99.0)
    with pytest.raises(LotError):
        result("99.1", 99.1, retest_of=first)
    invalid = invalidate(actor=SYSTEM, result=first, reason="样品污染", now=NOON)
    assert OutboxEvent.objects.filter(topic="lot.retest_wanted").exists()
    with pytest.raises(LotError):
        invalidate(actor=SYSTEM, result=invalid, reason="样品污染", now=NOON)
    assert result("99.1", 99.1, retest_of=invalid)


def test_a_decision_needs_a_reason_and_is_taken_once() -> None:
    one = receive("H", "1", 10)
    with pytest.raises(LotError):
        decide(actor=SYSTEM, lot=one, to="held", reason=" ", now=NOON)
    decide(actor=SYSTEM, lot=one, to="held", reason="客诉", now=NOON)
    decide(actor=SYSTEM, lot=one, to="held", reason="客诉", now=NOON)
    assert LotEvent.objects.count() == 1
    decide(actor=SYSTEM, lot=one, to="released", reason="复检合格", now=NOON)
    decide(actor=SYSTEM, lot=one, to="rejected", reason="退回", now=NOON)
    with pytest.raises(LotError):
        decide(actor=SYSTEM, lot=one, to="released", reason="又好了", now=NOON)
