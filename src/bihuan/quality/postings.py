"""What a posting says, and what follows from it before anything is written: pure but for the rows it is given."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bihuan.catalog.models import Product
from bihuan.kernel.fields import plain, to_fixed

from .models import Lot, Movement

K = Movement.Kind
# What each kind takes and makes: (inputs, outputs), each "none", "one", "some" or "any".
SHAPES: Mapping[str, tuple[str, str]] = {
    K.RECEIVE: ("none", "some"),
    K.PRODUCE: ("some", "some"),
    K.BLEND: ("some", "some"),
    K.SPLIT: ("one", "some"),
    K.MERGE: ("some", "one"),
    K.REWORK: ("some", "some"),
    K.TRANSFER: ("some", "some"),
    K.SHIP: ("some", "none"),
    K.ADJUST: ("any", "any"),
    K.LOSS: ("some", "none"),
    K.RETURN: (
        "one",
        "one",
    ),  # the lot that was shipped, and the lot that what came back becomes: see `shipping.returning`
}
BALANCED = frozenset({K.PRODUCE, K.BLEND, K.SPLIT, K.MERGE, K.REWORK, K.TRANSFER})
# Lots on hold or rejected may only be reworked, counted, thrown away, parted, moved or come back; what comes out is on hold as well.
USABLE_WHEN_HELD = frozenset({K.REWORK, K.SPLIT, K.TRANSFER, K.ADJUST, K.LOSS, K.RETURN})
# These choose their lots, and leave what orders have reserved; what was counted, lost or moved is so, reserved or not. Shipments
# are asked apart: the order's own reservation is theirs.
KEPT_FOR_ORDERS = frozenset({K.PRODUCE, K.BLEND})


@dataclass(frozen=True, slots=True)
class Take:
    """Some of a lot goes in. `quantity` in the lot's unit, above zero; None where the source did not tell."""

    lot: Lot
    quantity: Decimal | None
    is_heel: bool = False


@dataclass(frozen=True, slots=True)
class Make:
    """A lot comes out: a new one, or more of an existing one of that product and number."""

    product: Product
    number: str
    quantity: Decimal | None
    kind: str = Lot.Kind.FINISHED
    unit: str = ""
    expires_on: date | None = None
    supplier: str = ""
    origin: str = ""
    place: str = ""
    made_said: str = ""
    is_released: bool = False


def digest_of(
    kind: str,
    at: datetime,
    takes: Sequence[Take],
    makes: Sequence[Make],
    lost: Decimal,
    more: Mapping[str, Any],
) -> str:
    """The same for the same document however often it is sent."""
    said = {
        "kind": kind,
        "at": at.isoformat(),
        "takes": sorted(
            [one.lot.pk, None if one.quantity is None else plain(one.quantity), one.is_heel] for one in takes
        ),
        "makes": sorted(
            [
                str(one.product.pk), one.number, "" if one.quantity is None else plain(one.quantity),
                one.kind, one.unit, str(one.expires_on), one.supplier, one.origin, one.place,
            ]
            for one in makes
        ),
        "lost": plain(lost),
        **more,
    }  # fmt: skip
    return hashlib.sha256(json.dumps(said, sort_keys=True, default=str).encode()).hexdigest()


def weigh(
    quantities: Sequence[tuple[int, str, int | None]],
    factors: Mapping[tuple[int, str], int],
    general: Mapping[str, int],
) -> list[int | None]:
    """Amounts (product, unit, millionths) in the common unit; None where it has no factor.

    A product's own factor comes before the general one of the unit. Where all have the same unit and none has a factor,
    that unit is the common one.
    """
    known = [factors.get((product, unit), general.get(unit)) for product, unit, _ in quantities]
    if all(one is None for one in known) and len({unit for _, unit, _ in quantities}) == 1:
        known = [1_000_000] * len(quantities)
    return [
        None if amount is None or factor is None else _times(amount, factor)
        for (_, _, amount), factor in zip(quantities, known, strict=True)
    ]


def _times(amount: int, factor: int) -> int:
    return to_fixed(Decimal(amount).scaleb(-6) * Decimal(factor).scaleb(-6))
