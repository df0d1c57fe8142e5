"""Where a lot comes from and where it went: one recursive query each way, then shares (see `genealogy.shares`).

A trace costs a fixed number of queries however many lots it reaches: the lot, the edges of each way, the lots with their
products, tests, shipments. What the actor may not see is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Value
from django.http import Http404

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.kernel.among import rows_of
from bihuan.kernel.collecting import collecting_seldom
from bihuan.sales.models import Order

from .genealogy.shares import CUT, Edge, ancestors, descendants
from .models import Lot, LotShipment, TestResult
from .records import LOT, LOT_SHIPMENT, LOT_TEST

MOST_EDGES = 500_000
NODE = (
    "id",
    "number",
    "product__code",
    "product__name",
    "kind",
    "quantity",
    "unit",
    "status",
    "product_id",
    "inflow",
)
RESULT = ("lot_id", "characteristic_id", "value", "said", "is_below_detection", "unit", "method", "sample")
_UP = """
WITH RECURSIVE way(lot, carry{depth_name}) AS (
    SELECT CAST({start} AS bigint), CAST(1000000 AS bigint){depth_start}
    UNION
    SELECT e.source_id,
           CASE WHEN e.heel IS NULL THEN CAST(1000000 AS bigint) ELSE way.carry * e.heel / 1000000 END{depth_step}
    FROM way JOIN quality_lotedge e ON e.target_id = way.lot
    WHERE (e.heel IS NULL OR way.carry * e.heel / 1000000 >= {cut}){depth_bound}
)
SELECT e.source_id, e.target_id, e.quantity, e.weight, e.heel, {total}
FROM {near} w JOIN quality_lotedge e ON e.target_id = w.lot
LIMIT {most}
"""
_DOWN = """
WITH RECURSIVE way(lot{depth_name}) AS (
    SELECT CAST({start} AS bigint){depth_start}
    UNION
    SELECT e.target_id{depth_step} FROM way JOIN quality_lotedge e ON e.source_id = way.lot{depth_bound_down}
)
SELECT e.source_id, e.target_id, e.quantity, e.weight, e.heel, {total}
FROM {near} w JOIN quality_lotedge e ON e.source_id = w.lot
LIMIT {most}
"""
_WHOLE = "(SELECT DISTINCT lot FROM way{last})"
# Nearest lots first, and no further than so many: neither database goes on once the limit is met.
_NEAREST = """(SELECT DISTINCT lot, reached FROM (SELECT lot, COUNT(*) OVER () AS reached
    FROM (SELECT lot FROM way{last} LIMIT {most_lots}) near) counted)"""
_BESIDE = """
WITH RECURSIVE way(lot) AS (
    {starts}
    UNION
    SELECT e.target_id FROM way JOIN quality_lotedge e ON e.source_id = way.lot
)
SELECT lot FROM way LIMIT {most}
"""
Row = tuple[int, int, int | None, int | None, int | None, int]


@dataclass(slots=True)
class Node:
    """A lot in a trace. `share`: upwards the part of the traced lot that was in it, downwards the part of it that was in the
    traced lot. `side`: -1 above, 0 itself, 1 below."""

    id: int
    number: str
    product: str
    product_name: str
    kind: str
    quantity: int | None
    unit: str
    status: str
    product_id: int
    inflow: int | None = None  # all that ever went into it, in millionths of the common unit
    share: float | None = None
    side: int = 0


class Result(NamedTuple):
    """A result that stands, as it lies in the database."""

    lot: int
    characteristic: int
    value: float | None
    said: str
    below: int | bool
    unit: str
    method: str
    sample: str

    @property
    def is_below_detection(self) -> bool:
        return bool(self.below)  # SQLite says 0 and 1


_result = partial(
    tuple.__new__, Result
)  # as `_make`, without asking ten thousand times whether the length is right


class Shipped(NamedTuple):
    """How much of a lot went to a customer and is there or on the way (`on_way` of it), by order."""

    lot: int
    customer: int
    customer_code: str
    customer_name: str
    order: int | None
    order_number: str
    quantity: Decimal
    unit: str
    at: datetime
    on_way: Decimal = Decimal(0)


@dataclass(slots=True)
class Trace:
    lot: int
    nodes: dict[int, Node]
    links: list[Edge]
    shipments: list[Shipped] = field(default_factory=list)
    cut_share: float | None = 0.0
    is_cut_short: bool = False
    tests: dict[int, list[Result]] = field(default_factory=dict)
    beside: list[Node] = field(default_factory=list)
    is_more_beside: bool = False


@collecting_seldom()
def trace(
    actor: Actor,
    lot: Lot,
    *,
    up: bool = True,
    down: bool = True,
    depth: int | None = None,
    with_tests: bool = False,
    most: int | None = None,
    beside: int = 0,
) -> Trace:
    """The genealogy of a lot as far as the actor may see it. `depth`: at most so many steps each way; `most`: the sources and
    targets of at most so many lots each way, the nearest ones; where that cuts, shares are unknown. `beside`: also at most so
    many further lots that were made of the same first sources, and who has them.

    Raises ``Http404`` for a lot that the actor does not see.
    """
    above = _edges(_UP, lot.pk, depth, most) if up else []
    below = _edges(_DOWN, lot.pk, depth, most) if down else []
    short_up, short_down = _is_short(above, most), _is_short(below, most)
    ids = {lot.pk, *[row[0] for row in above], *[row[1] for row in below]}
    near, more_beside = _beside(above, ids, beside) if beside and above else ([], False)
    # A lot that is below has all that went into it as its whole, also what does not come from here.
    rows = _lots(actor, ids.union([row[1] for row in above], near))
    if lot.pk not in rows:
        raise Http404("lot")
    links_up, shares_up, cut = _side(above, rows, lot.pk, upwards=True)
    links_down, shares_down, _ = _side(below, rows, lot.pk, upwards=False)
    if short_up:
        shares_up = dict.fromkeys(shares_up)
    if short_down:
        shares_down = dict.fromkeys(shares_down)
    nodes: dict[int, Node] = {}
    for side, shares in ((1, shares_down), (-1, shares_up)):
        for one, share in shares.items():
            node = rows.get(one)
            if node is not None:
                node.share, node.side = share, side
                nodes[one] = node
    nodes[lot.pk].share, nodes[lot.pk].side = 1.0, 0
    if links_up and links_down:  # what went round stands in both
        known = {(one.source, one.target) for one in links_up}
        links_down = [one for one in links_down if (one.source, one.target) not in known]
    links = [one for one in (*links_up, *links_down) if one.source in nodes and one.target in nodes]
    found = Trace(lot.pk, nodes, links, cut_share=cut, is_cut_short=short_up or short_down)
    found.beside = [rows[one] for one in near if one in rows]
    found.is_more_beside = more_beside
    found.shipments = _shipments(
        actor, ({lot.pk, *shares_down} & nodes.keys()).union(one.id for one in found.beside)
    )
    if with_tests:
        found.tests = tests_of(actor, nodes)
    return found


def is_wider_than(lot: Lot, most: int) -> bool:
    """Whether more than so many lots come of it, itself counted; it stops looking there."""
    return _is_short(_edges(_DOWN, lot.pk, None, most), most)


def _edges(form: str, lot: int, depth: int | None, most: int | None = None) -> list[Row]:
    bounded = depth is not None
    last = f" WHERE depth < {int(depth or 0)}" if bounded else ""
    statement = form.format(
        start=int(lot),
        cut=int(CUT * 1_000_000),
        most=MOST_EDGES,
        depth_name=", depth" if bounded else "",
        depth_start=", 0" if bounded else "",
        depth_step=", way.depth + 1" if bounded else "",
        depth_bound=f" AND way.depth < {int(depth or 0) - 1}" if bounded else "",
        depth_bound_down=f" AND way.depth < {int(depth or 0) - 1}" if bounded else "",
        total="0" if most is None else "w.reached",
        near=(_WHOLE if most is None else _NEAREST).format(last=last, most_lots=int(most or 0) + 1),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _is_short(edges: list[Row], most: int | None) -> bool:
    return len(edges) >= MOST_EDGES or (most is not None and bool(edges) and edges[0][5] > most)


def _beside(above: list[Row], known: set[int], most: int) -> tuple[list[int], bool]:
    """Lots made of those sources that have none themselves, nearest first, without those known; whether there are more."""
    first = {row[0] for row in above} - {row[1] for row in above}
    starts, values = rows_of(first, connection)
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE.format(starts=starts, most=len(known) + most + 1), values)
        found = [row[0] for row in cursor.fetchall() if row[0] not in known]
    return found[:most], len(found) > most


def _side(
    edges: Iterable[Row], rows: dict[int, Node], lot: int, *, upwards: bool
) -> tuple[list[Edge], dict[int, float | None], float]:
    """Links and shares of one way. Several postings between the same two lots are one link."""
    found: dict[tuple[int, int], Edge] = {}
    for source, target, quantity, weight, heel, _reached in edges:
        whole = rows.get(target)
        part = None if weight is None or whole is None or not whole.inflow else weight / whole.inflow
        both = (source, target)
        known = found.get(both)
        if known is None:
            found[both] = Edge(source, target, part, heel is not None, quantity)
        else:
            known.part = None if known.part is None or part is None else known.part + part
            known.quantity = None if known.quantity is None or quantity is None else known.quantity + quantity
            known.heel = known.heel and heel is not None
    links = list(found.values())
    shares = ancestors(lot, links) if upwards else descendants(lot, links)
    return (shares.edges if upwards else links), shares.of, shares.cut


def _lots(actor: Actor, ids: set[int]) -> dict[int, Node]:
    """Lots by id; none that the actor does not see."""
    rows = LOT.visible_to(actor).filter(pk__among=ids).order_by()
    statement, values = rows.values_list(*NODE).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)  # as it lies in the database: amounts are whole millionths
        return {row[0]: Node(*row) for row in cursor.fetchall()}


def _shipments(actor: Actor, ids: Iterable[int]) -> list[Shipped]:
    """To whom the lots went: quantity by lot, customer and order; what was sent and taken back is gone.

    Names are fetched apart: joined in, they mislead SQLite into beginning with the customers.
    """
    sums: dict[tuple[int, int, int | None, str], list[Any]] = {}
    rows = LOT_SHIPMENT.visible_to(actor).filter(lot__pk__among=ids).order_by()
    columns = ("lot_id", "customer_id", "order_id", "unit", "quantity", "shipped_at", "arrival")
    for lot, customer, order, unit, quantity, at, arrival in rows.values_list(*columns):
        known = sums.setdefault((lot, customer, order, unit), [0, None, 0])
        known[0] += quantity
        known[2] += quantity if arrival == LotShipment.Arrival.ON_WAY else 0
        if quantity > 0 and (known[1] is None or at > known[1]):
            known[1] = at  # when it was shipped, not when some of it came back
    standing = {key: one for key, one in sums.items() if one[0] > 0}
    names = _names({key[1] for key in standing}, {key[2] for key in standing if key[2] is not None})
    found = [
        Shipped(lot, customer, *names["customer", customer], order, names.get(("order", order or 0), ("", ""))[0],
                total, unit, at, Decimal(min(way, total)))
        for (lot, customer, order, unit), (total, at, way) in standing.items()
    ]  # fmt: skip
    return sorted(found, key=lambda one: (one.customer_name, one.lot, one.order_number))


def _names(customers: set[int], orders: set[int]) -> dict[tuple[str, int], tuple[str, str]]:
    """By ("customer", id): code and name; by ("order", id): number and nothing. One query."""
    rows = (
        Customer.objects.filter(pk__among=customers)
        .order_by()
        .values_list(Value("customer"), "pk", "external_id", "name")
    )
    if orders:
        theirs = Order.objects.filter(pk__among=orders).order_by()
        rows = rows.union(theirs.values_list(Value("order"), "pk", "number", Value("")), all=True)
    return {(of, key): (one or "", other) for of, key, one, other in rows}


def tests_of(actor: Actor, ids: Iterable[int]) -> dict[int, list[Result]]:
    """Results that stand, by lot; none for whom results are withheld."""
    if not LOT_TEST.may_read(actor, "said"):
        return {}
    rows = LOT_TEST.visible_to(actor, rows=TestResult.objects.standing()).filter(lot__pk__among=ids)
    statement, values = (
        rows.order_by("lot_id", "characteristic_id", "id").values_list(*RESULT).query.sql_with_params()
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows_of_lots = groupby(cursor.fetchall(), itemgetter(0))
        return {one: list(map(_result, several)) for one, several in rows_of_lots}
