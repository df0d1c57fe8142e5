"""The plant of a made company in the database: read what was delivered, grow the plant, write it in sets."""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
from django.db.models import QuerySet

from bihuan.catalog.models import Characteristic, Product, ProductCharacteristic
from bihuan.customers.models import Customer
from bihuan.kernel.fields import to_fixed
from bihuan.quality.models import LotRule, Specification
from bihuan.sales.models import Order, OrderLine

from ..load import Loader, first_free_ids, written_in_order
from ..plan import Plan
from . import measuring
from .book import Book, MadeLot, Stamp
from .chance import Measured, measured
from .curves import Curves, curves_of
from .growing import DAY, HOUR, Goods, Line, Planted, Stream, make_lots, plant_cause, stream_of
from .keeping import OpenLine, keep_and_send
from .model import OWN, PlantModel, read_plant

MOST_CUSTOMERS = 300
MOST_LINES = 2_500
OWN_LIMITS = 4
"""How many customers of each product have limits of their own."""
FROM = date(2000, 1, 1)
SETTLED = timedelta(hours=4)
"""So old an order is before somebody keeps some of a lot for it."""
FRESH = -2
"""The group of complaints that came in just now."""


@dataclass
class MadePlant:
    """What the cases of the made company refer to. `had`: by customer when it received which lot, in order of time."""

    had: Mapping[int, Sequence[tuple[datetime, str]]] = field(default_factory=dict)
    planted: Mapping[int, Planted] = field(default_factory=dict)
    received: Mapping[str, Sequence[tuple[datetime, int]]] = field(default_factory=dict)
    """By lot when it went to which customer."""
    curves: Sequence[Curves] = ()
    """What was read point by point; to be kept once rows can be written one by one."""

    def lot_of(self, customer: int, at: datetime) -> str:
        """The lot that a customer had last, empty where it had none."""
        rows = self.had.get(customer, ())
        place = bisect_right(rows, (at, "\uffff"))
        return rows[place - 1][1] if place else ""

    def receivers(self, lots: Sequence[MadeLot], before: datetime) -> list[tuple[int, str]]:
        """Customers that had one of the lots by then, each once, with the lot; those of the first lot come first."""
        found: dict[int, str] = {}
        for lot in lots:
            for at, customer in self.received.get(lot.name, ()):
                if at < before:
                    found.setdefault(customer, lot.name)
        return list(found.items())


def make_plant(
    plan: Plan,
    loader: Loader,
    *,
    groups: Mapping[int, datetime],
    now: datetime,
    tell: Callable[[dict[str, Any]], None],
) -> MadePlant:
    """Write the plant that made what the plan's first customers were delivered. `groups`: by group of complaints its beginning;
    each gets a cause. The causes go to `tell` and nowhere else."""
    model = read_plant(plan.pack)
    goods = _goods(plan, model, now)
    if not goods:
        return MadePlant()
    ids = _materials(model, goods, now)
    prefix = model.prefix if plan.run == 1 else f"{model.prefix}{plan.run}-"
    book = Book(first_free_ids(), prefix)
    rng, grain = plan.rng("plant", 0), 10 ** (6 - plan.model.quantity_places)
    end = _stamp(now)
    streams = [stream_of(rng, at, one, model, grain, end) for at, one in enumerate(goods)]
    levels = make_lots(rng, book, model, streams, ids, grain)
    for one in levels:
        measuring.draw_readings(rng, model, one)
    places = {code: at for at, code in enumerate(model.products)}
    planted: dict[int, Planted] = {}
    for group, before in groups.items():
        for at, stream in enumerate(streams):
            place = places[stream.goods.code]
            if place == list(groups).index(group) and place < len(model.causes):
                found = plant_cause(
                    model,
                    stream,
                    levels[at],
                    model.causes[place],
                    group,
                    _stamp(before),
                    lambda: float(rng.normal()),
                )
                if found is not None:
                    planted[group] = found
    for one in levels:
        measuring.write_readings(book, model, one)
    measuring.write_raw_tests(rng, book, model, ids, measuring.spoilt_raw(list(planted.values())))
    measuring.write_finished_tests(rng, book, model, streams, levels)
    measuring.decide(book, streams, end)
    measuring.keep_samples(book, streams, grain)
    measuring.ship(plan.rng("arrivals", 0), book, streams, end)
    keep_and_send(plan.rng("keeping", 0), book, streams, _open_lines(plan, goods, now), grain, end)
    for table in sorted(book.tables(), key=written_in_order):
        loader.write(table)
    _limits(goods, streams)
    for found in planted.values():
        tell(found.truth())
    curves = curves_of(plan.rng("curves", 0), model, streams, levels, list(planted.values()))
    return _told(streams, planted, curves)


def _stamp(at: datetime) -> Stamp:
    return np.datetime64(at.replace(tzinfo=None), "s")


def _goods(plan: Plan, model: PlantModel, now: datetime) -> list[Goods]:
    """The plant's products that were delivered, with the deliveries to the first customers of the plan."""
    products = {one.code: one for one in Product.objects.filter(code__in=model.products)}
    rows = _lines(plan).filter(
        delivered_quantity__gt=0,
        delivered_on__isnull=False,
        product__in=[one.pk for one in products.values()],
    )
    lines: dict[int, list[Line]] = defaultdict(list)
    end = _stamp(now)
    for line, product, ordered, delivered, order, customer, quantity in rows.order_by(
        "delivered_on", "pk"
    ).values_list(
        "pk", "product_id", "ordered_on", "delivered_on", "order_id", "customer_id", "delivered_quantity"
    ):
        assert delivered is not None and quantity is not None  # by the filter
        day = max(ordered, delivered - timedelta(days=1))
        at: Stamp = min(
            np.datetime64(day.isoformat(), "s") + HOUR * 1 + np.timedelta64(order % 240, "m"), end - HOUR
        )
        lines[product].append(Line(line, at, order, customer, to_fixed(quantity)))
    limits = _measured(list(products.values()))
    return [
        Goods(one.pk, one.code, one.unit, limits.get(one.pk, ()), tuple(sorted(lines[one.pk][-MOST_LINES:], key=lambda each: each.at)))
        for one in (products[code] for code in model.products if code in products)
        if lines[one.pk]
    ]  # fmt: skip


def _lines(plan: Plan) -> QuerySet[OrderLine]:
    """What the first customers of the plan ordered."""
    last = Customer.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    first = last - plan.customers + 1
    return OrderLine.objects.filter(
        customer__gte=first, customer__lt=first + MOST_CUSTOMERS, kind=OrderLine.Kind.SALE, order__customer__isnull=False
    )  # fmt: skip


def _open_lines(plan: Plan, goods: Sequence[Goods], now: datetime) -> dict[int, list[OpenLine]]:
    """By product the lines of its open orders, as the dialog for reserving offers them; under the order's customer."""
    rows = _lines(plan).filter(
        order__kind=Order.Kind.ORDER, product__in=[one.id for one in goods], delivered_on=None, cancelled_by=None,
        quantity__gt=0, promised_on__isnull=False, order__ordered_at__lte=now - SETTLED,
    )  # fmt: skip
    found: dict[int, list[OpenLine]] = defaultdict(list)
    for product, line, order, customer, quantity, promised, ordered in rows.order_by("pk").values_list(
        "product_id", "pk", "order_id", "order__customer_id", "quantity", "promised_on", "order__ordered_at"
    ):
        assert customer is not None and promised is not None  # by the filter
        due = np.datetime64(promised.isoformat(), "s") - HOUR * 8  # midnight in China
        found[product].append(OpenLine(line, order, customer, to_fixed(quantity), due, _stamp(ordered)))
    return found


def _measured(products: Sequence[Product]) -> dict[int, tuple[Measured, ...]]:
    rows = (
        ProductCharacteristic.objects.filter(product__in=products)
        .select_related("characteristic")
        .order_by("pk")
    )
    found: dict[int, dict[int, Measured]] = defaultdict(dict)
    for row in rows:
        what = row.characteristic
        lower, upper = (None if one is None else float(one) for one in (row.lower, row.upper))
        if lower is not None or upper is not None:
            found[row.product_id][what.pk] = measured(
                what.pk, what.code, what.name, what.unit, what.method, lower, upper
            )
    return {product: tuple(several.values()) for product, several in found.items()}


def _materials(model: PlantModel, goods: Sequence[Goods], now: datetime) -> dict[str, int]:
    """Raw materials, intermediates and what is tested of them: written where they are not there. By code their numbers."""
    unit = goods[0].unit
    wanted = {one.code: (one.name, one.name_en) for one in model.raw if one.code != OWN}
    for step in model.steps:
        if step.code:
            wanted[step.code] = (step.name, step.name_en)
        wanted |= {one["code"]: (one["name"], one["name_en"]) for one in step.others}
    Product.objects.bulk_create(
        (
            Product(code=code, name=name, name_en=name_en, unit=unit, family="原料与中间品", is_active=False, created_at=now, updated_at=now)
            for code, (name, name_en) in wanted.items()
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    tests = [test for raw in model.raw for test in raw.tests]
    Characteristic.objects.bulk_create(
        (
            Characteristic(code=one["code"], name=one["name"], name_en=one["name_en"], unit=one["unit"], method="入厂检验")
            for one in tests
        ),
        ignore_conflicts=True,
    )  # fmt: skip
    LotRule.objects.bulk_create(
        (LotRule(product_id=one.id, shelf_life_days=model.shelf_life_days) for one in goods),
        ignore_conflicts=True,
    )
    codes = [one["code"] for one in tests]
    return dict(Product.objects.filter(code__in=wanted).values_list("code", "pk")) | dict(
        Characteristic.objects.filter(code__in=codes).values_list("code", "pk")
    )


def _limits(goods: Sequence[Goods], streams: Sequence[Stream]) -> None:
    """General limits as the catalog says them; the greatest customers have a tighter one of the first characteristic."""
    known = set(
        Specification.objects.filter(product__in=[one.id for one in goods]).values_list(
            "product", "characteristic", "customer"
        )
    )
    rows = []
    for stream in streams:
        one = stream.goods
        bought: dict[int, int] = defaultdict(int)
        for line in one.lines:
            bought[line.customer] += line.quantity
        greatest = sorted(bought, key=lambda who: (-bought[who], who))[:OWN_LIMITS]
        for what in one.measured:
            if (one.id, what.id, None) not in known:
                rows.append(
                    Specification(
                        product_id=one.id,
                        characteristic_id=what.id,
                        lower=_exact(what.lower),
                        upper=_exact(what.upper),
                        valid_from=FROM,
                    )
                )
        for what in one.measured[:1]:
            near = what.value(3.2 * what.towards)
            lower, upper = (near, what.upper) if what.towards < 0 else (what.lower, near)
            rows += [
                Specification(product_id=one.id, characteristic_id=what.id, customer_id=who, lower=_exact(lower), upper=_exact(upper), valid_from=FROM)
                for who in greatest
            ]  # fmt: skip
    Specification.objects.bulk_create(rows)


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(value))


def _told(streams: Sequence[Stream], planted: dict[int, Planted], curves: Sequence[Curves]) -> MadePlant:
    had: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    received: dict[str, list[tuple[datetime, int]]] = defaultdict(list)
    for stream in streams:
        moments = [one.at.astype(datetime).replace(tzinfo=UTC) for one in stream.goods.lines]
        for line, node, _amount in stream.draws:
            who = stream.goods.lines[line].customer
            had[who].append((moments[line], node.made.name))
            received[node.made.name].append((moments[line], who))
    for rows in had.values():
        rows.sort()
    return MadePlant(had, planted, received, curves)


__all__ = ["DAY", "FRESH", "MadePlant", "make_plant"]
