"""What is written in sets reads back as if it had been saved."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bihuan.catalog.models import Product
from bihuan.kernel.sets import update_rows
from bihuan.quality.models import Lot

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def test_named_fields_are_written_and_no_others() -> None:
    product = Product.objects.create(code="P", name="演示·产品", unit="kg", created_at=NOON, updated_at=NOON)
    made = {"product": product, "kind": "finished", "unit": "kg", "created_at": NOON, "updated_at": NOON}
    rows = [
        Lot.objects.create(number=f"L{one}", quantity=Decimal(one), made_at=NOON, **made) for one in range(3)
    ]
    rows[0].quantity, rows[0].status = None, Lot.Status.HELD
    rows[1].quantity, rows[1].status, rows[1].place = Decimal("7.250001"), Lot.Status.CONSUMED, "“罐'1”"
    rows[1].updated_at, rows[1].version = NOON.replace(microsecond=123456), 9
    rows[1].origin = "not named"
    update_rows(("quantity", "status", "place", "updated_at", "version"), rows[:2])
    first, second, third = Lot.objects.order_by("number")
    assert (first.quantity, first.status, first.place) == (None, Lot.Status.HELD, "")
    assert (second.quantity, second.status, second.place) == (
        Decimal("7.250001"),
        Lot.Status.CONSUMED,
        "“罐'1”",
    )
    assert (second.updated_at, second.version, second.origin) == (NOON.replace(microsecond=123456), 9, "")
    assert third.quantity == 2


def test_of_no_rows_nothing_is_asked() -> None:
    with CaptureQueriesContext(connection) as asked:
        update_rows(("quantity",), [])
    assert not len(asked)
