"""What of lots is kept for orders: which reservations hold, how much is free, and what may not be eaten by others."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Q, QuerySet, Sum
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.fields import plain
from bihuan.kernel.time import local_date

from ..errors import LotError
from ..models import LotReservation
from ..records import LOT_RESERVATION

NONE = Decimal(0)
NAMED = 3  # so many orders a refusal names


def holding(day: date, path: str = "") -> Q:
    """The condition under which a reservation holds on a day. `path` leads to the reservation."""
    in_time = Q(**{f"{path}until": None}) | Q(**{f"{path}until__gte": day})
    return in_time & Q(**{f"{path}ended_at": None})


def held_for(lot: int, day: date) -> QuerySet[LotReservation]:
    """The reservations of a lot that hold on a day, whosever they are."""
    return LotReservation.objects.filter(holding(day), lot=lot)


def kept(rows: QuerySet[LotReservation]) -> Decimal:
    """How much reservations still keep, in the lot's unit."""
    sums = rows.order_by().aggregate(whole=Sum("quantity"), gone=Sum("used"))
    return (sums["whole"] or NONE) - (sums["gone"] or NONE)


def refuse_what_is_kept(
    actor: Actor, lots: Iterable[int], *, but: Collection[int] = (), now: datetime
) -> None:
    """Call when stock was taken: what is left must cover what is kept, except for the order lines `but`.

    Orders are named only to who sees them. Raises ``LotError`` with code `reserved`. One query where all is well.
    """
    rows = LotReservation.objects.filter(holding(local_date(now)), lot__in=list(lots)).exclude(
        line__in=list(but)
    )
    sums = rows.order_by().values_list("lot", "lot__number", "lot__unit", "lot__quantity")
    for lot, number, unit, left, whole, gone in sums.annotate(whole=Sum("quantity"), gone=Sum("used")):
        if left is not None and whole - gone > left:
            raise LotError(
                _("Of lot %(lot)s %(kept)s %(unit)s are reserved for %(orders)s; %(left)s would be left.")
                % {
                    "lot": number,
                    "kept": plain(whole - gone),
                    "unit": unit,
                    "left": plain(left),
                    "orders": _named(actor, rows.filter(lot=lot)),
                },
                "reserved",
                "quantity",
            )


def _named(actor: Actor, rows: QuerySet[LotReservation]) -> str:
    """Of the orders those that the actor sees, by number."""
    seen = LOT_RESERVATION.visible_to(actor, rows=rows)
    numbers = sorted(set(seen.order_by().values_list("order__number", flat=True)))
    if not numbers:
        return _("other orders")
    others = rows.count() > seen.count() or len(numbers) > NAMED
    said = ", ".join(numbers[:NAMED])
    return _("%(orders)s and others") % {"orders": said} if others else said
