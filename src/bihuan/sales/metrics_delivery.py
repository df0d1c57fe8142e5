"""What was promised and kept, on both sides: deliveries by us, payments by the customer."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.analytics.expressions import days_before, days_since, money, ratio, within
from bihuan.kernel.analytics.registry import gettext_noop as _

from .metrics import declare
from .rowsets import YEAR

if TYPE_CHECKING:
    import ibis.expr.types as ir


def paid_on_time(rows: Any, as_of: date) -> ir.Value:
    today = days_before(as_of, 0)
    is_late = (rows.due_on < today) & (rows.outstanding > 0)
    due = within(rows.due_on, as_of, YEAR) & (rows.settled_on.notnull() | is_late)
    return ratio(
        rows.count(where=due & (rows.settled_on <= rows.due_on).fill_null(False)), rows.count(where=due)
    )


def is_overdue(rows: Any, as_of: date) -> ir.BooleanValue:
    return (rows.due_on < days_before(as_of, 0)) & (rows.outstanding > 0)


declare(
    "on_time_delivery_12m",
    "fraction",
    _("On-time delivery, 12 months"),
    _(
        "Lines delivered no later than promised, of the lines promised in the window and not cancelled. Not delivered "
        "after its day is late; promised for today and open is not counted yet."
    ),
    "n(delivered_on ≤ promised_on) ÷ n(promised_on ∈ (D − 365 d, D])",
    "order_lines.promised_on, delivered_on, quantity, cancels_id",
    lambda rows, as_of: ratio(rows.count(where=rows.is_on_time), rows.count()),
    over="sales.deliveries",
    field_class=FieldClass.COMMERCIAL,
)
declare(
    "fulfilment_12m",
    "fraction",
    _("Fulfilment, 12 months"),
    _(
        "Delivered quantity, at most the contracted one per line, over the contracted quantity of the same lines."
    ),
    "Σ min(delivered, contracted) ÷ Σ contracted, promised_on ∈ (D − 365 d, D]",
    "order_lines.quantity, delivered_quantity, delivered_on, promised_on, cancels_id",
    lambda rows, as_of: ratio(money(rows.delivered.sum()), money(rows.contracted.sum())),
    over="sales.deliveries",
)
declare(
    "on_time_payment_12m",
    "fraction",
    _("On-time payment, 12 months"),
    _(
        "Receivables settled no later than due, of those that fell due in the window. Open after the day is late; due "
        "today and open is not counted yet, nor is what an open credit covers."
    ),
    "n(settled_on ≤ due_on) ÷ n(due_on ∈ (D − 365 d, D])",
    "receivables.due_on, settled_on",
    paid_on_time,
    over="sales.dues",
)
declare(
    "overdue_amount",
    "money",
    _("Overdue amount"),
    _(
        "Outstanding of receivables due before the day, after open credits, which cover the oldest first. What was settled "
        "only after the day counts whole, because dates of partial settlements are not kept."
    ),
    "Σ outstanding, due_on < D",
    "receivables.amount, settled_amount, due_on, settled_on",
    lambda rows, as_of: rows.outstanding.sum(where=is_overdue(rows, as_of)),
    over="sales.dues",
    default=0,
)
declare(
    "overdue_days_max",
    "days",
    _("Longest overdue, days"),
    _("Days by which the oldest overdue receivable is late; 0 where nothing is overdue."),
    "max(D − due_on), outstanding > 0, due_on < D",
    "receivables.amount, settled_amount, due_on, settled_on",
    lambda rows, as_of: days_since(rows.due_on.min(where=is_overdue(rows, as_of)), as_of),
    over="sales.dues",
    default=0,
)
