"""Control charts: too few lots are planted for a picture, so each page says of what it has too few."""

from __future__ import annotations

from urllib.parse import urlencode

from django.urls import reverse

from bihuan.people.models import User
from bihuan.quality.models import Lot, ProcessReading, TestResult

from .doors import client_of, read
from .matrix import Door


def chart_doors() -> list[Door]:
    return [
        Door("page charts", "page", "lot", of_product),
        Door("page chart, result", "page", "lot_test", of_result, promises=frozenset({"unit"})),
        Door("page chart, reading", "page", "lot_reading", of_reading,
             promises=frozenset({"step", "parameter", "unit"})),
    ]  # fmt: skip


def of_product(user: User, row: Lot) -> str:
    return read(client_of(user).get(reverse("charts"), {"product": row.product_id}))


def of_result(user: User, row: TestResult) -> str:
    return _chart(user, row.lot, {"characteristic": row.characteristic_id})


def of_reading(user: User, row: ProcessReading) -> str:
    return _chart(user, row.lot, {name: getattr(row, name) for name in ("step", "parameter", "statistic")})


def _chart(user: User, lot: Lot, key: dict[str, object]) -> str:
    return read(client_of(user).get(f"{reverse('chart', args=[lot.product_id])}?{urlencode(key)}"))


APART = "lots are drawn only with values that are asked for apart; its room's tests ask"
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    ("quality/charts/series.py", "products_of", "visible_to"): "whoever sees lots may see all products",
    ("quality/charts/series.py", "series_of", "visible_to"): APART,
}
ELSEWHERE: dict[tuple[str, str, str], str] = {}
