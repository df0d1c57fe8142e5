"""What is written in sets reads back as if it had been saved; very many numbers are asked for at once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import connection
from django.db.models import Q
from django.test.utils import CaptureQueriesContext

from bihuan.catalog.models import Product
from bihuan.kernel.sets import add_rows, update_rows
from bihuan.quality.models import Lot, LotEdge, Movement

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
        add_rows([])
    assert not len(asked)


def some_lots(count: int) -> list[int]:
    product = Product.objects.create(code="P", name="演示·产品", unit="kg", created_at=NOON, updated_at=NOON)
    made = {"kind": "finished", "unit": "kg", "made_at": NOON, "created_at": NOON, "updated_at": NOON}
    Lot.objects.bulk_create(Lot(product=product, number=f"L{one}", **made) for one in range(count))
    return list(Lot.objects.order_by("pk").values_list("pk", flat=True))


def test_rows_are_added_as_they_stand_with_what_is_not_known_left_out() -> None:
    first, second = some_lots(2)
    movement = Movement.objects.create(number="M", kind="produce", at=NOON, created_at=NOON, updated_at=NOON)
    said = {"source_id": first, "target_id": second, "movement": movement}
    add_rows([
        LotEdge(quantity=Decimal("7.250001"), weight=None, **said),
        LotEdge(quantity=None, weight=Decimal(3), heel=Decimal("0.5"), **said),
    ])  # fmt: skip
    rows = LotEdge.objects.order_by("pk").values_list("source", "target", "quantity", "weight", "heel")
    assert list(rows) == [
        (first, second, Decimal("7.250001"), None, None),
        (first, second, None, Decimal(3), Decimal("0.5")),
    ]


def test_a_hundred_thousand_numbers_are_one_parameter() -> None:
    lots = some_lots(3)
    many = {*lots[:2], *range(10_000_000, 10_100_000)}
    with CaptureQueriesContext(connection) as asked:
        found = list(Lot.objects.filter(pk__among=many).order_by("-pk").values_list("pk", flat=True))
    assert (found, len(asked)) == ([lots[1], lots[0]], 1)
    assert not Lot.objects.filter(pk__among=[]).exists()
    assert Lot.objects.exclude(pk__among=(one for one in lots[:2])).get().pk == lots[2]


def test_what_is_referred_to_is_asked_for_the_same_way() -> None:
    first, second, third = some_lots(3)
    movement = Movement.objects.create(number="M", kind="produce", at=NOON, created_at=NOON, updated_at=NOON)
    for target in (second, third):
        LotEdge.objects.create(source_id=first, target_id=target, movement=movement)
    assert LotEdge.objects.filter(source__among={first: "as keys"}).count() == 2
    assert (
        LotEdge.objects.filter(Q(source__among=[third]) | Q(target__pk__among=[third])).get().target_id
        == third
    )
    assert Lot.objects.filter(pk__among=[second]).update(place="罐 1") == 1
    assert LotEdge.objects.filter(target__place="罐 1").get().target_id == second
