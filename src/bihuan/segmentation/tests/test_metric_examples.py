"""Metrics worked out by hand for four small customers, on the first of March of a leap year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from bihuan.catalog.models import Product
from bihuan.customers.duplicates.merging import merge_records
from bihuan.customers.duplicates.undoing import undo_merge
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.sales.models import Order, OrderLine

from .made_lake import Values
from .made_sales import NOW, STAMPS

DAY = date(2024, 3, 1)
SALE, CANCELLATION, ADJUSTMENT = OrderLine.Kind.SALE, OrderLine.Kind.CANCELLATION, OrderLine.Kind.ADJUSTMENT
pytestmark = pytest.mark.django_db(transaction=True)


def customer(name: str) -> Customer:
    return Customer.objects.create(external_id=name, name=name, **STAMPS)


def sold(
    buyer: Customer | None, on: date, quantity: int, price: int, cost: int | None = None,
    kind: OrderLine.Kind = SALE, cancels: OrderLine | None = None,
) -> OrderLine:  # fmt: skip
    """A document with one line."""
    product, _made = Product.objects.get_or_create(code="P", defaults={"name": "P", **STAMPS})
    kinds = {SALE: "order", CANCELLATION: "credit_note", ADJUSTMENT: "adjustment"}
    document = Order.objects.create(
        number=f"D{Order.objects.count()}", kind=kinds[kind], customer=buyer, ordered_on=on,
        ordered_at=datetime(on.year, on.month, on.day, 9, tzinfo=UTC), **STAMPS,
    )  # fmt: skip
    return OrderLine.objects.create(
        order=document, ordinal=1, kind=kind, customer=buyer, ordered_on=on, product=product, cancels=cancels,
        quantity=Decimal(quantity), price=Decimal(price), amount=Decimal(quantity * price),
        cost=None if cost is None else Decimal(cost),
    )  # fmt: skip


@pytest.fixture
def buyers() -> dict[str, Customer]:
    named = {name: customer(name) for name in ("busy", "once", "nothing", "never")}
    busy = named["busy"]
    sold(
        busy, date(2023, 3, 2), 10, 10, cost=120
    )  # 365 days before: just outside the window of twelve months
    sold(busy, date(2023, 3, 3), 1, 200, cost=260)
    morning = sold(busy, date(2024, 2, 29), 5, 20)
    sold(busy, date(2024, 2, 29), 2, 25, cost=20)
    sold(busy, DAY, -3, 20, kind=CANCELLATION, cancels=morning)
    sold(busy, date(2024, 1, 15), -1, 10, kind=ADJUSTMENT)
    sold(busy, date(2024, 3, 2), 1, 999)  # not known yet
    sold(named["once"], date(2024, 2, 1), 1, 70, cost=70)
    whole = sold(named["nothing"], date(2024, 1, 10), 1, 40)
    sold(named["nothing"], date(2024, 1, 11), -1, 40, kind=CANCELLATION, cancels=whole)
    sold(None, date(2024, 2, 1), 1, 5000)
    return named


EXPECTED: dict[str, dict[str, Any]] = {
    "busy": {
        "revenue_90d": 80, "revenue_12m": 280, "revenue_lifetime": 380,
        "margin_90d": 30, "margin_12m": -30, "margin_lifetime": -50, "margin_rate_12m": "-0.12",
        "orders_90d": 2, "orders_12m": 3, "orders_lifetime": 4, "average_order_12m": "93.333333",
        "recency_days": 1, "tenure_days": 365, "order_gap_median": 182, "order_gap_p95": "344.9",
        "monthly_cv_12m": "2.675942", "growth_12m": "1.8", "volume_12m": 5, "volume_trend_6m": None,
        "product_count_12m": 1, "product_diversity_12m": 0, "concentration_12m": 1,
        "abc_class": "A", "revenue_rank_share_12m": "0.5",
        "rfm_recency": 4, "rfm_frequency": 4, "rfm_monetary": 4, "rfm_score": 12,
    },
    "once": {
        "revenue_12m": 70, "margin_12m": 0, "margin_rate_12m": 0, "orders_12m": 1, "average_order_12m": 70,
        "recency_days": 29, "tenure_days": 29, "order_gap_median": None, "order_gap_p95": None,
        "monthly_cv_12m": None, "growth_12m": None,
        # Those before make up exactly 80 %: that is no longer A.
        "abc_class": "B", "revenue_rank_share_12m": 1,
        "rfm_recency": 2, "rfm_frequency": 1, "rfm_monetary": 2, "rfm_score": 5,
    },
    "nothing": {
        "revenue_12m": 0, "margin_12m": None, "margin_rate_12m": None, "orders_12m": 1, "average_order_12m": 0,
        "recency_days": 51, "volume_12m": 0, "product_count_12m": 0, "product_diversity_12m": None,
        "concentration_12m": None, "monthly_cv_12m": None, "abc_class": "C", "revenue_rank_share_12m": None,
        "rfm_score": 3,
    },
    "never": {
        "revenue_12m": 0, "orders_12m": 0, "average_order_12m": None, "recency_days": None, "tenure_days": None,
        "overdue_amount": 0, "overdue_days_max": 0, "on_time_delivery_12m": None, "on_time_payment_12m": None,
        "abc_class": None, "rfm_score": None, "share_of_wallet": None,
    },
}  # fmt: skip


@pytest.mark.parametrize("name", EXPECTED)
def test_the_figures_are_those_of_pencil_and_paper(
    metrics_at: Callable[[date], Values], buyers: dict[str, Customer], name: str
) -> None:
    found = metrics_at(DAY)[buyers[name].pk]
    for metric, expected in EXPECTED[name].items():
        value = found.get(metric)
        is_text = expected is None or metric == "abc_class"
        assert value == (expected if is_text else Decimal(expected)), metric


def test_a_merged_customer_brings_its_figures_and_takes_them_back(
    metrics_at: Callable[[date], Values], buyers: dict[str, Customer]
) -> None:
    double = customer("double")
    sold(double, date(2024, 2, 10), 1, 30)
    before = metrics_at(DAY)
    merge = merge_records(
        actor=SYSTEM, profile="company", winner_id=buyers["once"].pk, loser_ids=[double.pk], now=NOW
    )
    merged = metrics_at(DAY)
    assert double.pk not in merged
    assert merged[buyers["once"].pk]["revenue_12m"] == 100
    assert merged[buyers["once"].pk]["order_gap_median"] == 9
    undo_merge(actor=SYSTEM, merge_id=merge.pk, now=NOW)
    assert metrics_at(DAY) == before
