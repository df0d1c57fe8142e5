"""Who owns the customer is told that a lot was not dispatched to them, or was held while it was reserved for them or on the way."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.kernel.time import local_date
from bihuan.people.models import User
from bihuan.sales.models import Order

from ..models import Lot, LotNotice, LotReservation, LotShipment
from ..shipping.reserved import holding


def tell_owners(payload: dict[str, Any], *, now: datetime) -> int:
    """A notice to each owner of the customer for each lot that may not leave. Told again, it stays one; says how many there are.

    Of the lots of the document those count that are on hold, rejected or not released, and those that are not for this customer;
    whoever was removed since is left out.
    """
    customer = Customer.objects.filter(pk=payload["customer"]).first()
    if customer is None:
        return 0
    order = Order.objects.filter(pk=payload["order"]).first() if payload["order"] is not None else None
    not_free = ~Q(disposition=Lot.Status.RELEASED) | Q(pk__in=payload.get("not_for", ()))
    blocked = Lot.objects.filter(not_free, pk__in=payload["lots"])
    owners = User.objects.filter(pk__in=payload["owners"], is_active=True)
    rows = [
        LotNotice(
            lot=lot,
            recipient=owner,
            customer=customer,
            order=order,
            document=payload["document"][:80],
            at=now,
        )
        for lot in blocked.order_by("pk")
        for owner in owners.order_by("pk")
    ]
    LotNotice.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def tell_of_hold(lots: Iterable[int], *, now: datetime) -> int:
    """These lots were held or rejected just now: tell the owners of customers whose open orders have some reserved, or to whom
    some is on the way. One notice an order or shipment, anew for one who was told of an earlier hold. Says how many there are.

    Four queries however many lots; call inside the transaction that holds them.
    """
    wanted = list(lots)
    customer = ("customer", "customer__owner_a", "customer__owner_b")
    kept = LotReservation.objects.filter(
        holding(local_date(now)), lot__among=wanted, line__delivered_on=None, line__cancelled_by=None
    )
    way = LotShipment.objects.filter(lot__among=wanted, arrival=LotShipment.Arrival.ON_WAY)
    told = [
        (LotNotice.Kind.RESERVED, *row)
        for row in kept.order_by("pk").values_list("lot", "order", "order__number", *customer)
    ] + [
        (LotNotice.Kind.ON_WAY, *row)
        for row in way.order_by("pk").values_list("lot", "order", "movement__number", *customer)
    ]
    if not told:
        return 0
    owners = {one for *_rest, a, b in told for one in (a, b) if one is not None}
    active = set(User.objects.filter(pk__among=owners, is_active=True).values_list("pk", flat=True))
    # One of each lot, person and document: an order with two lines reserved is told of once.
    rows = {
        (lot, owner, document): LotNotice(
            lot_id=lot, recipient_id=owner, customer_id=buyer, order_id=order, kind=kind, document=document[:80], at=now
        )
        for kind, lot, order, document, buyer, *pair in told
        for owner in pair
        if owner in active
    }  # fmt: skip
    LotNotice.objects.bulk_create(
        rows.values(), batch_size=2000, update_conflicts=True, unique_fields=["lot", "recipient", "document"],
        update_fields=["kind", "customer", "order", "at", "read_at"],
    )  # fmt: skip
    return len(rows)


def put_aside(*, actor: Actor, now: datetime) -> int:
    """Mark what the actor was told as read."""
    return LotNotice.objects.filter(recipient_id=actor.user_id, read_at=None).update(read_at=now)
