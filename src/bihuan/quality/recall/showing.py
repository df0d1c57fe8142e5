"""What the page of a recall shows, in a fixed number of queries however many lots and customers it concerns."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from bihuan.customers.models import Contact
from bihuan.customers.records import CONTACT
from bihuan.kernel.actor import Actor, Scope

from ..models import Lot, Recall, RecallEntry, RecallEvent, RecallLot, RecallShipment
from ..records import LOT
from ..shipping.transit import by_customer, by_lot, by_unit
from . import queries
from .records import RECALL_ENTRY
from .rules import HOURS, Effect, effect
from .whereabouts import on_way_now


@dataclass(slots=True)
class Line:
    entry: RecallEntry
    contacts: list[Contact]
    shipments: list[RecallShipment]
    is_late: bool
    on_way: Decimal | None = None

    @property
    def steps(self) -> tuple[str, ...]:
        if self.entry.told_at is None:
            return ("tell", "unreachable")
        return ("answer",)


@dataclass(slots=True)
class RecallPage:
    recall: Recall
    lot: Lot | None
    lines: list[Line]
    more: int
    effect: Effect
    answered: list[dict[str, Any]]
    lots: list[RecallLot]
    lot_count: int
    events: list[RecallEvent]
    sees_phones: bool
    sees_whom: bool
    may_edit: bool
    may_close: bool
    due: datetime
    on_way: list[tuple[str, Decimal]] = field(default_factory=list)  # by unit, now
    whole: list[tuple[str, Decimal, float]] = field(default_factory=list)
    gap: Decimal | None = None


def recall_page(actor: Actor, identity: int, *, now: datetime) -> RecallPage:
    """A recall as far as the actor sees it: customers of their own, lots of their own. Raises ``Http404``."""
    recall = queries.get_recall(actor, identity)
    entries = list(queries.entries_of(actor, recall)[: queries.SHOWN])
    told, sums = queries.told_of(actor, recall)
    contacts = queries.contacts_of(actor, [one.customer_id for one in entries])
    shipments = queries.shipments_of(entries)
    lots, count = queries.lots_of(actor, recall)
    moving = on_way_now(actor, recall)
    theirs, of_lots = by_customer(moving), by_lot(moving)
    for one in lots:
        one.on_way = of_lots.get(one.lot_id)
    due = recall.started_at + timedelta(hours=HOURS[recall.level])
    until = queries.until(recall, now)
    page = RecallPage(
        recall=recall,
        lot=LOT.visible_to(actor).select_related("product").filter(pk=recall.lot_id).first(),
        lines=[
            Line(one, contacts.get(one.customer_id, []), shipments.get(one.pk, []), (one.told_at or until) > due,
                 theirs.get((one.customer_id, one.unit)))
            for one in entries
        ],
        more=len(told) - len(entries),
        effect=effect(told, level=recall.level, started=recall.started_at, until=until),
        answered=list(sums.values()),
        lots=lots,
        lot_count=count,
        events=queries.events_of(actor, recall),
        sees_phones=CONTACT.may_read(actor, "phone"),
        sees_whom=RECALL_ENTRY.may_read(actor, "told_whom"),
        may_edit=recall.closed_at is None and actor.may("recall_entry", "edit"),
        may_close=recall.closed_at is None and actor.may("recall", "edit"),
        due=due,
        on_way=by_unit(moving),
    )  # fmt: skip
    # It adds up what all customers and lots have: for who sees all of each.
    if recall.whole and all(actor.scope(one) is Scope.ALL for one in ("lot", "recall", "recall_entry")):
        made = Decimal(recall.whole["made"])
        for name in ("stock", "shipped", "lost"):
            amount = Decimal(recall.whole[name])
            page.whole.append((name, amount, float(amount / made) if made else 0.0))
        gap = Decimal(recall.whole["gap"])
        page.gap = gap if abs(gap) > Decimal("0.001") or recall.whole["unknown"] else None
    return page
