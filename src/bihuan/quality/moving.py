"""Postings that need more than taking and making: shipping to somebody, filling a tank, the opposite of a posting."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.catalog.models import Product
from bihuan.customers.access import customers_within
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.fields import to_fixed
from bihuan.kernel.outbox import publish
from bihuan.sales.models import Order, OrderLine

from .errors import LotError
from .laboratory.own_limits import NOT_FOR, broken, refuse_what_breaks_them, untested_for
from .laboratory.untested import require_reason
from .models import Lot, LotEdge, LotShipment, Movement, MovementLine
from .posting import NONE, post, told_elsewhere
from .postings import Make, Take
from .shipping.arriving import follow_reversal, refuse_what_arrived
from .shipping.balances import refuse_below_returns
from .shipping.queries import lines_for
from .shipping.reserved import refuse_what_is_kept
from .shipping.reserving import draw, give_back


def ship(
    *,
    actor: Actor,
    number: str,
    at: datetime,
    takes: Sequence[Take],
    customer: Customer,
    order: Order | None = None,
    line: OrderLine | None = None,
    note: str = "",
    untested: str | None = None,
    now: datetime,
) -> Movement:
    """Lots leave for a customer. A lot that is on hold stays, and the order's owner is told that it does; so is one that breaks
    the customer's own limits, where the product says so. What is reserved for the order's line is used up; what is reserved
    for others stays. `line`: of the order; without one, the line of each lot's product that is due first.

    `untested`: why lots go that were not tested for the customer's own limits; journalled. None: what has left is posted, and
    nobody is there to be asked. A product of which lots must be fully tested refuses either way.
    Raises as `post`, and with code own_limits, untested, order, line; ``Http404`` for a customer to whom the actor may not ship.
    """
    require(actor, "lot_shipment", "create")
    if not customers_within(actor, "lot_shipment", "create").filter(pk=customer.pk).exists():
        raise Http404("customer")
    if order is not None and order.customer_id != customer.pk:
        raise LotError(_("This order is of another customer."), "order")
    if line is not None and (order is None or line.order_id != order.pk):
        raise LotError(_("This line is of another order."), "line")
    if line is not None and all(one.lot.product_id != line.product_id for one in takes):
        raise LotError(_("This line is of another product."), "line")
    if any(one.quantity is None for one in takes):
        raise LotError(_("Quantities are above zero."), "quantity")
    try:
        return _ship(actor, number, at, takes, customer, order, line, note, untested, now)
    except LotError as error:
        if error.code in ("held", NOT_FOR):
            # After the refusal has undone everything: this stays.
            publish(
                "lot.dispatch_refused",
                {
                    "lots": [one.lot.pk for one in takes],
                    "customer": customer.pk,
                    "order": None if order is None else order.pk,
                    "owners": [one for one in (customer.owner_a_id, customer.owner_b_id) if one is not None],
                    "document": number,
                    "not_for": [one.lot.pk for one in takes if broken(one.lot, customer)]
                    if error.code == NOT_FOR
                    else [],
                },
                now=now,
            )
        raise


@transaction.atomic
def _ship(
    actor: Actor,
    number: str,
    at: datetime,
    takes: Sequence[Take],
    customer: Customer,
    order: Order | None,
    line: OrderLine | None,
    note: str,
    untested: str | None,
    now: datetime,
) -> Movement:
    is_known = Movement.objects.filter(number=number.strip()).exists()
    left = [] if is_known else untested_for([one.lot for one in takes], customer, at)
    for lot, found in left:
        if found.is_barred or untested is not None:
            require_reason(actor, found, untested or "")
        what = _("Not tested: %(names)s. %(why)s") % {"names": ", ".join(found.names), "why": untested or ""}
        record(actor, now, "lot.shipped_untested", lot, note=what.strip(), after={"document": number.strip()})
        note = f"{what.strip()} {note}".strip()
    more: dict[str, Any] = {"customer": customer.pk, "order": None if order is None else order.pk}
    if line is not None:
        more["line"] = line.pk
    movement = post(
        actor=actor, number=number, kind=Movement.Kind.SHIP, at=at, takes=takes, note=note, now=now, more=more
    )
    if movement.shipments.exists():
        return movement
    refuse_what_breaks_them([one.lot for one in takes], customer)
    lines = lines_for(order, line, [one.lot for one in takes])
    refuse_what_is_kept(actor, [one.lot.pk for one in takes], but=[one.pk for one in lines.values()], now=now)
    rows = []
    for one in takes:
        assert one.quantity is not None  # asked above
        of = lines.get(one.lot.pk)
        reservation, drawn = draw(actor=actor, lot=one.lot, line=of, quantity=one.quantity, now=now)
        rows.append(
            LotShipment(
                lot=one.lot, movement=movement, customer=customer, order=order, line=of, quantity=one.quantity,
                unit=one.lot.unit, shipped_at=at, reservation=reservation, drawn=drawn,
                arrival=LotShipment.Arrival.ON_WAY,
            )
        )  # fmt: skip
    LotShipment.objects.bulk_create(rows)
    return movement


def fill_tank(
    *,
    actor: Actor,
    number: str,
    at: datetime,
    tank: str,
    product: Product,
    lot_number: str,
    takes: Sequence[Take],
    lost: Decimal = NONE,
    is_cleaned: bool = False,
    now: datetime,
) -> Movement:
    """Lots flow into a tank. What had remained there becomes part of the new lot; a tank that was cleaned holds nothing.

    Raises as `post`; code `tank` where a cleaned tank still holds something.
    """
    known = Movement.objects.filter(number=number.strip()).first()
    if known is not None:
        heels = [
            Take(line.lot, -line.quantity, True)
            for line in known.lines.filter(is_heel=True).select_related("lot")
            if line.quantity is not None
        ]
    else:
        heels = [Take(one, one.quantity, True) for one in in_tank(tank)]
    if is_cleaned and heels:
        raise LotError(
            _("Tank %(tank)s still holds %(quantity)s. Post it as lost or moved before it counts as cleaned.")
            % {"tank": tank, "quantity": heels[0].quantity},
            "tank",
        )
    amounts = [one.quantity for one in (*heels, *takes)]
    if any(one is None for one in amounts):
        raise LotError(_("Quantities are above zero."), "quantity")
    total = sum((one for one in amounts if one is not None), NONE) - lost
    make = Make(product, lot_number, total, Lot.Kind.INTERMEDIATE, place=tank)
    return post(
        actor=actor, number=number, kind=Movement.Kind.TRANSFER, at=at, takes=[*heels, *takes], makes=[make],
        lost=lost, now=now, more={"tank": tank, "cleaned": is_cleaned},
    )  # fmt: skip


def in_tank(tank: str) -> list[Lot]:
    """The lots that a tank holds now."""
    return list(Lot.objects.filter(place=tank, quantity__gt=0).order_by("id")) if tank else []


@transaction.atomic
def reverse(*, actor: Actor, movement: Movement, reason: str, now: datetime) -> Movement:
    """Post the opposite: what was taken is there again, what was made is gone. Refused where that was used meanwhile."""
    require(actor, "lot", "create")
    if not reason.strip():
        raise LotError(_("Say why."), "reason", "reason")
    if movement.reverses_id is not None:
        raise LotError(_("A reversal is not reversed; post the movement anew."), "reversed")
    known = Movement.objects.filter(reverses=movement).first()
    if known is not None:
        return known
    lines = list(movement.lines.order_by("id"))
    rows = Lot.objects.filter(pk__in={one.lot_id for one in lines}).order_by("id")
    lots = {
        one.pk: one
        for one in (rows.select_for_update() if connection.features.has_select_for_update else rows)
    }
    shipments = refuse_what_arrived(movement)
    opposite = Movement.objects.create(
        number=f"-{movement.number}"[:80], kind=movement.kind, at=movement.at, digest=movement.digest,
        lost=-movement.lost, gap=None if movement.gap is None else -movement.gap, note=reason.strip()[:300],
        actor=actor.key, actor_name=actor.name[:150], reverses=movement, created_at=now, updated_at=now,
    )  # fmt: skip
    MovementLine.objects.bulk_create(
        MovementLine(
            movement=opposite, lot_id=one.lot_id, is_output=one.is_output, is_heel=one.is_heel,
            quantity=None if one.quantity is None else -one.quantity,
            weight=None if one.weight is None else -one.weight,
        )
        for one in lines
    )  # fmt: skip
    told = told_elsewhere([*lots]) if movement.kind == Movement.Kind.RECEIVE else set()
    for one in lines:
        if movement.kind == Movement.Kind.RETURN and not one.is_output:
            del lots[one.lot_id]  # what came back was never taken from its stock
            continue
        lot = lots[one.lot_id]
        if one.quantity is not None and lot.quantity is not None:
            lot.quantity -= one.quantity
        if one.is_output and one.weight is not None and lot.inflow is not None and lot.pk not in told:
            lot.inflow -= one.weight
    used = next(
        (one for one in lots.values() if one.quantity is not None and to_fixed(one.quantity) < 0), None
    )
    if used is None:
        made = [one.lot_id for one in lines if one.is_output and one.quantity is None]
        used = next(
            (one.source for one in LotEdge.objects.filter(source__in=made).exclude(movement=movement)), None
        )
    if used is not None:
        raise LotError(_("Lot %(lot)s was used since; reverse that first.") % {"lot": used.number}, "used")
    from .posting import settle

    for lot in lots.values():
        settle(lot, Movement.Kind.ADJUST, now)
    Lot.objects.bulk_update(lots.values(), ["quantity", "inflow", "status", "version", "updated_at"])
    LotEdge.objects.filter(movement=movement).delete()
    LotShipment.objects.bulk_create(
        LotShipment(
            lot_id=one.lot_id, movement=opposite, customer_id=one.customer_id, order_id=one.order_id, line_id=one.line_id,
            quantity=-one.quantity, unit=one.unit, shipped_at=now, reservation_id=one.reservation_id, drawn=-one.drawn,
        )
        for one in shipments
    )  # fmt: skip
    give_back(shipments, now)
    follow_reversal(movement, shipments)
    if movement.kind == Movement.Kind.SHIP:
        refuse_below_returns(movement)
    record(actor, now, "lot.reverse", opposite, object_name=movement.number, note=reason.strip())
    publish("lot.moved", {"movement": opposite.pk, "kind": movement.kind, "reverses": movement.pk}, now=now)
    return opposite
