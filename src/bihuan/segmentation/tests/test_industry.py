"""The industry as policies read it: the newest dated fact, else what the customer's record says."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest

from bihuan.customers.models import Customer, CustomerFact
from bihuan.segmentation.explaining.explanation import fact_figure
from bihuan.segmentation.explaining.rows import CustomerRows

from .made_lake import Values

pytestmark = pytest.mark.django_db(transaction=True)
NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)


def customer(name: str, industry: str, facts: dict[date, str]) -> Customer:
    made = Customer.objects.create(name=name, industry=industry, created_at=NOON, updated_at=NOON)
    for day, value in facts.items():
        CustomerFact.objects.create(
            customer=made, section="market_position", name="industry", value=value, as_of=day
        )
    return made


def test_the_record_speaks_where_no_fact_is_known_by_the_day(metrics_at: Callable[[date], Values]):
    told = {
        "stated": customer("演示一", "医药", {}),
        "dated": customer("演示二", "医药", {date(2026, 2, 1): "涂料"}),
        "later": customer("演示三", '香精"香料', {date(2026, 8, 1): "涂料"}),
        "odd": customer("演示四", "日化\x0b代工", {}),
        "code": customer("演示五", "007", {}),
        "silent": customer("演示六", "", {}),
    }
    values = metrics_at(date(2026, 6, 30))
    found = {name: values[one.pk].get("facts.industry") for name, one in told.items()}
    assert found == {
        "stated": "医药", "dated": "涂料", "later": "香精香料", "odd": "日化\x0b代工", "code": "007", "silent": None,
    }  # fmt: skip
    for name, one in told.items():
        figure = fact_figure(CustomerRows(one, date(2026, 6, 30)), "industry", found[name])
        assert figure.value == found[name], name
