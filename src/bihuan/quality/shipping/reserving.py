"""Some of a lot is kept for a line of an open order: reserved, used up by its shipment, released, ended by its day.

Everything that changes a lot's reservations holds the lot's row locked, as postings do: whoever comes second sees what the
first left. See docs/adr/0024-reservations-and-transit.md.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

from django.db import connection, transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import SYSTEM, Actor, require
from bihuan.kernel.fields import plain
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import local_date
from bihuan.sales.models import OrderLine

from ..errors import LotError
from ..models import Lot, LotReservation, LotShipment
from ..records import LOT, LOT_RESERVATION
from . import queries
from .reserved import NONE, held_for, holding, kept

How = LotReservation.How
BLOCKED = (Lot.Status.HELD, Lot.Status.REJECTED)


@transaction.atomic
def reserve(
    *, actor: Actor, lot: Lot, line: OrderLine, quantity: Decimal, until: date | None, key: str, now: datetime
) -> LotReservation:
    """Keep `quantity` (in the lot's unit) for an order's line, to the end of the day `until` if there is one.

    The same `key` twice is one reservation. Raises ``Http404`` for a lot or line that the actor does not see, ``LotError``
    with code held, expired, outside, quantity, until, stock, twice, other_contents.
    """
    from .dispatching import outside_for, refusal

    require(actor, "lot_shipment", "create")
    if not LOT.visible_to(actor).filter(pk=lot.pk).exists():
        raise Http404("lot")
    row = locked(lot.pk)
    known = LotReservation.objects.filter(key=key).first()
    if known is not None:
        if (known.lot_id, known.line_id, known.quantity, known.until) == (row.pk, line.pk, quantity, until):
            return known
        raise LotError(_("This form was sent already, with other contents."), "other_contents")
    wanted = queries.open_lines(actor, row).select_related("order").filter(pk=line.pk).first()
    if wanted is None:
        raise Http404("order line")
    _refuse(row, quantity, until, local_date(now))
    assert wanted.order.customer_id is not None  # those of nobody are nobody's to see
    if broken := outside_for(row, wanted.order.customer_id, now):
        raise LotError(refusal(actor, row, broken), "outside")
    # What has run out of its day and was not ended yet would stand in the way of a new one.
    _end(list(LotReservation.objects.filter(~holding(local_date(now)), lot=row, line=line, ended_at=None)), SYSTEM, How.EXPIRED, "", now)  # fmt: skip
    if held_for(row.pk, local_date(now)).filter(line=line).exists():
        raise LotError(_("This line has some of the lot reserved already; release that first."), "twice")
    made = LotReservation.objects.create(
        lot=row, line=wanted, order=wanted.order, customer_id=wanted.order.customer_id, quantity=quantity, unit=row.unit,
        until=until, key=key, actor=actor.key, actor_name=actor.name[:150], created_at=now, updated_at=now,
    )  # fmt: skip
    record(actor, now, "lot.reserve", row, after={"quantity": plain(quantity), "order": wanted.order.number})
    publish("lot.reserved", {"lot": row.pk, "reservation": made.pk}, now=now)
    return made


def _refuse(lot: Lot, quantity: Decimal, until: date | None, today: date) -> None:
    if lot.disposition in BLOCKED:
        raise LotError(_("Lot %(lot)s is on hold or rejected.") % {"lot": lot.number}, "held")
    if lot.expires_on is not None and lot.expires_on < today:
        raise LotError(_("Lot %(lot)s is past its shelf life.") % {"lot": lot.number}, "expired")
    if quantity <= 0:
        raise LotError(_("Quantities are above zero."), "quantity", "quantity")
    if until is not None and until < today:
        raise LotError(_("This date is past."), "until", "until")
    if lot.quantity is None:
        raise LotError(_("How much there is of lot %(lot)s was never told.") % {"lot": lot.number}, "stock")
    free = lot.quantity - kept(held_for(lot.pk, today))
    if quantity > free:
        raise LotError(
            _("Of lot %(lot)s only %(free)s %(unit)s are free.")
            % {"lot": lot.number, "free": plain(max(free, NONE)), "unit": lot.unit},
            "stock",
            "quantity",
        )


@transaction.atomic
def release(*, actor: Actor, reservation: LotReservation, reason: str, now: datetime) -> LotReservation:
    """Give a reservation up. One that ended already stays as it ended. Raises ``Http404``, ``LotError`` with code reason."""
    require(actor, "lot_shipment", "create")
    if not LOT_RESERVATION.visible_to(actor, "create").filter(pk=reservation.pk).exists():
        raise Http404("reservation")
    if not reason.strip():
        raise LotError(_("Say why."), "reason", "reason")
    locked(reservation.lot_id)
    row = LotReservation.objects.select_related("lot", "order").get(pk=reservation.pk)
    if row.ended_at is None:
        _end([row], actor, How.RELEASED, reason.strip()[:300], now)
    return row


def draw(
    *, actor: Actor, lot: Lot, line: OrderLine | None, quantity: Decimal, now: datetime
) -> tuple[LotReservation | None, Decimal]:
    """A shipment for a line uses up what is reserved for it: of which reservation how much. The lot is locked already."""
    rows = held_for(lot.pk, local_date(now)).filter(line=line).select_related("lot", "order")
    row = None if line is None else rows.first()
    if row is None:
        return None, NONE
    part = min(quantity, row.left)
    row.used += part
    row.version += 1
    row.updated_at = now
    row.save(update_fields=["used", "version", "updated_at"])
    if row.used == row.quantity:
        _end([row], actor, How.USED, "", now)
    return row, part


def give_back(shipments: list[LotShipment], now: datetime) -> None:
    """The shipments are being taken back: what they used up is reserved again, unless the line has a new reservation."""
    for one in shipments:
        if one.reservation_id is None:
            continue
        row = LotReservation.objects.get(pk=one.reservation_id)
        row.used -= one.drawn
        if (
            row.ended_how == How.USED
            and not LotReservation.objects.filter(lot=row.lot_id, line=row.line_id, ended_at=None).exists()
        ):
            row.ended_at, row.ended_how, row.ended_by = None, "", ""
        row.version += 1
        row.updated_at = now
        row.save(update_fields=["used", "ended_at", "ended_how", "ended_by", "version", "updated_at"])


def end_due(now: datetime) -> int:
    """End what has run out of its day, and what is kept for lines that were delivered or cancelled meanwhile. How many."""
    today = local_date(now)
    gone = Q(line__delivered_on__isnull=False) | Q(line__cancelled_by__isnull=False)
    rows = LotReservation.objects.filter(Q(until__lt=today) | gone, ended_at=None).order_by("lot_id", "pk")
    count = 0
    for key, lot in list(rows.values_list("pk", "lot").distinct()):
        with transaction.atomic():
            locked(lot)
            row = LotReservation.objects.select_related("lot", "order").get(pk=key)
            if row.ended_at is None:
                expired = row.until is not None and row.until < today
                _end([row], SYSTEM, How.EXPIRED if expired else How.CLOSED, "", now)
                count += 1
    return count


def locked(lot: int) -> Lot:
    rows = Lot.objects.filter(pk=lot)
    return (rows.select_for_update() if connection.features.has_select_for_update else rows).get()


def _end(rows: list[LotReservation], actor: Actor, how: str, why: str, now: datetime) -> None:
    for row in rows:
        row.ended_at, row.ended_how, row.ended_why, row.ended_by = now, how, why, actor.name[:150]
        row.version += 1
        row.updated_at = now
        row.save(update_fields=["ended_at", "ended_how", "ended_why", "ended_by", "version", "updated_at"])
        left = {"order": row.order.number, "quantity": plain(row.left), "how": how}
        record(actor, now, "lot.reservation_ended", row.lot, after=left, note=why)
        publish("lot.reservation_ended", {"lot": row.lot_id, "reservation": row.pk, "how": how}, now=now)
