"""Who owns the order is told that a lot of it was not dispatched."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import Q

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.people.models import User
from bihuan.sales.models import Order

from ..models import Lot, LotNotice


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


def put_aside(*, actor: Actor, now: datetime) -> int:
    """Mark what the actor was told as read."""
    return LotNotice.objects.filter(recipient_id=actor.user_id, read_at=None).update(read_at=now)
