"""Reading the values of a product's lots. Every read starts from what the actor may see.

Only verified results count (`ResultRows`); those declared invalid since are left out and counted.
"""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import Exists, OuterRef
from django.http import Http404

from bihuan.catalog.models import Product
from bihuan.kernel.actor import Actor
from bihuan.kernel.time import local_date

from ..lots.judging import Limits, limits_on
from ..lots.queries import limits_of as limits_by_product
from ..models import Lot, TestResult
from ..records import LOT, LOT_READING, LOT_TEST
from .reckoning import FEWEST, Value

MOST_LOTS = 1000
MOST_PRODUCTS = 500


class Key(NamedTuple):
    """A characteristic, or a statistic of a parameter at a step."""

    characteristic: int = 0
    step: str = ""
    parameter: str = ""
    statistic: str = ""


@dataclass(slots=True)
class Series:
    """Values in order of making, one a lot: the mean where it has several. What was left out is counted."""

    key: Key
    name: str
    unit: str
    values: list[Value] = field(default_factory=list)
    below: int = 0
    invalid: int = 0
    other: int = 0  # words, or another unit
    lower: float | None = None
    upper: float | None = None
    is_own: bool = False  # a customer's own limits, not the product's


@dataclass(slots=True)
class Known:
    """`lots`: how many were read; `is_cut`: there are more. `choices`: customers, of those the actor sees, with limits of their
    own; `customer`: whose limits count, None: the product's in general, also where another was asked for."""

    product: Product
    all: list[Series]
    lots: int
    is_cut: bool
    choices: list[tuple[int, str]] = field(default_factory=list)
    customer: int | None = None

    @property
    def series(self) -> list[Series]:
        """Those with values enough for a chart."""
        return [one for one in self.all if len(one.values) >= FEWEST]


def products_of(actor: Actor) -> list[Product]:
    """Products of which the actor sees lots."""
    mine = LOT.visible_to(actor).filter(product=OuterRef("pk"))
    return list(Product.objects.filter(Exists(mine)).order_by("code")[:MOST_PRODUCTS])


def series_of(
    actor: Actor, product: int, *, customer: int | None = None, only: Key | None = None, now: datetime
) -> Known:
    """What the newest thousand lots of the product that the actor sees were measured for, in four queries, beside the limits of
    today: a customer's own before the product's. `only`: nothing but this is read. Of a customer whom the actor does not see there are none. Raises ``Http404``
    where the actor sees no lot of it, or no measurements."""
    sees_tests, sees_readings = LOT_TEST.may_read(actor, "said"), LOT_READING.may_read(actor, "said")
    rows = LOT.visible_to(actor).filter(product=product).order_by("-made_at", "-id")
    newest = list(rows.select_related("product").only("number", "product")[: MOST_LOTS + 1])
    if not newest or not (sees_tests or sees_readings):
        raise Http404(product)
    lots = list(reversed(newest[:MOST_LOTS]))
    found: list[Series] = []
    limits = limits_by_product(actor, [product]).get(product, []) if sees_tests else []
    choices = {one.customer: one.customer_name for one in limits if one.customer is not None}
    customer = customer if customer in choices else None
    if sees_tests and (only is None or only.characteristic):
        found += _results(actor, lots, limits_on(limits, local_date(now), customer), only)
    if sees_readings and (only is None or not only.characteristic):
        found += _readings(actor, lots, only)
    return Known(
        lots[0].product,
        found,
        len(lots),
        len(newest) > MOST_LOTS,
        sorted(choices.items(), key=lambda one: one[1]),
        customer,
    )


def _results(actor: Actor, lots: list[Lot], limits: dict[int, Limits], only: Key | None) -> list[Series]:
    rows = LOT_TEST.visible_to(actor, rows=TestResult.objects.verified())
    rows = rows.filter(lot__among=[one.pk for one in lots]).order_by("id")
    if only is not None:
        rows = rows.filter(characteristic=only.characteristic)
    made: dict[Key, Series] = {}
    numbers: dict[Key, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for lot, invalid_at, characteristic, name, common, value, is_below, unit in rows.values_list(
        "lot_id", "invalid_at", "characteristic_id", "characteristic__name", "characteristic__unit", "value",
        "is_below_detection", "unit",
    ):  # fmt: skip
        key = Key(characteristic)
        one = made.setdefault(key, Series(key, name, common))
        if invalid_at is not None:
            one.invalid += 1
        elif is_below:
            one.below += 1
        elif value is None or not math.isfinite(value) or (unit and common and unit != common):
            one.other += 1
        else:
            numbers[key][lot].append(value)
    for key, one in made.items():
        one.values = _in_order(lots, numbers[key])
        held = limits.get(key.characteristic)
        if held is not None and (not held.unit or held.unit == one.unit):
            one.lower = None if held.lower is None else float(held.lower)
            one.upper = None if held.upper is None else float(held.upper)
            one.is_own = held.customer is not None
    return list(made.values())


def _readings(actor: Actor, lots: list[Lot], only: Key | None) -> list[Series]:
    rows = LOT_READING.visible_to(actor).filter(lot__among=[one.pk for one in lots]).order_by("id")
    if only is not None:
        rows = rows.filter(step=only.step, parameter=only.parameter, statistic=only.statistic)
    made: dict[Key, Series] = {}
    numbers: dict[Key, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for lot, step, parameter, statistic, value, unit, lower, upper in rows.values_list(
        "lot_id", "step", "parameter", "statistic", "value", "unit", "lower", "upper"
    ):
        key = Key(0, step, parameter, statistic)
        one = made.setdefault(key, Series(key, parameter, unit))
        if value is None or not math.isfinite(value) or unit != one.unit:
            one.other += 1
            continue
        numbers[key][lot].append(value)
        if statistic != "sd":  # limits are those of the value, not of its spread
            one.lower, one.upper = lower, upper
    for key, one in made.items():
        one.values = _in_order(lots, numbers[key])
    return list(made.values())


def _in_order(lots: list[Lot], numbers: dict[int, list[float]]) -> list[Value]:
    return [
        Value(one.pk, one.number, math.fsum(numbers[one.pk]) / len(numbers[one.pk]))
        for one in lots
        if one.pk in numbers
    ]
