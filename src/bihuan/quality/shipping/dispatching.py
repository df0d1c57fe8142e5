"""Shipping from a lot's page: what `moving.ship` posts, asked further by what the customer accepts."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, Actor, require
from bihuan.kernel.time import local_date
from bihuan.sales.models import Order, OrderLine

from ..errors import LotError
from ..lots import judging
from ..lots.queries import limits_of, results_of, sees_results
from ..models import Lot, Movement
from ..moving import ship
from ..postings import Take
from ..records import LOT


def dispatch(
    *,
    actor: Actor,
    number: str,
    at: datetime,
    lot: Lot,
    customer: Customer,
    order: Order | None,
    quantity: Decimal,
    note: str,
    untested: str = "",
    now: datetime,
    line: OrderLine | None = None,
) -> Movement:
    """Some of a lot leaves for a customer. `quantity` in the lot's unit; `line`: of the order, where it is known which. The same
    document twice is one shipment. `untested`: why it goes although it was not tested for what this customer wants.

    Raises as `ship`; ``LotError`` with code outside (the lot breaks limits that count for this customer), ahead (date).
    """
    require(actor, "lot_shipment", "create")
    if not LOT.visible_to(actor).filter(pk=lot.pk).exists():
        raise Http404("lot")
    if local_date(at) > local_date(now):
        raise LotError(_("This date lies ahead."), "ahead", "date")
    broken = outside_for(lot, customer.pk, at)
    if broken and not Movement.objects.filter(Q(number=number.strip())).exists():
        raise LotError(refusal(actor, lot, broken), "outside")
    return ship(
        actor=actor, number=number, at=at, takes=[Take(lot, quantity)], customer=customer, order=order, line=line,
        note=note, untested=untested, now=now,
    )  # fmt: skip


def outside_for(lot: Lot, customer: int, now: datetime) -> list[judging.Line]:
    """What deviates of a lot for a customer, whoever asks: what one may not read still keeps the goods here."""
    limits = limits_of(SYSTEM, [lot.product_id]).get(lot.product_id, [])
    lines = judging.judge(results_of(SYSTEM, [lot.pk]), limits, customer, now)
    return [one for one in lines if one.is_outside]


def refusal(actor: Actor, lot: Lot, broken: list[judging.Line]) -> str:
    """With the values for whoever may read results."""
    if not sees_results(actor):
        return _("Lot %(lot)s is outside what this customer accepts. Quality can say in what.") % {
            "lot": lot.number
        }
    said = [f"{one.name} {one.result.said if one.result else ''} {one.unit}".strip() for one in broken]
    return _("Lot %(lot)s is outside what this customer accepts: %(results)s") % {
        "lot": lot.number, "results": ", ".join(said),
    }  # fmt: skip
