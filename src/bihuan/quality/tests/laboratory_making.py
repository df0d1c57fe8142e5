"""A laboratory for tests: a lot with a limit, two who enter and verify, and a director."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client

from bihuan.catalog.models import Characteristic
from bihuan.kernel.actor import SYSTEM, Actor
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user
from bihuan.quality.errors import LotError
from bihuan.quality.laboratory.entering import Line, enter_results
from bihuan.quality.laboratory.verifying import verify
from bihuan.quality.models import Lot, Specification, TestResult

from .plants import NOON, lot, receive

D = Decimal
TODAY = date(2026, 3, 2)


def person(name: str, role: str = "quality") -> User:
    return create_user(actor=SYSTEM, username=name, name=f"演示·{name}", roles=[role], team=None, now=NOON, language="en")  # fmt: skip


def client_of(name: str) -> Client:
    client = Client()
    client.force_login(User.objects.get(username=name))
    return client


class Lab:
    """H/1 with a general limit of 99.5 for purity; two of the laboratory and a director."""

    def __init__(self) -> None:
        self.lot = receive("H", "1", 10)
        self.purity = Characteristic.objects.create(code="purity", name="纯度", unit="%", method="GC")
        self.water = Characteristic.objects.create(code="water", name="水分", unit="mg/kg")
        Specification.objects.create(
            product=self.lot.product,
            characteristic=self.purity,
            lower=D("99.5"),
            valid_from=date(2026, 1, 1),
        )
        self.one, self.two, self.head = (
            actor_for(person(name, role))
            for name, role in (("one", "quality"), ("two", "quality"), ("head", "director"))
        )

    def enter(self, said: str, about: Characteristic | None = None, **more: Any) -> TestResult:
        given: dict[str, Any] = {"key": f"k{TestResult.objects.count()}", "tested_at": NOON, "now": NOON}
        actor = more.pop("actor", self.one)
        line = Line(about or self.purity, said, more.pop("uncertainty", ""))
        return enter_results(actor=actor, lot=self.lot, lines=[line], **(given | more))[0]

    def verify(self, *results: TestResult, actor: Actor | None = None) -> list[TestResult]:
        keys = [one.pk for one in results]
        return verify(actor=actor or self.two, lot=self.lot, results=keys, now=NOON)

    def again(self) -> Lot:
        return lot("H", "1")


def code(call: Any, *args: Any, **more: Any) -> str:
    with pytest.raises(LotError) as refused:
        call(*args, **more)
    assert str(refused.value)
    return refused.value.code
