"""Reading recalls. Every read starts from what the actor may see."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import Http404

from bihuan.customers.models import Contact
from bihuan.customers.records import CONTACT
from bihuan.kernel.actor import Actor

from ..models import Lot, Recall, RecallEntry, RecallEvent, RecallLot, RecallShipment, RecallStart
from ..records import LOT
from .records import RECALL, RECALL_ENTRY
from .rules import Told

SHOWN = 50
State = RecallEntry.State
OPEN = (State.WAITING, State.UNREACHABLE)


def get_recall(actor: Actor, identity: int) -> Recall:
    row: Recall | None = RECALL.visible_to(actor).filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def get_entry(actor: Actor, identity: int) -> RecallEntry:
    rows = RECALL_ENTRY.visible_to(actor).select_related("recall", "customer")
    row: RecallEntry | None = rows.filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def get_begun(actor: Actor, identity: int) -> RecallStart:
    """A recall that the actor asked for and that a job starts; what others asked for is nobody else's."""
    row = RecallStart.objects.filter(pk=identity, asked_by_id=actor.user_id).exclude(asked_by=None).first()
    if row is None:
        raise Http404(identity)
    return row


def entries_of(actor: Actor, recall: Recall) -> QuerySet[RecallEntry]:
    """Who is to be told, as far as the actor sees; those who wait first, then the greatest amounts."""
    turn = Case(When(state=State.WAITING, then=Value(0)), When(state=State.UNREACHABLE, then=Value(1)),
                When(state=State.TOLD, then=Value(2)), default=Value(3))  # fmt: skip
    rows = RECALL_ENTRY.visible_to(actor).filter(recall=recall)
    return rows.select_related("customer__owner_a").order_by(turn, "-quantity", "pk")


def told_of(actor: Actor, recall: Recall) -> tuple[list[Told], dict[str, dict[str, Any]]]:
    """The entries as effectiveness sees them, and what customers answered by unit. One query."""
    rows = RECALL_ENTRY.visible_to(actor).filter(recall=recall).order_by()
    told: list[Told] = []
    sums: dict[str, dict[str, Any]] = {}
    for unit, quantity, found, returned, used_up, at in rows.values_list(
        "unit", "quantity", "found", "returned", "used_up", "told_at"
    ):
        accounted = found + returned + used_up
        told.append(Told(unit, quantity, accounted, at))
        line = sums.setdefault(unit, {"unit": unit})
        for name, amount in (("shipped", quantity), ("found", found), ("returned", returned), ("used_up", used_up), ("open", quantity - accounted)):  # fmt: skip
            line[name] = line.get(name, 0) + amount
    return told, sums


def contacts_of(actor: Actor, customers: list[int]) -> dict[int, list[Contact]]:
    """Those to speak to, first contacts first; at most two a customer."""
    found: dict[int, list[Contact]] = {}
    rows = CONTACT.visible_to(actor).filter(customer__in=customers, is_active=True)
    for one in rows.order_by("customer_id", "-is_primary", "pk"):
        several = found.setdefault(one.customer_id, [])
        if len(several) < 2:
            several.append(one)
    return found


def shipments_of(entries: list[RecallEntry]) -> dict[int, list[RecallShipment]]:
    """What went to the customers of entries that the actor sees."""
    found: dict[int, list[RecallShipment]] = {}
    rows = RecallShipment.objects.filter(entry__in=entries).select_related("lot__product", "order")
    for one in rows.order_by("entry_id", "-quantity", "pk")[:2000]:
        found.setdefault(one.entry_id, []).append(one)
    return found


def lots_of(actor: Actor, recall: Recall) -> tuple[list[RecallLot], int]:
    """The lots of the recall that the actor sees: most in stock first; and how many there are."""
    seen = LOT.visible_to(actor).order_by().values("pk")
    rows = RecallLot.objects.filter(recall=recall, lot__in=seen)
    ordered = rows.select_related("lot__product").order_by(F("stock").desc(nulls_last=True), "-shipped", "pk")
    shown = list(ordered[: SHOWN + 1])
    return shown[:SHOWN], len(shown) if len(shown) <= SHOWN else rows.count()


def events_of(actor: Actor, recall: Recall) -> list[RecallEvent]:
    """What happened, newest first: to the recall itself, and to entries that the actor sees."""
    mine = RECALL_ENTRY.visible_to(actor).filter(recall=recall).order_by().values("pk")
    rows = RecallEvent.objects.filter(Q(entry=None) | Q(entry__in=mine), recall=recall)
    return list(rows.select_related("entry__customer").order_by("-id")[:SHOWN])


def recalls_of_lot(actor: Actor, lot: Lot) -> list[Recall]:
    """Recalls that concern a lot, newest first."""
    rows = RECALL.visible_to(actor).filter(lots__lot=lot)
    return list(rows.order_by("-started_at", "-pk")[:5])


def mine_to_tell(actor: Actor) -> list[RecallEntry]:
    """Entries of my own customers in open recalls who were not told yet, the oldest first."""
    rows = RECALL_ENTRY.visible_to(actor).filter(
        Q(customer__owner_a=actor.user_id) | Q(customer__owner_b=actor.user_id), recall__closed_at=None, state__in=OPEN
    )  # fmt: skip
    return list(rows.select_related("recall", "customer").order_by("recall__started_at", "pk")[:20])


def until(recall: Recall, now: datetime) -> datetime:
    return recall.closed_at or now
