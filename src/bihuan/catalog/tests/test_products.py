"""Products as people meet them: found, priced for whom may see prices, with the limits of the day."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from bihuan.catalog.models import Characteristic, Product, ProductCharacteristic
from bihuan.catalog.queries import limits_of
from bihuan.kernel.actor import SYSTEM
from bihuan.people.services import create_user

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def product() -> Product:
    row = Product.objects.create(
        code="P-100",
        name="α-蒎烯",
        name_en="alpha-Pinene",
        list_price=Decimal("12345.6"),
        created_at=NOON,
        updated_at=NOON,
    )
    purity = Characteristic.objects.create(code="purity", name="纯度", unit="%")
    for lower, start, end in (("95", date(2025, 1, 1), date(2026, 1, 1)), ("97.5", date(2026, 1, 1), None)):
        ProductCharacteristic.objects.create(
            product=row, characteristic=purity, lower=Decimal(lower), valid_from=start, valid_to=end
        )
    return row


def page(role: str, path: str) -> str:
    client = Client()
    client.force_login(
        create_user(actor=SYSTEM, username=role, name=role, roles=[role], team=None, now=NOON, language="en")
    )
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize(
    ("day", "lower"), [(date(2025, 12, 31), "95"), (date(2026, 1, 1), "97.5"), (date(2024, 1, 1), None)]
)
def test_the_limits_of_a_day_are_those_in_force_and_no_others(
    product: Product, day: date, lower: str | None
) -> None:
    found = [one.lower for one in limits_of(product, day)]
    assert found == ([Decimal(lower)] if lower else [])


@pytest.mark.parametrize("text", ["p-1", "蒎", "pinene"])
def test_a_product_is_found_by_code_and_name_in_either_language(product: Product, text: str) -> None:
    assert "P-100" in page("director", f"/products/?q={text}")


def test_what_is_not_there_is_not_found(product: Product) -> None:
    assert "P-100" not in page("director", "/products/?q=硫酸")


@pytest.mark.parametrize(("role", "sees"), [("director", True), ("quality", False)])
def test_the_list_price_is_for_whom_may_see_it(product: Product, role: str, sees: bool) -> None:
    assert ("12,345" in page(role, f"/products/{product.pk}/")) is sees
