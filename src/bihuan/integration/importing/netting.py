"""Cancellations against what they cancel, as one set at the end of an import.

A cancelling line points to the latest earlier line with the same customer, product and price of which at least as
much is still uncancelled; one of exactly the same quantity is preferred. What finds none stays a plain credit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import connection

from bihuan.integration.importing.orders_plan import CANCELLATION, SALE
from bihuan.integration.importing.store import rows_where

Key = tuple[Any, int, int]


def net_cancellations(import_id: int) -> int:
    """Link the import's unlinked cancellations; gives how many found what they cancel."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT l.id, l.customer_id, l.product_id, l.price, l.quantity, o.ordered_at FROM sales_orderline l"
            " JOIN sales_order o ON o.id = l.order_id"
            " WHERE l.import_id = %s AND l.kind = %s AND l.cancels_id IS NULL AND l.customer_id IS NOT NULL"
            " AND l.quantity < 0 ORDER BY o.ordered_at, l.id",
            [import_id, CANCELLATION],
        )
        cancelling = cursor.fetchall()
    if not cancelling:
        return 0
    originals = _originals({row[1] for row in cancelling}, {(row[1], row[2], row[3]) for row in cancelling})
    links = []
    for row_id, customer, product, price, quantity, at in cancelling:
        found = _match(originals.get((customer, product, price), []), -quantity, at)
        if found is not None:
            found[2] += quantity
            links.append((found[0], row_id))
    with connection.cursor() as cursor:
        cursor.executemany("UPDATE sales_orderline SET cancels_id = %s WHERE id = %s", links)
    return len(links)


def _originals(customers: Iterable[int], keys: set[Key]) -> dict[Key, list[list[Any]]]:
    """Sales that could be meant, oldest first: [id, moment, uncancelled quantity]."""
    select = (
        "SELECT l.id, l.customer_id, l.product_id, l.price, l.quantity, o.ordered_at FROM sales_orderline l"
        f" JOIN sales_order o ON o.id = l.order_id AND l.kind = {SALE} AND l.quantity > 0"
    )
    found: dict[Key, list[list[Any]]] = defaultdict(list)
    by_id: dict[int, list[Any]] = {}
    for row_id, customer, product, price, quantity, at in rows_where(select, "l.customer_id", customers):
        if (customer, product, price) in keys:
            by_id[row_id] = original = [row_id, at, quantity]
            found[customer, product, price].append(original)
    for cancels, quantity in rows_where(
        "SELECT cancels_id, quantity FROM sales_orderline", "cancels_id", by_id
    ):
        by_id[cancels][2] += quantity
    for originals in found.values():
        originals.sort(key=lambda one: (one[1], one[0]))
    return found


def _match(originals: list[list[Any]], quantity: int, at: Any) -> list[Any] | None:
    fitting = None
    for one in reversed(originals):
        if one[1] <= at and one[2] >= quantity:
            if one[2] == quantity:
                return one
            fitting = fitting or one
    return fitting
