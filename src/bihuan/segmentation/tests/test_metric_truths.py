"""Metrics against what must hold of them: the past stays what it was, late rows arrive, arithmetic agrees."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.analytics.changes import mark_changed, month_of
from bihuan.kernel.analytics.registry import load_all
from bihuan.kernel.models import LakeChange
from bihuan.sales.models import Order, OrderLine, Receivable
from bihuan.segmentation.explaining import explain_metric
from bihuan.segmentation.explaining.explanation import same
from bihuan.segmentation.models import MetricRow
from bihuan.segmentation.queries import current_values
from bihuan.segmentation.refreshing import refresh_metrics, values_at

from .made_lake import Values, read_values_file
from .made_sales import DAYS, FIRST, NOW, end_at, make_sales

LAST = FIRST + timedelta(days=DAYS)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize(
    ("seed", "day"), [(1, date(2025, 2, 28)), (2, date(2024, 8, 31)), (3, date(2025, 12, 1))]
)
def test_a_past_date_gives_what_a_database_that_ends_there_gives(
    metrics_at: Callable[[date], Values], seed: int, day: date
) -> None:
    make_sales(seed)
    seen_later = metrics_at(day)
    end_at(day)
    seen_then = metrics_at(day)
    assert seen_later == seen_then
    named = {name for values in seen_then.values() for name in values}
    assert set(load_all().metrics) <= named, "the made company leaves a metric without any value"


def test_late_rows_touch_their_months_only_and_give_what_a_full_computation_gives(
    lake: Path, metrics_at: Callable[[date], Values]
) -> None:
    make_sales(4)
    metrics_at(LAST)
    files = {path: path.stat().st_mtime_ns for path in lake.rglob("part=*/*.parquet")}
    chosen = OrderLine.objects.filter(ordered_on__gte=date(2024, 3, 1), ordered_on__lt=date(2024, 4, 1))
    late = list(chosen[:5])
    moved, removed, *changed = late
    OrderLine.objects.filter(pk=moved.pk).update(ordered_on=date(2024, 5, 9))
    OrderLine.objects.filter(pk=removed.pk).delete()
    for line in changed:
        OrderLine.objects.filter(pk=line.pk).update(amount=line.amount + 7, delivered_on=date(2024, 6, 1))
    added = Order.objects.filter(customer__isnull=False).first()
    assert added is not None
    OrderLine.objects.create(
        order=added, ordinal=99, customer_id=added.customer_id, ordered_on=date(2022, 1, 31), product=late[0].product,
        quantity=1, price=Decimal("0.1"), amount=Decimal("0.1"),
    )  # fmt: skip
    touched = {"2024-03", "2024-05", "2022-01"}
    mark_changed("order_lines", touched, now=NOW)
    incremental = read_values_file(values_at(actor=SYSTEM, as_of=LAST, now=NOW))
    rewritten = {
        path.parent.name.removeprefix("part=")
        for path in lake.rglob("order_lines/part=*/*.parquet")
        if files.get(path) != path.stat().st_mtime_ns
    }
    assert rewritten == touched
    assert not LakeChange.objects.exists()
    assert incremental == metrics_at(LAST)


def test_a_month_without_rows_left_vanishes_from_the_lake(
    lake: Path, metrics_at: Callable[[date], Values]
) -> None:
    make_sales(5, orders=60)
    OrderLine.objects.filter(order__ordered_on__lt=date(2023, 9, 1)).update(cancels=None)
    before = metrics_at(LAST)
    gone = {month_of(day) for day in OrderLine.objects.values_list("ordered_on", flat=True)} - {"2024-01"}
    OrderLine.objects.exclude(ordered_on__gte=date(2024, 1, 1), ordered_on__lt=date(2024, 2, 1)).delete()
    mark_changed("order_lines", gone, now=NOW)
    after = read_values_file(values_at(actor=SYSTEM, as_of=LAST, now=NOW))
    assert after != before
    assert after == metrics_at(LAST)
    assert sum(values["revenue_lifetime"] for values in after.values()) == sum(
        OrderLine.objects.filter(customer__isnull=False).values_list("amount", flat=True)
    )


@pytest.mark.parametrize("seed", [6, 7])
def test_every_figure_opens_to_arithmetic_that_gives_the_stored_value(lake: Path, seed: int) -> None:
    make_sales(seed)
    refresh_metrics(actor=SYSTEM, as_of=LAST - timedelta(days=45), now=NOW)
    explained = set()
    for customer in Customer.objects.all():
        values = current_values(SYSTEM, customer)
        for name in [*load_all().metrics, "facts.annual_purchases", "facts.credit_grade", "facts.employees"]:
            opened = explain_metric(SYSTEM, customer, name)
            assert same(opened.recomputed, values.get(name)), (name, customer.pk, opened)
            if name in values:
                explained.add(name)
                assert opened.end == LAST - timedelta(days=45)
    assert set(load_all().metrics) <= explained


def test_all_customers_are_stored_exactly_with_the_columns_that_lists_use(lake: Path) -> None:
    make_sales(8)
    done = refresh_metrics(actor=SYSTEM, as_of=LAST, now=NOW)
    assert done.customers == Customer.objects.count() == MetricRow.objects.count()
    path = values_at(actor=SYSTEM, as_of=LAST, now=NOW)
    computed = read_values_file(path)
    for row in MetricRow.objects.select_related("customer"):
        values = current_values(SYSTEM, row.customer)
        assert {name: str(value) for name, value in values.items() if isinstance(value, str)} == {
            name: value for name, value in computed[row.customer_id].items() if isinstance(value, str)
        }
        numbers = {
            name: Decimal(value)
            for name, value in computed[row.customer_id].items()
            if not isinstance(value, str)
        }
        assert {
            name: Decimal(value) for name, value in values.items() if isinstance(value, int | Decimal)
        } == numbers
        assert row.revenue_12m == numbers["revenue_12m"]
        assert row.margin_12m == numbers.get("margin_12m", 0)
        assert row.recency_days == numbers.get("recency_days")
        assert row.overdue_amount == numbers["overdue_amount"]
    total = sum(row.revenue_12m for row in MetricRow.objects.all())
    start = LAST - timedelta(days=365)
    assigned = OrderLine.objects.filter(customer__isnull=False, ordered_on__gt=start, ordered_on__lte=LAST)
    assert total == sum(assigned.values_list("amount", flat=True))


def test_an_unsettled_receivable_counts_what_is_left_of_it(lake: Path) -> None:
    make_sales(9, customers=5, orders=5)
    Receivable.objects.all().delete()
    customer = Customer.objects.first()
    assert customer is not None
    stamps = {"created_at": NOW, "updated_at": NOW, "customer": customer, "issued_on": date(2026, 1, 1)}
    day = date(2026, 2, 20)
    Receivable.objects.create(amount=100, settled_amount=30, due_on=date(2026, 2, 10), **stamps)
    Receivable.objects.create(
        amount=50, settled_amount=50, due_on=date(2026, 2, 1), settled_on=date(2026, 2, 25), **stamps
    )
    Receivable.objects.create(amount=9, due_on=day, **stamps)
    refresh_metrics(actor=SYSTEM, as_of=day, now=NOW)
    values = current_values(SYSTEM, customer)
    assert (values["overdue_amount"], values["overdue_days_max"]) == (120, 19)
    assert values["on_time_payment_12m"] == 0
    # Credits cover the oldest first; what they cover is not late.
    for amount in (-15, -100):
        Receivable.objects.create(amount=amount, due_on=day, **stamps)
    mark_changed("receivables", None, now=NOW)
    Receivable.objects.filter(amount=9).update(due_on=date(2026, 2, 12))
    refresh_metrics(actor=SYSTEM, as_of=day, now=NOW)
    values = current_values(SYSTEM, customer)
    assert (values["overdue_amount"], values["overdue_days_max"]) == (14, 10)
    for name in ("overdue_amount", "overdue_days_max", "on_time_payment_12m"):
        assert same(explain_metric(SYSTEM, customer, name).recomputed, values.get(name)), name
