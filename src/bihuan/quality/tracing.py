"""Where a lot comes from and where it went: one recursive query each way, then shares (see `genealogy.shares`).

A trace costs a fixed number of queries however many lots it reaches: the lot, the edges of each way, the lots with their
products, tests, shipments. What the actor may not see is not in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.db.models import Max, Sum
from django.db.models.expressions import RawSQL
from django.http import Http404

from bihuan.kernel.actor import Actor

from .genealogy.shares import CUT, Edge, ancestors, descendants
from .models import Lot, LotShipment, TestResult
from .records import LOT, LOT_SHIPMENT, LOT_TEST

MOST_EDGES = 500_000
NODE = ("id", "number", "product__code", "product__name", "kind", "quantity", "unit", "status", "inflow")
_UP = """
WITH RECURSIVE way(lot, carry{depth_name}) AS (
    SELECT {start}, CAST(1000000 AS bigint){depth_start}
    UNION
    SELECT e.source_id,
           CASE WHEN e.heel IS NULL THEN CAST(1000000 AS bigint) ELSE way.carry * e.heel / 1000000 END{depth_step}
    FROM way JOIN quality_lotedge e ON e.target_id = way.lot
    WHERE (e.heel IS NULL OR way.carry * e.heel / 1000000 >= {cut}){depth_bound}
)
SELECT e.source_id, e.target_id, e.quantity, e.weight, e.heel
FROM (SELECT DISTINCT lot FROM way{last}) w JOIN quality_lotedge e ON e.target_id = w.lot
LIMIT {most}
"""
_DOWN = """
WITH RECURSIVE way(lot{depth_name}) AS (
    SELECT {start}{depth_start}
    UNION
    SELECT e.target_id{depth_step} FROM way JOIN quality_lotedge e ON e.source_id = way.lot{depth_bound_down}
)
SELECT e.source_id, e.target_id, e.quantity, e.weight, e.heel
FROM (SELECT DISTINCT lot FROM way{last}) w JOIN quality_lotedge e ON e.source_id = w.lot
LIMIT {most}
"""
Row = tuple[int, int, int | None, int | None, int | None]


@dataclass(slots=True)
class Link:
    """A straight way from lot to lot. `quantity` in the source's unit, millionths; `share`: the part of the target that it is."""

    source: int
    target: int
    quantity: int | None
    share: float | None
    heel: bool


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
    share: float | None = None
    side: int = 0


@dataclass(slots=True)
class Trace:
    lot: int
    nodes: dict[int, Node]
    links: list[Link]
    shipments: list[dict[str, Any]] = field(default_factory=list)
    cut_share: float | None = 0.0
    is_cut_short: bool = False
    tests: dict[int, list[TestResult]] = field(default_factory=dict)


def trace(
    actor: Actor,
    lot: Lot,
    *,
    up: bool = True,
    down: bool = True,
    depth: int | None = None,
    with_tests: bool = False,
) -> Trace:
    """The genealogy of a lot as far as the actor may see it. `depth`: at most so many steps each way.

    Raises ``Http404`` for a lot that the actor does not see.
    """
    above = _edges(_UP, lot.pk, depth) if up else []
    below = _edges(_DOWN, lot.pk, depth) if down else []
    short = len(above) >= MOST_EDGES or len(below) >= MOST_EDGES
    ids = {lot.pk}.union((row[0] for row in above), (row[1] for row in below))
    # A lot that is below has all that went into it as its whole, also what does not come from here.
    rows = _lots(actor, {*ids, *(row[1] for row in above)})
    if lot.pk not in rows:
        raise Http404("lot")
    links_up, shares_up, cut = _side(above, rows, lot.pk, upwards=True)
    links_down, shares_down, _ = _side(below, rows, lot.pk, upwards=False)
    nodes: dict[int, Node] = {}
    for side, shares in ((1, shares_down), (-1, shares_up)):
        for one, share in shares.items():
            if one in rows:
                node = rows[one][0]
                node.share, node.side = share, 0 if one == lot.pk else side
                nodes[one] = node
    if lot.pk not in nodes:
        nodes[lot.pk] = rows[lot.pk][0]
    nodes[lot.pk].share = 1.0
    seen = {(one.source, one.target): one for one in (*links_up, *links_down)}
    links = [one for one in seen.values() if one.source in nodes and one.target in nodes]
    found = Trace(lot.pk, nodes, links, cut_share=cut, is_cut_short=short)
    reached = [one for one in nodes if nodes[one].side >= 0]
    found.shipments = _shipments(actor, reached)
    if with_tests:
        found.tests = tests_of(actor, nodes)
    return found


def _edges(form: str, lot: int, depth: int | None) -> list[Row]:
    bounded = depth is not None
    statement = form.format(
        start=int(lot),
        cut=int(CUT * 1_000_000),
        most=MOST_EDGES,
        depth_name=", depth" if bounded else "",
        depth_start=", 0" if bounded else "",
        depth_step=", way.depth + 1" if bounded else "",
        depth_bound=f" AND way.depth < {int(depth or 0) - 1}" if bounded else "",
        depth_bound_down=f" AND way.depth < {int(depth or 0) - 1}" if bounded else "",
        last=f" WHERE depth < {int(depth or 0)}" if bounded else "",
    )
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchall())


def _side(
    edges: Iterable[Row], rows: dict[int, tuple[Node, int | None]], lot: int, *, upwards: bool
) -> tuple[list[Link], dict[int, float | None], float]:
    """Links and shares of one way. Several postings between the same two lots are one link."""
    sums: dict[tuple[int, int], list[Any]] = {}
    for source, target, quantity, weight, heel in edges:
        known = sums.get((source, target))
        if known is None:
            sums[source, target] = [quantity, weight, heel is not None]
        else:
            known[0] = None if known[0] is None or quantity is None else known[0] + quantity
            known[1] = None if known[1] is None or weight is None else known[1] + weight
            known[2] = known[2] and heel is not None
    pure = []
    for (source, target), (_, weight, heel) in sums.items():
        inflow = rows[target][1] if target in rows else None
        part = None if weight is None or not inflow else weight / inflow
        pure.append(Edge(source, target, part, heel))
    shares = ancestors(lot, pure) if upwards else descendants(lot, pure)
    links = [
        Link(one.source, one.target, sums[one.source, one.target][0], one.part, one.heel)
        for one in (shares.edges if upwards else pure)
    ]
    return links, shares.of, shares.cut


def _lots(actor: Actor, ids: set[int]) -> dict[int, tuple[Node, int | None]]:
    """Lots by id with what ever went into them; none that the actor does not see."""
    rows = LOT.visible_to(actor).filter(pk__in=_listed(ids)).order_by()
    statement, values = rows.values_list(*NODE).query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(statement, values)  # as it lies in the database: amounts are whole millionths
        return {row[0]: (Node(*row[:8]), row[8]) for row in cursor.fetchall()}


def _listed(ids: Iterable[int]) -> RawSQL:
    """Many numbers as one parameter, so that there may be a hundred thousand of them."""
    wanted = sorted(ids)
    if connection.vendor == "postgresql":
        return RawSQL("SELECT unnest(%s::bigint[])", [wanted])
    return RawSQL("SELECT value FROM json_each(%s)", [json.dumps(wanted)])


def _shipments(actor: Actor, ids: list[int]) -> list[dict[str, Any]]:
    """To whom the lots went: quantity by lot, customer and order; what was sent and taken back is gone."""
    rows = LOT_SHIPMENT.visible_to(actor).filter(lot__in=_listed(ids)).order_by()
    found = (
        rows.values("lot", "customer", "customer__external_id", "customer__name", "order__number", "order", "unit")
        .annotate(total=Sum("quantity"), at=Max("shipped_at"))
        .filter(total__gt=0)
    )
    return sorted(found, key=lambda one: (str(one["customer__name"]), one["lot"], str(one["order__number"])))


def tests_of(actor: Actor, ids: Iterable[int]) -> dict[int, list[TestResult]]:
    """Results that stand, by lot; none for whom results are withheld."""
    found: dict[int, list[TestResult]] = {}
    if not LOT_TEST.may_read(actor, "said"):
        return found
    rows = LOT_TEST.visible_to(actor).filter(lot__in=_listed(ids), invalid_at=None)
    for one in rows.select_related("characteristic").order_by("lot_id", "characteristic_id", "id"):
        found.setdefault(one.lot_id, []).append(one)
    return found


def shipped_lots(actor: Actor, customer: Any, limit: int = 10) -> list[LotShipment]:
    """What a customer received last."""
    rows = LOT_SHIPMENT.visible_to(actor).filter(customer=customer)
    return list(rows.select_related("lot__product", "order").order_by("-shipped_at", "-id")[:limit])
