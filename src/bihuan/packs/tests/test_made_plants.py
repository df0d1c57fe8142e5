"""The made company's plant: everything balances, lots come before what is made of them, complaints lead to planted causes."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.db.models import F, Sum

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.fields import to_fixed
from bihuan.kernel.settings_store import get_setting
from bihuan.packs.pack import PACKS, read_yaml
from bihuan.packs.services import install_pack
from bihuan.packs.simulation.plants.chance import LIMIT_AT, measured
from bihuan.packs.simulation.plants.curves import series_keeper
from bihuan.packs.simulation.plants.flows import cut, drawn
from bihuan.packs.simulation.plants.model import read_plant
from bihuan.packs.simulation.run import MADE, simulate
from bihuan.quality.causing import causes_of
from bihuan.quality.deciding import is_outside, limits_for
from bihuan.quality.models import (
    Lot,
    LotEdge,
    LotEvent,
    LotReservation,
    LotShipment,
    Movement,
    MovementLine,
    ProcessReading,
    ReadingSeries,
    TestResult,
)
from bihuan.quality.naming import lot_named
from bihuan.quality.postings import BALANCED, SHAPES
from bihuan.quality.series.checking import series_findings
from bihuan.quality.series.files import write_file
from bihuan.quality.shipping.dispatching import outside_for
from bihuan.quality.tracing import trace
from bihuan.sales.models import OrderLine
from bihuan.service.models import Case, CaseReference

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)


@pytest.fixture
def made(request: Any, db: Any, settings: Any, tmp_path: Path) -> list[dict[str, Any]]:
    """The planted causes of a made company of the pack asked for."""
    settings.HOME = tmp_path
    install_pack(request.param, now=NOW)
    simulate(
        actor=SYSTEM, pack=request.param, customers=110, years=2, seed=4, until=NOW.date(), now=NOW, truths=tmp_path / "truths",
    )  # fmt: skip
    told = [json.loads(line) for line in (tmp_path / "truths").read_text(encoding="utf-8").splitlines()]
    return [one for one in told if one.get("truth") == "cause"]


@pytest.mark.parametrize("made", PACKS, indirect=True)
def test_a_made_plant_is_one_that_posting_could_have_left(made: list[dict[str, Any]]):
    lots = {one.pk: one for one in Lot.objects.select_related("product")}
    assert {one.kind for one in lots.values()} >= {"raw", "finished", "retained"}
    lines: dict[int, list[MovementLine]] = defaultdict(list)
    for line in MovementLine.objects.all():
        lines[line.movement_id].append(line)
    edges: dict[int, list[LotEdge]] = defaultdict(list)
    for edge in LotEdge.objects.all():
        edges[edge.movement_id].append(edge)
    for movement in Movement.objects.all():
        ins = [one for one in lines[movement.pk] if not one.is_output]
        outs = [one for one in lines[movement.pk] if one.is_output]
        for wanted, rows in zip(SHAPES[movement.kind], (ins, outs), strict=True):
            assert {"none": not rows, "one": len(rows) == 1, "some": bool(rows), "any": True}[wanted], (
                movement
            )
        if movement.kind in BALANCED:
            assert sum(to_fixed(one.weight or 0) for one in lines[movement.pk]) == -to_fixed(movement.lost)
            assert movement.lost >= 0
            into: dict[int, int] = defaultdict(int)
            for edge in edges[movement.pk]:
                into[edge.target_id] += to_fixed(edge.weight or 0)
                assert (edge.heel is not None) == next(
                    one.is_heel for one in ins if one.lot_id == edge.source_id
                )
            assert into == {one.lot_id: to_fixed(one.weight or 0) for one in outs}
        assert movement.at <= NOW
        assert all(lots[one.lot_id].made_at <= movement.at for one in lines[movement.pk])
    left = dict(MovementLine.objects.order_by().values_list("lot").annotate(Sum("quantity")))
    assert {pk: one.quantity for pk, one in lots.items()} == left
    for one in lots.values():
        assert one.status == (one.disposition if one.quantity else one.status) and (one.quantity or 0) >= 0
        assert one.quantity or one.status in ("shipped", "consumed")
    assert not LotShipment.objects.exclude(lot__disposition="released").exists()
    assert not LotShipment.objects.exclude(order__customer=F("customer")).exists()
    ways = LotShipment.objects.values_list("arrival", flat=True)
    assert list(ways).count("way") < list(ways).count("arrived") == len(ways) - list(ways).count("way")
    kept_as_reserving_would(get_setting(MADE)[0]["pack"])
    stopped = set(LotEvent.objects.filter(kind="held").values_list("lot", flat=True))
    failed = set()
    for result in TestResult.objects.filter(lot__kind="finished").select_related("lot"):
        limits = limits_for(result.lot, result.tested_at).get(result.characteristic_id)
        if limits is not None and is_outside(result, limits):
            failed.add(result.lot_id)
    assert failed == stopped
    assert made and all(lot_named(SYSTEM, one["lots"][0]) for one in made)
    curves_say_what_readings_say({(one["step"], one["parameter"]) for one in made if "parameter" in one})


def kept_as_reserving_would(pack: str) -> None:
    """Reservations are for open lines of the lot's product, cover no more than there is, and used is what their shipments drew."""
    today = NOW.date()
    rows = LotReservation.objects.select_related("lot", "line__order")
    open_ones = [one for one in rows if one.ended_at is None]
    assert all(one.until is None or one.until > today for one in open_ones)
    wanted = OrderLine.objects.filter(
        product__in=Lot.objects.filter(kind="finished").values("product"), kind=OrderLine.Kind.SALE, delivered_on=None, quantity__gt=0,
        cancelled_by=None, order__ordered_at__lte=NOW - timedelta(hours=4),
    )  # fmt: skip
    # So few customers that are delivered to within days have nothing open on a Sunday.
    assert wanted.exists() == bool(open_ones) == (pack not in {"sulfuric_acid", "building_materials"})
    on_way = LotShipment.objects.filter(arrival="way", line__delivered_on=None)
    assert all(one.drawn == one.quantity and one.shipped_at <= NOW for one in on_way)
    if open_ones:
        assert on_way and any(one.until and one.until <= today + timedelta(days=5) for one in open_ones)
    left: dict[int, Decimal] = defaultdict(Decimal)
    of_line: dict[int, Decimal] = defaultdict(Decimal)
    drawn_of = dict(
        LotShipment.objects.filter(reservation__isnull=False)
        .values_list("reservation")
        .annotate(Sum("drawn"))
    )
    sent = dict(LotShipment.objects.filter(line__isnull=False).values_list("line").annotate(Sum("quantity")))
    for one in rows:
        line = one.line
        assert (line.product_id, line.order_id, line.order.customer_id) == (
            one.lot.product_id,
            one.order_id,
            one.customer_id,
        )
        assert line.delivered_on is None and line.kind == line.Kind.SALE and not line.cancelled_by.exists()
        assert 0 < one.quantity <= line.quantity and one.left + sent.get(line.pk, 0) <= line.quantity
        assert one.used == drawn_of.get(one.pk, 0) and (one.ended_how == "used") == (one.ended_at is not None)
        assert (one.left == 0) == (one.ended_at is not None)
        assert line.order.ordered_at <= one.created_at <= NOW
        assert one.lot.events.filter(kind="released", at__lt=one.created_at).exists()
        assert not outside_for(one.lot, one.customer_id, NOW)
        left[one.lot_id] += one.left
        of_line[one.line_id] += one.left
        assert of_line[one.line_id] + sent.get(one.line_id, 0) <= line.quantity
    together = {len({one.lot_id for one in open_ones if one.line_id == line}) for line in of_line}
    assert not open_ones or max(together) == 2  # some line has two lots kept for it
    assert all(kept < (Lot.objects.get(pk=lot).quantity or 0) for lot, kept in left.items())
    assert not LotShipment.objects.filter(line=None).exists()
    assert not LotShipment.objects.exclude(line__product=F("lot__product"), line__order=F("order")).exists()


def curves_say_what_readings_say(planted: set[tuple[str, str]]) -> None:
    """A curve's mean is its lot's reading; a planted one was right at first and leaves its limits, no other stays outside them."""
    told = {
        (one.lot_id, one.step, one.parameter): one for one in ProcessReading.objects.filter(statistic="value")
    }
    series = list(ReadingSeries.objects.all())
    assert 6 <= len(series) <= 120 and not series_findings()
    astray = set()
    for one in series:
        reading = told[one.lot_id, one.step, one.parameter]
        assert one.upper is not None and one.lower is not None and reading.value is not None
        assert one.summary["mean"] == pytest.approx(reading.value, abs=0.02 * (one.upper - one.lower))
        assert (one.set_point, one.lower, one.upper) == (reading.set_point, reading.lower, reading.upper)
        if not one.lower <= reading.value <= one.upper:
            astray.add((one.step, one.parameter))
            assert one.lower <= one.shape[0][1] <= one.upper
        assert (one.summary["outside"] > one.count / 3) == (not one.lower <= reading.value <= one.upper)
    with_curves = {(one.step, one.parameter) for one in series}
    assert astray == planted & with_curves and astray


def test_the_files_of_a_company_that_came_to_nothing_go_with_it(settings: Any, tmp_path: Path):
    settings.HOME = tmp_path
    with pytest.raises(KeyboardInterrupt), series_keeper(NOW) as keeper:
        write_file("series/7/a.parquet", np.array([1, 2]), [("t", np.array([1.0, 2.0]))])
        keeper.written.append("series/7/a.parquet")
        raise KeyboardInterrupt
    assert not list((tmp_path / "lake/series").iterdir())


@pytest.mark.parametrize("made", ["sulfuric_acid"], indirect=True)
def test_a_complaint_leads_to_its_lot_the_cause_and_where_it_came_from(made: list[dict[str, Any]]):
    newest = made[0]
    recent = Case.objects.filter(references__kind="lot", references__label=newest["lots"][0])
    case = recent.order_by("-opened_at").first()
    assert case is not None and newest["lots"][0] in case.text and case.closed_at is None
    lot = lot_named(SYSTEM, newest["lots"][0])
    assert LotShipment.objects.filter(lot=lot, customer=case.customer, shipped_at__lt=case.opened_at).exists()
    found = causes_of(SYSTEM, lot)
    assert found.comparison.stands_out
    best = found.sources[found.comparison.candidates[0].name]
    assert (best.step, best.label) == (newest["step"], newest["parameter"])
    traced = trace(SYSTEM, lot)
    raw = [one for one in traced.nodes.values() if one.kind == "raw"]
    assert {one.product for one in raw} == {"RM-S", "RM-AIR", "RM-H2O"}
    assert sum(one.share or 0 for one in raw) == pytest.approx(1, abs=0.01)
    assert any(one.customer_name for one in traced.shipments)
    for text in CaseReference.objects.filter(kind="lot").values_list("label", flat=True)[:40]:
        assert lot_named(SYSTEM, text)


@pytest.mark.parametrize("pack", PACKS)
def test_a_plants_words_fit_the_pack(pack: str):
    model = read_plant(pack)
    products = {one["code"]: one for one in read_yaml(pack, "products.yaml")["products"]}
    titles = {one["title"] for one in read_yaml(pack, "cases.yaml")["defects"]}
    assert len(model.causes) == len(model.products) == 3
    for code, cause in zip(model.products, model.causes, strict=True):
        assert cause.defect in titles
        limits = {one["code"]: one for one in products[code]["characteristics"]}
        assert cause.effect in limits
    for raw in model.raw:
        assert all(one[0].startswith("演示") for one in raw.suppliers)
    assert sum(one.share for one in model.raw) >= 1 or len(model.raw) == 1


def test_amounts_are_drawn_down_exactly():
    assert cut(1003, 4, 10) == [250, 250, 250, 253]
    assert drawn([5, 5], [3, 4, 1]) == [[(0, 3)], [(0, 2), (1, 2)], [(1, 1)]]


@pytest.mark.parametrize(
    ("lower", "upper", "towards"),
    [(99.5, None, -1), (None, 0.005, 1), (235, None, -1), (None, -20, 1), (5, 7, 1)],
)
def test_a_good_plant_keeps_its_limits(lower: float | None, upper: float | None, towards: int):
    what = measured(1, "c", "C", "%", "", lower, upper)
    limit = upper if towards > 0 else lower
    assert what.towards == towards and what.mean + towards * LIMIT_AT * what.sd == pytest.approx(limit)
    for z in (-3, 0, 3):
        value = what.value(z)
        assert (lower is None or value >= lower) and (upper is None or value <= upper)
