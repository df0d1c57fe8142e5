"""Control charts over lots: figures of a published example, what is left out, who sees which values."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from django.urls import reverse

from bihuan.catalog.models import Characteristic
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, Actor, FieldClass, Grant, Scope
from bihuan.people.models import User
from bihuan.people.services import create_user
from bihuan.quality.charts.histogram import bars_of, histogram
from bihuan.quality.charts.reckoning import Value, base_of, reckon
from bihuan.quality.charts.series import series_of
from bihuan.quality.models import Lot, LotShipment, Movement, ProcessReading, Specification, TestResult

from .plants import NOON, product

# NIST/SEMATECH e-Handbook 6.3.2.2, flow rates: centre 50.81, limits 45.8159 and 55.8041.
FLOW = [49.6, 47.6, 49.9, 51.3, 47.8, 51.2, 52.6, 52.4, 53.6, 52.1]


def test_flow_rates_have_their_published_limits():
    made = reckon([Value(at, str(at), one) for at, one in enumerate(FLOW)], None, None)
    assert made.limits is not None and made.base == 10
    # By hand: the mean range is 16.9 / 9 = 1.8778, sigma 1.6647.
    assert made.limits.centre == pytest.approx(50.81)
    assert made.mean_range == pytest.approx(1.8778, abs=1e-4)
    assert made.limits.upper == pytest.approx(55.8041, abs=1e-3)
    assert made.limits.lower == pytest.approx(45.8159, abs=1e-3)
    assert made.range_upper == pytest.approx(6.1347, abs=1e-3)


def test_a_shift_after_the_baseline_is_seen_and_what_the_limits_come_from_can_be_chosen():
    steady = [10.0 + 0.1 * (at % 2) for at in range(40)]
    values = [Value(at, str(at), one) for at, one in enumerate([*steady, *[11.0] * 25])]
    made = reckon(values, 9.0, 11.0)
    assert (made.base, made.recent) == (40, [1, 2, 3, 4])
    # The last steady value lies above the centre, too.
    assert 4 not in made.points[45].rules and 4 in made.points[46].rules
    assert made.points[40].is_wide and not made.points[41].is_wide
    assert reckon(values, 9.0, 11.0, asked=65).base == 65 and base_of(30, 2) == 10 and base_of(49) == 49


@pytest.fixture
def lots(db) -> list[Lot]:
    """Twelve lots with a result each; one more each that is below detection, invalid, in another unit."""
    of, acid = product("P"), Characteristic.objects.create(code="acid", name="酸值", unit="mg/g")
    made = Lot.objects.bulk_create(
        Lot(product=of, number=f"{at:02}", kind="finished", unit="kg", quantity=1, made_at=NOON - timedelta(days=at), created_at=NOON, updated_at=NOON)
        for at in range(15)
    )  # fmt: skip
    given: list[dict[str, Any]] = [{"value": 1.0 + at % 3} for at in range(12)]
    given += [
        {"value": 1, "is_below_detection": True},
        {"value": 99, "invalid_at": NOON, "invalid_reason": "试"},
        {"value": 3, "unit": "%"},
    ]
    TestResult.objects.bulk_create(
        TestResult(lot=one, characteristic=acid, said="x", tested_at=NOON, **more)
        for one, more in zip(made, given, strict=True)
    )
    ProcessReading.objects.bulk_create(
        ProcessReading(lot=one, step="反应", parameter="釜温", value=80 + at % 2, said="x")
        for at, one in enumerate(made)
    )
    Specification.objects.create(
        product=of, characteristic=acid, upper=Decimal(5), valid_from=date(2020, 1, 1)
    )
    return made


def test_lots_stand_in_order_of_making_and_what_is_left_out_is_counted(lots):
    acid, heat = series_of(SYSTEM, lots[0].product_id, now=NOON).series
    assert [one.number for one in acid.values] == [f"{at:02}" for at in reversed(range(12))]
    assert (acid.below, acid.invalid, acid.other, acid.lower, acid.upper) == (1, 1, 1, None, 5.0)
    assert (heat.name, len(heat.values)) == ("釜温", 15)


def test_who_sees_few_lots_or_no_measurements_sees_no_more_of_them_here(lots):
    owner = User.objects.create(username="x")
    customer = Customer.objects.create(name="演示", owner_a=owner, created_at=NOON, updated_at=NOON)
    sent = Movement.objects.create(number="S", kind="ship", at=NOON, digest="x", actor="x", created_at=NOON, updated_at=NOON)  # fmt: skip
    LotShipment.objects.bulk_create(
        LotShipment(lot=one, movement=sent, customer=customer, quantity=1, shipped_at=NOON)
        for one in lots[:11]
    )
    own = Grant(Scope.OWN, frozenset({FieldClass.PUBLIC, FieldClass.TECHNICAL}))
    grants = {(name, "view"): own for name in ("lot", "lot_test", "lot_reading")}
    seen = series_of(
        Actor(kind="staff", name="x", user_id=owner.pk, grants=grants), lots[0].product_id, now=NOON
    )
    assert [len(one.values) for one in seen.series] == [11, 11]
    without = Grant(Scope.OWN, frozenset({FieldClass.PUBLIC}))
    grants["lot_reading", "view"] = without
    actor = Actor(kind="staff", name="x", user_id=owner.pk, grants=grants)
    assert [one.name for one in series_of(actor, lots[0].product_id, now=NOON).series] == ["酸值"]
    actor = Actor(kind="staff", name="x", user_id=owner.pk, grants={**grants, ("lot_test", "view"): without})
    with pytest.raises(Http404):
        series_of(actor, lots[0].product_id, now=NOON)


def test_the_pages_say_what_is_seen_and_mark_the_lot(lots):
    user = create_user(actor=SYSTEM, username="q", name="演示", roles=["quality"], team=None, now=NOON, language="en")  # fmt: skip
    client = Client()
    client.force_login(user)
    listed = client.get(reverse("charts"), {"product": lots[0].product_id})
    assert "酸值" in listed.text and "反应 · 釜温" in listed.text
    address = reverse("chart", args=[lots[0].product_id])
    key = {"characteristic": TestResult.objects.latest("pk").characteristic_id}
    shown = client.get(address, key | {"lot": lots[3].pk}).text
    assert "酸值 (mg/g), n = 12" in shown and shown.count("is-this") == 2
    assert "Left out: 1 below detection, 1 invalid, 1 that are words or in another unit." in shown
    assert client.get(address, {"characteristic": "99999"}).status_code == 404
    assert client.get(address, {"characteristic": "x²", "base": "-3"}).status_code == 404


def test_a_histogram_holds_every_value_and_counts_what_breaks_the_limits():
    values = [1.0, 2.0, 2.0, 3.0, 9.0]
    made = histogram(values, 1.5, 8.0)
    assert made is not None and sum(bar.n for bar in made.bars) == 5 and (made.below, made.above) == (1, 1)
    assert [bar.n for bar in made.bars] == [3, 1, 0, 0, 1]  # by hand: 1.6 wide from 1
    x = {mark.value: mark.x for mark in made.marks}
    assert x[1.5] < x[3.4] < x[8.0] and all(made.left <= bar.x <= made.right for bar in made.bars)
    assert max(bar.height for bar in made.bars) == made.bars[0].height
    assert (
        not any(bar.is_outside for bar in made.bars[:-1]) and made.bars[-1].is_outside is False
    )  # 7.4 – 9 holds 8
    still = histogram([5.0] * 3, None, None)
    assert still is not None and [bar.n for bar in still.bars] == [3] and histogram([], 1, 2) is None
    assert [bars_of(n) for n in (1, 25, 26, 100, 5000)] == [5, 5, 6, 10, 30]


def test_the_chart_is_held_to_one_customers_limits_and_to_nobodys_whom_one_does_not_see(lots):
    acid = Characteristic.objects.get(code="acid")
    strict = Customer.objects.create(name="演示·严", created_at=NOON, updated_at=NOON)
    hidden = Customer.objects.create(name="演示·宽", created_at=NOON, updated_at=NOON)
    for customer, upper in ((strict, 4), (hidden, 9)):
        Specification.objects.create(
            product=lots[0].product, characteristic=acid, customer=customer, upper=Decimal(upper), valid_from=date(2020, 1, 1)
        )  # fmt: skip
    user = create_user(actor=SYSTEM, username="q", name="演示", roles=["quality"], team=None, now=NOON, language="en")  # fmt: skip
    client = Client()
    client.force_login(user)
    address = reverse("chart", args=[lots[0].product_id])
    key = {"characteristic": acid.pk}
    general = client.get(address, key)
    own = client.get(address, key | {"customer": strict.pk})
    assert "演示·严" in general.text and "≤ 5" in general.text and "≤ 4" in own.text
    # By hand: mean 2, s = sqrt(8 / 11); Cpk = (4 − 2) / 3 s against (5 − 2) / 3 s.
    cpk = [one.context["made"].capability.cpk for one in (general, own)]
    assert cpk == pytest.approx([1.1726, 0.7817], abs=1e-3)
    assert own.text.count('class="chart-bar') == 3 and own.context["made"].capability.low < cpk[1]
    listed = client.get(reverse("charts"), {"product": lots[0].product_id, "customer": strict.pk}).text
    assert "≤ 4" in listed and f"customer={strict.pk}" in listed
    assert client.get(address, key | {"customer": 99_999}).status_code == 404
    # Of another product's customer the list falls back to the product's own.
    assert (
        client.get(reverse("charts"), {"product": lots[0].product_id, "customer": 99_999}).status_code == 200
    )
    owner = User.objects.create(username="x")
    Customer.objects.filter(pk=strict.pk).update(owner_a=owner)
    technical = Grant(Scope.ALL, frozenset({FieldClass.PUBLIC, FieldClass.TECHNICAL}))
    grants = {(name, "view"): technical for name in ("lot", "lot_test", "lot_reading")}
    grants["customer", "view"] = Grant(Scope.OWN, frozenset({FieldClass.PUBLIC}))
    actor = Actor(kind="staff", name="x", user_id=owner.pk, grants=grants)
    known = series_of(actor, lots[0].product_id, customer=hidden.pk, now=NOON)
    assert [name for _key, name in known.choices] == ["演示·严"] and known.customer is None
    assert known.series[0].upper == 5.0
