"""What is on the way: shipped, not yet noted as arrived, and not come back. It can still be stopped."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from django.db.models import Q, QuerySet, Sum

from ..models import LotShipment

WAY = LotShipment.Arrival.ON_WAY


class OnWay(NamedTuple):
    """How much of a lot is on the way to a customer under an order, in the lot's unit."""

    lot: int
    customer: int
    order: int | None
    unit: str
    quantity: Decimal


def on_the_way(rows: QuerySet[LotShipment]) -> list[OnWay]:
    """Of these shipments what is on the way, by lot, customer and order. One query.

    `rows` hold all rows of a lot and a customer, or none. What came back is taken off what arrived first.
    """
    lots = rows.filter(arrival=WAY).order_by().values("lot")
    sums = rows.filter(lot__in=lots).order_by().values_list("lot", "customer", "order", "unit")
    found = sums.annotate(way=Sum("quantity", filter=Q(arrival=WAY)), had=Sum("quantity"))
    return [
        OnWay(lot, customer, order, unit, min(way, had))
        for lot, customer, order, unit, way, had in found
        if way and min(way, had) > 0
    ]


def by_customer(found: Iterable[OnWay]) -> dict[tuple[int, str], Decimal]:
    """Customer and unit → how much."""
    sums: dict[tuple[int, str], Decimal] = {}
    for one in found:
        sums[one.customer, one.unit] = sums.get((one.customer, one.unit), Decimal(0)) + one.quantity
    return sums


def by_lot(found: Iterable[OnWay]) -> dict[int, Decimal]:
    sums: dict[int, Decimal] = {}
    for one in found:
        sums[one.lot] = sums.get(one.lot, Decimal(0)) + one.quantity
    return sums


def by_unit(found: Iterable[OnWay]) -> list[tuple[str, Decimal]]:
    sums: dict[str, Decimal] = {}
    for one in found:
        sums[one.unit] = sums.get(one.unit, Decimal(0)) + one.quantity
    return sorted(sums.items())
