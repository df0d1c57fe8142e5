"""How much of lots is with whom: what was shipped less what was taken back and what came back."""

from __future__ import annotations

from decimal import Decimal

from django.db.models import Sum
from django.utils.translation import gettext as _

from ..errors import LotError
from ..models import Lot, LotShipment, Movement

NONE = Decimal(0)


def amounts_with(lot: Lot, customer: int) -> list[tuple[int | None, int | None, Decimal]]:
    """What a customer has of the lot, by order and its line (None: shipped without), what was shipped last first.

    In the lot's unit, above zero.
    """
    sums: dict[tuple[int | None, int | None], Decimal] = {}
    rows = LotShipment.objects.filter(lot=lot, customer=customer).order_by("-shipped_at", "-id")
    for order, line, quantity in rows.values_list("order", "line", "quantity"):
        sums[order, line] = sums.get((order, line), NONE) + quantity
    return [(order, line, amount) for (order, line), amount in sums.items() if amount > 0]


def refuse_below_returns(movement: Movement) -> None:
    """Call when the opposite of a shipment is written: what came back cannot have been shipped never.

    Raises ``LotError`` with code `used`.
    """
    wanted = [(one.lot_id, one.customer_id, one.order_id) for one in movement.shipments.all()]
    rows = LotShipment.objects.filter(lot__in={lot for lot, _customer, _order in wanted}).order_by()
    for one in rows.values("lot", "customer", "order", "lot__number").annotate(left=Sum("quantity")):
        if (one["lot"], one["customer"], one["order"]) in wanted and one["left"] < 0:
            raise LotError(
                _("Some of lot %(lot)s came back since; take that return back first.")
                % {"lot": one["lot__number"]},
                "used",
            )
