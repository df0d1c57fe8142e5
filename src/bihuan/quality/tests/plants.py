"""A small plant for tests: products and postings in one line each."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

from bihuan.catalog.models import Product
from bihuan.kernel.actor import SYSTEM
from bihuan.quality.models import Lot, Movement
from bihuan.quality.posting import post
from bihuan.quality.postings import Make, Take

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
_numbers = count(1)


def product(code: str, unit: str = "kg") -> Product:
    return Product.objects.get_or_create(
        code=code, defaults={"name": f"演示·{code}", "unit": unit, "created_at": NOON, "updated_at": NOON}
    )[0]


def lot(code: str, number: str) -> Lot:
    return Lot.objects.get(product__code=code, number=number)


def move(
    kind: str,
    takes: dict[tuple[str, str], Any] | None = None,
    makes: dict[tuple[str, str], Any] | None = None,
    number: str = "",
    **more: Any,
) -> Movement:
    """`takes` and `makes`: (product code, lot number) → quantity."""
    options = more.pop("make", {})
    return post(
        actor=SYSTEM,
        number=number or f"T{next(_numbers)}",
        kind=kind,
        at=more.pop("at", NOON),
        takes=[
            Take(lot(*name), None if amount is None else Decimal(str(amount)))
            for name, amount in (takes or {}).items()
        ],
        makes=[
            Make(
                product(code),
                name,
                None if amount is None else Decimal(str(amount)),
                **({"is_released": True} | options),
            )
            for (code, name), amount in (makes or {}).items()
        ],
        now=NOON,
        **more,
    )


def receive(code: str, name: str, amount: Any, **more: Any) -> Lot:
    move("receive", makes={(code, name): amount}, **more)
    return lot(code, name)
