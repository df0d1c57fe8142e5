"""A lot in a few lines, for pages of other rooms: what deviates, what it is made of, who else has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bihuan.kernel.actor import Actor

from ..models import Lot, TestResult
from ..records import LOT_SHIPMENT
from ..tracing import Node, trace
from . import judging
from .page import first_sources
from .queries import limits_of, results_of

SOURCES = 3
NEAREST = 200


@dataclass(slots=True)
class Brief:
    """`others`: how many other customers have some of it, as far as the actor may see shipments."""

    lot: Lot
    outside: list[judging.Line] = field(default_factory=list)
    tested: int = 0
    others: int = 0
    sources: list[Node] = field(default_factory=list)
    more_sources: int = 0


def briefs(actor: Actor, lots: Sequence[Lot], customer: int, *, now: datetime) -> list[Brief]:
    """Lots that the actor sees, against the customer's limits; of a single one also its greatest sources."""
    found = {one.pk: Brief(one) for one in lots}
    if not found:
        return []
    by_lot: dict[int, list[TestResult]] = {}
    for result in results_of(actor, found):
        by_lot.setdefault(result.lot_id, []).append(result)
    limits = limits_of(actor, {one.product_id for one in lots}) if by_lot else {}
    for key, results in by_lot.items():
        brief = found[key]
        lines = judging.judge(results, limits.get(brief.lot.product_id, ()), customer, now)
        brief.outside = [one for one in lines if one.verdict == judging.OUTSIDE]
        brief.tested = sum(one.result is not None for one in lines)
    others: dict[int, set[int]] = {}
    rows = LOT_SHIPMENT.visible_to(actor).filter(lot__in=list(found)).exclude(customer=customer).order_by()
    for lot, other in rows.values_list("lot", "customer").distinct():
        others.setdefault(lot, set()).add(other)
    for key, several in others.items():
        found[key].others = len(several)
    if len(found) == 1:
        brief = next(iter(found.values()))
        sources = first_sources(trace(actor, brief.lot, down=False, most=NEAREST))
        brief.sources, brief.more_sources = sources[:SOURCES], max(len(sources) - SOURCES, 0)
    return list(found.values())
