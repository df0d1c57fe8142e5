"""Which lots may stand on one certificate, and the table of their results: pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

MOST_LOTS = 20
# What stands against lots on one certificate; `preparing` says each in words.
TOO_MANY, KIND, PRODUCT, CUSTOMER, DELIVERY = "too_many", "kind", "product", "customer", "delivery"
ONE_LOT_ONLY = ("origin",)  # kinds of certificates that tell of one lot


@dataclass(frozen=True, slots=True)
class Went:
    """Where a lot went: ids of customers, and of deliveries (orders and shipments, told apart by the first part).

    `orders`: ids of orders of the customer in question for which some of it is reserved or was shipped.
    """

    lot: int
    product: int
    customers: frozenset[int]
    deliveries: frozenset[tuple[str, int]]
    orders: frozenset[int] = frozenset()


def against_together(kind: str, lots: Sequence[Went], customer: int | None) -> str:
    """Why these lots cannot stand on one certificate; "" where they can, and always for one alone.

    They are of one product. For a customer each of them went to it, or is reserved for an order of it or went with that; for nobody
    in particular one order or one shipment took them all.
    """
    if len(lots) < 2:
        return ""
    if kind in ONE_LOT_ONLY:
        return KIND
    if len(lots) > MOST_LOTS:
        return TOO_MANY
    if len({one.product for one in lots}) > 1:
        return PRODUCT
    if customer is not None:
        return "" if all(customer in one.customers for one in lots) or _common(lots) else CUSTOMER
    common = frozenset.intersection(*(one.deliveries for one in lots))
    return "" if common else DELIVERY


def orders_named(lots: Sequence[Went], customer: int | None, wanted: Iterable[int] = ()) -> list[int]:
    """Ids of the orders that a certificate names. `wanted`: those that it named before, which stay as long as all lots are theirs.

    Else none where all went to the customer, and where not, those for which each lot is reserved or went.
    """
    if customer is None:
        return []
    common, before = _common(lots), set(wanted)
    if before and before <= common:
        return sorted(before)
    return [] if all(customer in one.customers for one in lots) else sorted(common)


def _common(lots: Sequence[Went]) -> frozenset[int]:
    return frozenset.intersection(*(one.orders for one in lots))


def not_theirs(
    orders: Iterable[int], lots: Iterable[int], theirs: Collection[tuple[int, int]]
) -> list[tuple[int, int]]:
    """(lot, order) of a certificate that names these orders, where the lot is neither reserved for the order nor went with it."""
    return [(lot, order) for order in orders for lot in lots if (lot, order) not in theirs]


def further_of(lots: Iterable[int]) -> str:
    """The ids of all lots but the lowest, ascending, parted by commas: "" for one lot."""
    return ",".join(str(one) for one in sorted(set(lots))[1:])


def pivot(rows: Iterable[Mapping[str, Any]], lots: Sequence[int]) -> list[dict[str, Any]]:
    """The lines of a table with a column for each lot: characteristic, limits, methods, and `cells`, in each a lot's results.

    Rows as a version lists them, each with its `lot` (id). A characteristic measured in two units makes two lines.
    """
    lines: dict[tuple[Any, ...], dict[str, Any]] = {}
    for row in rows:
        key = (row["characteristic"], row["unit"], row["lower"], row["upper"])
        line = lines.get(key)
        if line is None:
            kept = ("characteristic", "code", "name", "name_en", "unit", "lower", "upper")
            line = lines[key] = {name: row[name] for name in kept} | {
                "methods": [],
                "cells": [[] for _lot in lots],
            }
        if row["method"] and row["method"] not in line["methods"]:
            line["methods"].append(row["method"])
        line["cells"][lots.index(row["lot"])].append({"said": row["said"], "sample": row["sample"]})
    return list(lines.values())
