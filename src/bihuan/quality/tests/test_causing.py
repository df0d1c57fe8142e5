"""Causes over stored lots: which lots are good, what of them is compared, and who may ask."""

from __future__ import annotations

import json
import random
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import Http404
from django.test import Client
from django.test.utils import CaptureQueriesContext

from bihuan.catalog.models import Characteristic
from bihuan.config.cli import main
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, Actor, FieldClass, Grant, Scope
from bihuan.people.models import User
from bihuan.people.services import create_user
from bihuan.quality.causing import Causes, causes_of, good_lots
from bihuan.quality.deciding import decide
from bihuan.quality.errors import LotError
from bihuan.quality.lots.causes import cause_lines, chart_address
from bihuan.quality.models import (
    Lot,
    LotEdge,
    LotShipment,
    Movement,
    ProcessReading,
    Specification,
    TestResult,
)
from bihuan.service.models import Case, CaseReference

from .plants import NOON, product

pytestmark = pytest.mark.django_db
GOOD = 40


def made(code: str, numbers: list[str], kind: str = "finished", **more: Any) -> list[Lot]:
    of = product(code)
    return Lot.objects.bulk_create(
        Lot(
            product=of, number=number, kind=kind, unit="kg", quantity=1, inflow=100, disposition="released", status="released",
            made_at=NOON + timedelta(hours=place), created_at=NOON, updated_at=NOON, **more,
        )
        for place, number in enumerate(numbers)
    )  # fmt: skip


@pytest.fixture
def plant() -> dict[str, Any]:
    """Forty good lots of three readings and a result, of two raw materials, and a lot whose kettle was too hot."""
    rng = random.Random(4)
    lots = made("P", [f"{one:03}" for one in range(GOOD)] + ["bad"])
    raws = made("R", ["r1", "r2"], "raw", supplier="演示甲厂") + made("R", ["r3"], "raw", supplier="演示乙厂")
    salts = made("S", ["s1", "s2"], "raw")
    movement = Movement.objects.create(
        number="M", kind="produce", at=NOON, digest="x", actor="x", created_at=NOON, updated_at=NOON
    )
    LotEdge.objects.bulk_create(
        LotEdge(source=source, target=one, movement=movement)
        for place, one in enumerate(lots)
        for source in (raws[2] if one.number == "bad" else raws[place % 2], salts[place % 2])
    )
    purity = Characteristic.objects.create(code="purity", name="纯度", unit="%")
    water = Characteristic.objects.create(code="water", name="水分", unit="%")
    ProcessReading.objects.bulk_create(
        ProcessReading(lot=one, step=step, parameter=name, value=value, said=f"{value:g}")
        for one in lots
        for step, name, value in (
            ("反应", "釜温", rng.gauss(80, 1) + (9 if one.number == "bad" else 0)),
            ("反应", "压力", rng.gauss(3, 0.1)),
            ("干燥", "压力", rng.gauss(1, 0.1)),
        )
    )
    results = [
        TestResult(
            lot=one, characteristic=purity, value=90.0 if one.number == "bad" else rng.gauss(99, 0.1), said="x", tested_at=NOON
        )
        for one in lots
    ]  # fmt: skip
    results += [
        TestResult(lot=salts[place % 2], characteristic=water, value=rng.gauss(5, 1), said="x", tested_at=NOON, sample=one.number)
        for place, one in enumerate(lots)
    ]  # fmt: skip
    TestResult.objects.bulk_create(results)
    return {"lots": lots, "bad": lots[-1], "purity": purity, "raws": raws}


def names(found: Causes) -> list[str]:
    return [one.name for one in found.comparison.candidates]


def test_the_kettle_stands_out_beside_the_good_lots(plant):
    found = causes_of(SYSTEM, plant["bad"])
    assert found.comparison.stands_out and found.comparison.n == GOOD
    by_name = {one.name: one for one in found.comparison.candidates}
    assert (by_name["釜温"].z or 0) > 5
    assert found.sources["釜温"].step == "反应" and found.sources["釜温"].kind == "reading"
    # The same parameter of two steps is told apart; what comes of a raw material says of which.
    assert {"反应 · 压力", "干燥 · 压力"} <= set(found.sources)
    assert {(one.kind, one.product) for one in found.sources.values()} >= {
        ("supplier", "R"),
        ("lot", "S"),
        ("time", ""),
    }


def test_results_and_readings_lead_to_the_chart_of_their_product(plant):
    found = causes_of(SYSTEM, plant["bad"])
    create_user(actor=SYSTEM, username="q", name="演示", roles=["quality"], team=None, now=NOON)
    client = Client()
    client.force_login(User.objects.get(username="q"))
    charts = {name: chart_address(found, one) for name, one in found.sources.items()}
    kettle = client.get(charts["釜温"])
    assert kettle.context["title"] == "反应 · 釜温" and kettle.context["marked"] == plant["bad"].pk
    water = next(
        one for name, one in charts.items() if "水分" in name
    )  # of the salt, and the lot is none of its lots
    assert client.get(water).context["product"].code == "S" and "lot=" not in water
    assert {one.kind for name, one in found.sources.items() if not charts[name]} == {
        "supplier",
        "lot",
        "time",
    }
    assert charts["釜温"] in {one.chart for one in cause_lines(found)}


def test_a_result_outside_its_limits_is_what_is_to_be_explained(plant):
    assert "纯度" in names(causes_of(SYSTEM, plant["bad"]))
    Specification.objects.create(
        product=plant["bad"].product, characteristic=plant["purity"], lower=98, valid_from=NOON.date()
    )
    found = causes_of(SYSTEM, plant["bad"])
    assert found.deviating == ("纯度",)
    assert "纯度" not in found.sources


def test_a_raw_lot_analysed_for_a_batch_counts_by_that_analysis(plant):
    value = TestResult.objects.get(characteristic__code="water", sample="bad").value
    found = causes_of(SYSTEM, plant["bad"])
    assert {one.name: one.value for one in found.comparison.candidates}["S · 水分"] == value


def test_a_supplier_that_no_good_lot_had_is_named(plant):
    ProcessReading.objects.filter(lot=plant["bad"]).delete()
    found = causes_of(SYSTEM, plant["bad"])
    [name] = [name for name, one in found.sources.items() if one.kind == "supplier"]
    best = {one.name: one for one in found.comparison.candidates}[name]
    assert best.value == "演示乙厂" and best.good_median == "演示甲厂"


def test_held_rejected_and_other_lots_are_no_good_ones(plant):
    lots = plant["lots"]
    for place, to in ((0, "held"), (1, "rejected")):
        decide(actor=SYSTEM, lot=lots[place], to=to, reason="试", now=NOON)
    decide(actor=SYSTEM, lot=lots[2], to="held", reason="试", now=NOON)
    decide(actor=SYSTEM, lot=lots[2], to="released", reason="试", now=NOON)
    assert good_lots(SYSTEM, plant["bad"]) == [one.pk for one in lots[3:-1]]


def test_lots_that_somebody_complained_of_are_no_good_ones(plant):
    lots = plant["lots"]
    customer = Customer.objects.create(name="演示宏远化工", created_at=NOON, updated_at=NOON)
    for place, kind in enumerate(("complaint", "question")):
        case = Case.objects.create(
            number=str(place), customer=customer, kind=kind, title="演示", opened_at=NOON, created_at=NOON, updated_at=NOON
        )  # fmt: skip
        CaseReference.objects.create(case=case, kind="lot", key=f"P/{lots[place].number}", label="演示")
    assert good_lots(SYSTEM, plant["bad"]) == [one.pk for one in lots[1:-1]]


def test_too_few_good_lots_and_none_say_so():
    [alone] = made("Q", ["1"])
    found = causes_of(SYSTEM, alone)
    assert not found.comparison.stands_out and found.comparison.candidates == ()


def test_only_lots_that_one_sees_are_compared(plant):
    lots, owner = plant["lots"], User.objects.create(username="x")
    customer = Customer.objects.create(name="演示", owner_a=owner, created_at=NOON, updated_at=NOON)
    sent = Movement.objects.create(number="S", kind="ship", at=NOON, digest="x", actor="x", created_at=NOON, updated_at=NOON)  # fmt: skip
    LotShipment.objects.bulk_create(
        LotShipment(lot=one, movement=sent, customer=customer, quantity=1, shipped_at=NOON)
        for one in (*lots[:12], plant["bad"])
    )
    own = Grant(Scope.OWN, frozenset({FieldClass.PUBLIC, FieldClass.TECHNICAL}))
    grants = {(name, "view"): own for name in ("lot", "lot_test", "lot_reading")}
    actor = Actor(kind="staff", name="x", user_id=owner.pk, grants=grants)
    found = causes_of(actor, plant["bad"])
    assert good_lots(actor, plant["bad"]) == [one.pk for one in lots[:12]]
    assert found.comparison.n == 12
    # Raw lots went to nobody: nothing of them is compared.
    assert {one.product for one in found.sources.values()} == {""}
    none = {key: grant for key, grant in grants.items() if key[0] != "lot_reading"}
    none["lot_reading", "view"] = Grant(Scope.OWN, frozenset({FieldClass.PUBLIC}))
    with pytest.raises(LotError):
        causes_of(Actor(kind="staff", name="x", user_id=owner.pk, grants=none), plant["bad"])


def test_who_does_not_see_the_lot_learns_nothing(plant):
    with pytest.raises(Http404):
        causes_of(Actor(kind="staff", name="x"), plant["bad"])


def test_what_is_asked_of_the_database_does_not_grow_with_the_lots(plant):
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            causes_of(SYSTEM, plant["bad"])
        return len(queries)

    before = asked()
    more = made("P", [f"m{one}" for one in range(30)])
    ProcessReading.objects.bulk_create(
        ProcessReading(lot=one, step="反应", parameter="釜温", value=80, said="80") for one in more
    )
    assert asked() == before


def test_the_command_says_it_in_words_and_as_data(plant, capsys):
    assert main(["cause", "P/bad", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["lot"], answer["verdict"], answer["good_lots"]) == ("P/bad", "found", GOOD)
    best = next(one for one in answer["candidates"] if one["parameter"] == "釜温")
    assert set(best) >= {"score", "value", "good_median", "n"} and best["n"] == GOOD
    assert main(["cause", "P/bad"]) == 0
    assert "釜温" in capsys.readouterr().out
    assert main(["cause", "P/nothing"]) == 1
    assert "P/nothing" in capsys.readouterr().err


def test_without_the_right_to_read_measurements_it_is_refused(plant):
    sees_lots = {("lot", "view"): Grant(Scope.ALL, frozenset({FieldClass.PUBLIC}))}
    with pytest.raises(LotError) as refused:
        causes_of(Actor(kind="staff", name="x", grants=sees_lots), plant["bad"])
    assert refused.value.code == "withheld"
