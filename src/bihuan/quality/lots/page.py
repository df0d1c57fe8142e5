"""What the page of a lot shows, gathered in a fixed number of queries however much hangs on the lot."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from bihuan.kernel.actor import Actor
from bihuan.kernel.fields import from_fixed
from bihuan.kernel.time import local_date

from ..models import Lot, TestResult
from ..tracing import Node, Shipped, Trace, trace
from . import judging
from .queries import (
    Decided,
    decided_of,
    get_lot,
    limits_of,
    may_decide,
    particulars_of,
    readings_of,
    results_of,
    sees_results,
)

NEAREST = 400
BESIDE = 40
SHOWN = 12
STOPPABLE = frozenset({Lot.Status.RELEASED, Lot.Status.QUARANTINE})


@dataclass(slots=True)
class Source:
    """A lot that this one comes from, with what is known of it; `results` are those that stand."""

    node: Node
    lot: Lot | None
    results: Sequence[TestResult] = ()


@dataclass(slots=True)
class LotPage:
    lot: Lot
    decided: Decided | None
    trace: Trace
    lines: list[judging.Line]
    steps: list[judging.Step]
    sources: list[Source]
    more_sources: int
    customer: int | None
    choices: list[tuple[int, str]]
    may_decide: bool
    sees_tests: bool
    days_left: int | None
    elsewhere: list[tuple[int, str, list[judging.Line]]] = field(default_factory=list)
    stock: list[Node] = field(default_factory=list)
    more_stock: int = 0
    shipments: list[tuple[Shipped, Node]] = field(default_factory=list)
    more_shipments: int = 0
    beside: list[tuple[Node, int]] = field(default_factory=list)
    more_beside: int = 0

    @property
    def outside(self) -> list[judging.Line]:
        return [one for one in self.lines if one.verdict == judging.OUTSIDE]

    @property
    def missing(self) -> list[judging.Line]:
        return [one for one in self.lines if one.verdict == judging.MISSING]

    @property
    def strayed(self) -> list[tuple[str, judging.Reading]]:
        return [(step.name, one) for step in self.steps for one in step.readings if one.is_outside]

    @property
    def retained(self) -> list[Node]:
        """Retained samples that were taken of it."""
        return [one for one in self.trace.nodes.values() if one.side == 1 and one.kind == Lot.Kind.RETAINED]

    @property
    def has_left(self) -> bool:
        """Whether some of the lot itself is with a customer whom the actor sees."""
        return any(one.lot == self.lot.pk for one in self.trace.shipments)

    @property
    def is_expired(self) -> bool:
        return self.days_left is not None and self.days_left < 0

    @property
    def below(self) -> int:
        return sum(one.side == 1 for one in self.trace.nodes.values())


def lot_page(actor: Actor, identity: int, *, customer: str, now: datetime) -> LotPage:
    """A lot with sources, readings, results against the limits of a customer, who has it, what else was made of the same.

    `customer`: the key of whose limits count, as it stands in the address; empty: of the only one who has it, else the general
    ones. Raises ``Http404``.
    """
    lot = get_lot(actor, identity)
    found = trace(actor, lot, most=NEAREST, beside=BESIDE)
    sees_tests = sees_results(actor)
    sources = first_sources(found)
    shown = sources[:SHOWN]
    results: dict[int, list[TestResult]] = {}
    for one in results_of(actor, [lot.pk, *(node.id for node in shown)]):
        results.setdefault(one.lot_id, []).append(one)
    particulars = particulars_of(actor, [node.id for node in shown]) if shown else {}
    limits = limits_of(actor, [lot.product_id]).get(lot.product_id, [])
    choices = _choices(limits, found.shipments, lot.pk)
    chosen = _chosen(customer, choices, found.shipments, lot.pk)
    page = LotPage(
        lot=lot,
        decided=decided_of(lot),
        trace=found,
        lines=judging.judge(results.get(lot.pk, ()), limits, chosen, now),
        steps=judging.steps(readings_of(actor, lot)),
        sources=[
            Source(node, particulars.get(node.id), [one for one in results.get(node.id, ()) if one.counts])
            for node in shown
        ],
        more_sources=len(sources) - len(shown),
        customer=chosen,
        choices=choices,
        may_decide=may_decide(actor, lot),
        sees_tests=sees_tests,
        days_left=_days_left(lot.expires_on, local_date(now)),
    )  # fmt: skip
    page.elsewhere = _elsewhere(page, results.get(lot.pk, ()), limits, now)
    _put_whereabouts(page)
    return page


def _elsewhere(
    page: LotPage, results: Sequence[TestResult], limits: Sequence[judging.Limits], now: datetime
) -> list[tuple[int, str, list[judging.Line]]]:
    """Of the others who have the lot those whose own limits it breaks: the page speaks of them whosever limits are shown."""
    own = {one.customer for one in limits if one.customer is not None}
    having = {one.customer: one.customer_name for one in page.trace.shipments if one.lot == page.lot.pk}
    found = []
    for customer, name in having.items():
        if customer in own and customer != page.customer:
            lines = judging.judge(results, limits, customer, now)
            broken = [one for one in lines if one.is_outside and one.is_own]
            if broken:
                found.append((customer, name, broken))
    return found


def first_sources(found: Trace) -> list[Node]:
    """First sources (raw lots) with the greatest shares first; a lot made here that has no sources told counts as one."""
    made = {one.target for one in found.links}
    first = [one for one in found.nodes.values() if one.side == -1 and one.id not in made]
    return sorted(first, key=lambda one: (-(one.share or 0.0), one.product, one.number))


def _choices(
    limits: Sequence[judging.Limits], shipments: Sequence[Shipped], lot: int
) -> list[tuple[int, str]]:
    """Whose limits may count: who has some of their own, and who has the lot."""
    found = {one.customer: one.customer_name for one in limits if one.customer is not None}
    found |= {one.customer: one.customer_name for one in shipments if one.lot == lot}
    return sorted(found.items(), key=lambda one: one[1])


def _chosen(
    text: str, choices: Sequence[tuple[int, str]], shipments: Sequence[Shipped], lot: int
) -> int | None:
    if text == "0":
        return None
    known = {key for key, _name in choices}
    if text.isdecimal() and int(text) in known:
        return int(text)
    having = {one.customer for one in shipments if one.lot == lot}
    return having.pop() if len(having) == 1 else None


def _days_left(until: date | None, today: date) -> int | None:
    return None if until is None else (until - today).days


def _put_whereabouts(page: LotPage) -> None:
    nodes = {**page.trace.nodes, **{one.id: one for one in page.trace.beside}}
    here = [one for one in page.trace.nodes.values() if one.side >= 0]
    stock = sorted(
        (one for one in here if can_be_stopped(one)),
        key=lambda one: (one.side, -(one.quantity or 0), one.number),
    )
    page.stock, page.more_stock = stock[:SHOWN], max(len(stock) - SHOWN, 0)
    own = [(one, nodes[one.lot]) for one in page.trace.shipments if one.lot in page.trace.nodes]
    own.sort(key=lambda one: (one[0].lot != page.lot.pk, one[0].customer_name))
    page.shipments, page.more_shipments = own[:SHOWN], max(len(own) - SHOWN, 0)
    having: dict[int, set[int]] = {}
    for one in page.trace.shipments:
        having.setdefault(one.lot, set()).add(one.customer)
    beside = [(one, len(having.get(one.id, ()))) for one in page.trace.beside]
    page.beside, page.more_beside = beside[:SHOWN], max(len(beside) - SHOWN, 0)


def can_be_stopped(one: Node) -> bool:
    """In stock, free to be used or shipped; a retained sample goes nowhere."""
    return one.status in STOPPABLE and (one.quantity or 0) > 0 and one.kind != Lot.Kind.RETAINED


def amounts(nodes: Sequence[Node]) -> list[tuple[Decimal, str]]:
    """What is in stock of these, by unit."""
    found: dict[str, Decimal] = {}
    for one in nodes:
        if one.quantity:
            found[one.unit] = found.get(one.unit, Decimal(0)) + from_fixed(one.quantity)
    return [(amount, unit) for unit, amount in sorted(found.items())]


def shipped_sums(shipments: Sequence[Shipped]) -> list[dict[str, Any]]:
    """To whom how much went, by customer and unit, with the number of lots; most first."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for one in shipments:
        row = found.setdefault(
            (one.customer, one.unit),
            {"customer": one.customer, "name": one.customer_name, "unit": one.unit, "quantity": Decimal(0), "lots": set(),
             "orders": set(), "at": one.at},
        )  # fmt: skip
        row["quantity"] += one.quantity
        row["lots"].add(one.lot)
        row["at"] = max(row["at"], one.at)
        if one.order is not None:
            row["orders"].add((one.order, one.order_number))
    return sorted(found.values(), key=lambda one: (-one["quantity"], one["name"]))
