"""A shipment is on the way until somebody notes that it arrived. The note is taken back with a reason, never changed."""

from __future__ import annotations

from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import local_date

from ..errors import LotError
from ..models import LotArrival, LotShipment, Movement
from ..records import LOT_SHIPMENT

A = LotShipment.Arrival
OPEN = (A.ON_WAY, A.UNTOLD)


@transaction.atomic
def note_arrival(
    *,
    actor: Actor,
    shipment: LotShipment,
    arrived_on: date,
    received_by: str = "",
    note: str = "",
    now: datetime,
) -> LotShipment:
    """Note the day on which a shipment arrived. The same day noted twice is one note.

    Raises ``Http404``, ``LotError`` with code ahead, before, arrived, gone (taken back, or no shipment).
    """
    row = _locked(actor, shipment)
    if row.arrival == A.ARRIVED and row.arrived_on == arrived_on:
        return row
    if row.arrival == A.ARRIVED:
        raise LotError(_("Its arrival is noted already; take that back first."), "arrived")
    if row.arrival not in OPEN or row.quantity <= 0 or row.movement.kind != Movement.Kind.SHIP:
        raise LotError(_("This shipment was taken back or came back; it cannot arrive."), "gone")
    if arrived_on > local_date(now):
        raise LotError(_("This date lies ahead."), "ahead", "date")
    if arrived_on < local_date(row.shipped_at):
        raise LotError(_("It was shipped only after that day."), "before", "date")
    _keep(row, actor, now, arrived_on, received_by.strip(), note.strip())
    return row


@transaction.atomic
def unnote_arrival(*, actor: Actor, shipment: LotShipment, reason: str, now: datetime) -> LotShipment:
    """Take a noted arrival back: the shipment is on the way again. Raises ``Http404``, ``LotError`` with code reason."""
    row = _locked(actor, shipment)
    if not reason.strip():
        raise LotError(_("Say why."), "reason", "reason")
    if row.arrival == A.ARRIVED:
        _keep(row, actor, now, None, "", reason.strip())
    return row


def _locked(actor: Actor, shipment: LotShipment) -> LotShipment:
    require(actor, "lot_shipment", "create")
    if not LOT_SHIPMENT.visible_to(actor, "create").filter(pk=shipment.pk).exists():
        raise Http404("lot_shipment")
    rows = LotShipment.objects.filter(pk=shipment.pk).select_related("movement", "lot")
    return (rows.select_for_update(of=("self",)) if connection.features.has_select_for_update else rows).get()


def _keep(row: LotShipment, actor: Actor, now: datetime, day: date | None, whom: str, note: str) -> None:
    LotArrival.objects.create(
        shipment=row, arrived_on=day, received_by=whom[:80], note=note[:300], at=now, actor=actor.key,
        actor_name=actor.name[:150],
    )  # fmt: skip
    row.arrival, row.arrived_on, row.received_by = A.ON_WAY if day is None else A.ARRIVED, day, whom[:80]
    row.save(update_fields=["arrival", "arrived_on", "received_by"])
    said = "lot.arrived" if day is not None else "lot.arrival_taken_back"
    after = {} if day is None else {"arrived_on": day.isoformat()}
    record(actor, now, said, row.lot, object_name=row.movement.number, after=after, note=note[:300])
    publish(said, {"lot": row.lot_id, "shipment": row.pk}, now=now)


def refuse_what_arrived(movement: Movement) -> list[LotShipment]:
    """Call when the opposite of a posting is written: what arrived was shipped. Gives its shipments, locked.

    Raises ``LotError`` with code `arrived`.
    """
    rows = LotShipment.objects.filter(movement=movement).order_by("pk")
    found = list(rows.select_for_update() if connection.features.has_select_for_update else rows)
    if any(one.arrival == A.ARRIVED for one in found):
        raise LotError(_("It arrived at the customer. Take that note back first, or post a return."), "arrived")  # fmt: skip
    return found


def follow_reversal(movement: Movement, shipments: list[LotShipment]) -> None:
    """What was taken back is not on the way; what came back, and that is taken back, is on the way again."""
    if movement.kind == Movement.Kind.SHIP:
        LotShipment.objects.filter(pk__in=[one.pk for one in shipments]).update(arrival=A.REVERSED)
    elif movement.kind == Movement.Kind.RETURN:
        for one in shipments:
            _of(one.lot_id, one.customer_id, one.order_id, one.line_id, A.RETURNED).update(arrival=A.ON_WAY)


def came_back(lot: int, customer: int, order: int | None, line: int | None) -> None:
    """All of it came back: it is no longer on the way."""
    _of(lot, customer, order, line, A.ON_WAY).update(arrival=A.RETURNED)


def _of(lot: int, customer: int, order: int | None, line: int | None, arrival: str) -> QuerySet[LotShipment]:
    rows = LotShipment.objects.filter(lot=lot, customer=customer, order=order, line=line, arrival=arrival)
    return rows.filter(quantity__gt=0)
