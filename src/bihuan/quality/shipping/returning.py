"""Goods of a lot come back from a customer: they become a lot of their own, on hold until somebody judges them.

A lot has one disposition. Were what came back laid to the rest in stock, either sound goods would be held or goods that
stood nobody knows where would be free. So it gets a number of its own (`A-R1`), with an edge from the lot that it came
from: traces and recalls go through it, and no share changes. See docs/adr/0023-returns.md.
"""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db import connection, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.fields import plain
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import local_date

from ..errors import LotError
from ..models import Lot, LotEvent, LotShipment, Movement
from ..posting import post
from ..postings import Make, Take
from ..records import LOT, LOT_SHIPMENT
from .arriving import came_back
from .balances import NONE, amounts_with


@transaction.atomic
def take_back(
    *,
    actor: Actor,
    number: str,
    at: datetime,
    lot: Lot,
    customer: Customer,
    quantity: Decimal,
    reason: str,
    now: datetime,
) -> Movement:
    """Post that some of a lot came back; `quantity` in the lot's unit. The same document twice is one return.

    Raises as `post`; ``Http404`` for a lot or a shipment that the actor does not see, ``LotError`` with code reason,
    returned (more than the customer has).
    """
    require(actor, "lot_shipment", "create")
    if not LOT.visible_to(actor).filter(pk=lot.pk).exists():
        raise Http404("lot")
    if not LOT_SHIPMENT.visible_to(actor).filter(lot=lot, customer=customer).exists():
        raise Http404("lot_shipment")
    reason = reason.strip()
    if not reason:
        raise LotError(_("Say why."), "reason", "reason")
    if local_date(at) > local_date(now):
        raise LotError(_("This date lies ahead."), "ahead", "date")
    rows = Lot.objects.filter(pk=lot.pk).select_related("product")
    row = (rows.select_for_update(of=("self",)) if connection.features.has_select_for_update else rows).get()
    known = Movement.objects.filter(number=number.strip(), kind=Movement.Kind.RETURN, reverses=None).first()
    theirs = amounts_with(row, customer.pk)
    had = sum((amount for *_which, amount in theirs), NONE)
    if known is None and quantity > had:
        raise LotError(
            _("Of lot %(lot)s this customer has %(had)s %(unit)s; more cannot come back.")
            % {"lot": row.number, "had": plain(had), "unit": row.unit},
            "returned",
            "quantity",
        )
    name = known.lines.get(is_output=True).lot.number if known is not None else _next_number(row)
    make = Make(
        row.product, name, quantity, row.kind, unit=row.unit, expires_on=row.expires_on, supplier=row.supplier,
        origin=row.origin,
    )  # fmt: skip
    movement = post(
        actor=actor, number=number, kind=Movement.Kind.RETURN, at=at, takes=[Take(row, quantity)], makes=[make],
        note=f"{row.number} → {name}: {reason}", now=now, more={"customer": customer.pk, "reason": reason},
    )  # fmt: skip
    if known is None:
        _note(actor, movement, row, customer, theirs, quantity, reason, now)
    return movement


def _note(
    actor: Actor,
    movement: Movement,
    lot: Lot,
    customer: Customer,
    theirs: list[tuple[int | None, int | None, Decimal]],
    quantity: Decimal,
    reason: str,
    now: datetime,
) -> None:
    """Take it off what the customer has, the last order first, and say on the new lot why it is on hold."""
    rest, rows = quantity, []
    for order, line, amount in theirs:
        part = min(rest, amount)
        rest -= part
        if part > 0:
            rows.append(
                LotShipment(
                    lot=lot, movement=movement, customer=customer, order_id=order, line_id=line, quantity=-part,
                    unit=lot.unit, shipped_at=movement.at,
                )
            )  # fmt: skip
            if part == amount:
                came_back(lot.pk, customer.pk, order, line)
    LotShipment.objects.bulk_create(rows)
    made = movement.lines.select_related("lot").get(is_output=True).lot
    said = _("Returned, to be judged: %(reason)s") % {"reason": reason}
    event = LotEvent.objects.create(
        lot=made, at=now, kind="held", reason=said[:300], actor=actor.key, actor_name=actor.name[:150],
        data={"from": Lot.Status.QUARANTINE},
    )  # fmt: skip
    publish("lot.held", {"lot": made.pk, "event": event.pk}, now=now)


def _next_number(lot: Lot) -> str:
    """`A-R1`, `A-R2` …: the first that no lot of the product bears. Call with the lot locked."""
    begins = f"{lot.number}-R"
    taken = set(
        Lot.objects.filter(product=lot.product_id, number__startswith=begins).values_list("number", flat=True)
    )
    return next(name for at in range(1, len(taken) + 2) if (name := f"{begins}{at}") not in taken)
