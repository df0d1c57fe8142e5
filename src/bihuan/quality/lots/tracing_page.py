"""What the page of a trace shows: the picture, the table beside it, what can still be stopped and who has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.translation import ngettext, pgettext

from bihuan.kernel.actor import Actor

from ..models import Lot, TestResult
from ..tracing import Node, Trace, trace
from . import judging, picture
from .page import amounts, can_be_stopped, shipped_sums
from .queries import get_lot, limits_of, may_decide, results_of

MOST = 5_000
ROWS, ALL_ROWS = 100, 5_000
DEPTHS = ("1", "2", "3", "4", "5", "8", "all")
WAYS = ("both", "up", "down")


@dataclass(frozen=True, slots=True)
class Asked:
    """`depth`: at most so many generations each way in the picture; None: all of them."""

    way: str = "both"
    depth: int | None = 3
    is_whole: bool = False

    @property
    def depth_said(self) -> str:
        return "all" if self.depth is None else str(self.depth)


def read_asked(query: Mapping[str, str]) -> Asked:
    """What the address asks for; what makes no sense is left at its default."""
    way = query.get("way", "both")
    depth = query.get("depth", "3")
    return Asked(
        way if way in WAYS else "both",
        None if depth == "all" else int(depth) if depth in DEPTHS else 3,
        query.get("rows") == "all",
    )


@dataclass(slots=True)
class Row:
    node: Node
    generation: int
    is_outside: bool


@dataclass(slots=True)
class TracePage:
    lot: Lot
    trace: Trace
    wide: picture.Picture
    narrow: picture.Picture
    rows: list[Row]
    more_rows: int
    count: int
    stock: list[Node]
    more_stock: int
    stock_sums: list[tuple[Decimal, str]]
    customers: list[dict[str, Any]]
    more_customers: int
    outside: set[int]
    depths: list[tuple[str, str]]
    may_decide: bool

    @property
    def cut_share(self) -> float:
        return self.trace.cut_share or 0.0


def trace_page(actor: Actor, identity: int, asked: Asked, *, now: datetime) -> TracePage:
    """The trace of a lot as far as the actor may see it, at most `MOST` lots each way. Raises ``Http404``."""
    lot = get_lot(actor, identity)
    found = trace(actor, lot, up=asked.way != "down", down=asked.way != "up", most=MOST)
    plain = picture.layers(found, asked.depth)
    drawn = [node for several in plain.of.values() for node in several[: picture.WIDE_MOST * 4]]
    outside = _outside(actor, drawn, found, now)
    made = picture.layers(found, asked.depth, outside)
    customers = shipped_sums(found.shipments) if asked.way != "up" else []
    titles = {generation: generation_title(generation) for generation in made.of}
    went = pgettext("trace", "Shipped to")
    ordered = sorted(
        (Row(node, made.generation[node.id], node.id in outside) for node in found.nodes.values() if node.id in made.generation),
        key=lambda row: (abs(row.generation), row.generation, not row.is_outside, -(row.node.share or 0.0), row.node.number),
    )  # fmt: skip
    most = ALL_ROWS if asked.is_whole else ROWS
    stock = [one for one in found.nodes.values() if one.side >= 0 and can_be_stopped(one)]
    stock.sort(key=lambda one: (-(one.quantity or 0), one.number))
    shown = ALL_ROWS if asked.is_whole else 30
    return TracePage(
        lot=lot,
        trace=found,
        wide=picture.draw(found, made, customers, titles, is_wide=True, shipped_title=went),
        narrow=picture.draw(found, made, customers, titles, is_wide=False, shipped_title=went),
        rows=ordered[:most],
        more_rows=max(len(ordered) - most, 0),
        count=len(found.nodes),
        stock=stock[:shown],
        more_stock=max(len(stock) - shown, 0),
        stock_sums=amounts(stock),
        customers=customers[:shown],
        more_customers=max(len(customers) - shown, 0),
        outside=outside,
        depths=[(one, _depth_said(one)) for one in DEPTHS],
        may_decide=may_decide(actor, lot),
    )


def _outside(actor: Actor, nodes: list[Node], found: Trace, now: datetime) -> set[int]:
    """Which of these lots have a result that stands and breaks the limits of their product, or of a customer who has them."""
    lots = {one.id: one.product_id for one in nodes}
    by_lot: dict[int, list[TestResult]] = {}
    for result in results_of(actor, lots):
        by_lot.setdefault(result.lot_id, []).append(result)
    limits = limits_of(actor, set(lots.values())) if by_lot else {}
    having: dict[int, set[int | None]] = {}
    for one in found.shipments:
        having.setdefault(one.lot, {None}).add(one.customer)
    return {
        key
        for key, results in by_lot.items()
        if any(
            line.is_outside
            for customer in having.get(key, {None})
            for line in judging.judge(results, limits.get(lots[key], []), customer, now)
        )
    }


def generation_title(generation: int) -> str:
    if not generation:
        return pgettext("trace", "This lot")
    steps = abs(generation)
    if generation < 0:
        return ngettext("%(n)s step before", "%(n)s steps before", steps) % {"n": steps}
    return ngettext("%(n)s step after", "%(n)s steps after", steps) % {"n": steps}


def _depth_said(text: str) -> str:
    return pgettext("trace depth", "All") if text == "all" else text
