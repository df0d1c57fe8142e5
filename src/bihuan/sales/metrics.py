"""What customers buy, in figures: revenue, margin, orders, habit, growth. Deliveries, payments and ranks are beside.

What counts: all lines of all documents that are assigned to the customer, by the document's company-local date.
Cancellations and credit notes reduce revenue on their own date, but are not orders; adjustments count as revenue.
Sales without a customer are in the company's totals and in no customer's figure. A window of n days is
(D - n days, D].
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.analytics.expressions import days_before, days_since, money, money_per, ratio
from bihuan.kernel.analytics.registry import Metric, Unit, registry
from bihuan.kernel.analytics.registry import gettext_noop as _

from . import rowsets as _rowsets  # noqa: F401  (declares what the metrics are computed over)
from .rowsets import HALF_YEAR, PERIODS, QUARTER, YEAR

if TYPE_CHECKING:
    import ibis.expr.types as ir

COMMERCIAL = FieldClass.COMMERCIAL
PUBLIC = FieldClass.PUBLIC
WINDOWS: dict[str, int | None] = {"90d": QUARTER, "12m": YEAR, "lifetime": None}


def declare(
    name: str,
    unit: Unit,
    title: str,
    definition: str,
    formula: str,
    source: str,
    value: Callable[[Any, date], ir.Value],
    *,
    over: str = "",
    needs: tuple[str, ...] = (),
    default: int | None = None,
    field_class: FieldClass = COMMERCIAL,
) -> None:
    """Register a metric of this room."""
    registry.add_metric(
        Metric(
            name=name,
            room="sales",
            unit=unit,
            title=title,
            definition=definition,
            formula=formula,
            source=source,
            field_class=field_class,
            value=value,
            over=over,
            needs=needs,
            default=default,
        )
    )


def in_window(rows: Any, as_of: date, days: int | None) -> ir.BooleanValue:
    """Documents of the window; all of them (up to as_of) without one."""
    return (
        rows.ordered_on <= days_before(as_of, 0)
        if days is None
        else rows.ordered_on > days_before(as_of, days)
    )


def revenue_in(days: int | None) -> Callable[[Any, date], ir.Value]:
    return lambda rows, as_of: rows.amount.sum(where=in_window(rows, as_of, days))


def margin_in(days: int | None) -> Callable[[Any, date], ir.Value]:
    def value(rows: Any, as_of: date) -> ir.Value:
        counted = in_window(rows, as_of, days)
        return money(rows.costed_amount.sum(where=counted)) - money(rows.cost.sum(where=counted))

    return value


def orders_in(days: int | None) -> Callable[[Any, date], ir.Value]:
    return lambda rows, as_of: rows.count(where=in_window(rows, as_of, days) & (rows.purchases > 0))


REVENUE_FORMULAS = {
    "90d": _("Σ amount, ordered_on ∈ (D − 90 d, D]"),
    "12m": _("Σ amount, ordered_on ∈ (D − 365 d, D]"),
    "lifetime": _("Σ amount, ordered_on ≤ D"),
}
MARGIN_FORMULAS = {
    "90d": _("Σ (amount − cost), cost known, ordered_on ∈ (D − 90 d, D]"),
    "12m": _("Σ (amount − cost), cost known, ordered_on ∈ (D − 365 d, D]"),
    "lifetime": _("Σ (amount − cost), cost known, ordered_on ≤ D"),
}
ORDER_FORMULAS = {
    "90d": _("n(order with a sale line), ordered_on ∈ (D − 90 d, D]"),
    "12m": _("n(order with a sale line), ordered_on ∈ (D − 365 d, D]"),
    "lifetime": _("n(order with a sale line), ordered_on ≤ D"),
}
REVENUE_TITLES = {
    "90d": _("Revenue, 90 days"),
    "12m": _("Revenue, 12 months"),
    "lifetime": _("Revenue, lifetime"),
}
MARGIN_TITLES = {
    "90d": _("Margin, 90 days"),
    "12m": _("Margin, 12 months"),
    "lifetime": _("Margin, lifetime"),
}
ORDER_TITLES = {"90d": _("Orders, 90 days"), "12m": _("Orders, 12 months"), "lifetime": _("Orders, lifetime")}

for window, days in WINDOWS.items():
    declare(
        f"revenue_{window}",
        "money",
        REVENUE_TITLES[window],
        _("Sum of all lines in the window. Cancellations and credit notes reduce it on their own date."),
        REVENUE_FORMULAS[window],
        "order_lines.amount, ordered_on",
        revenue_in(days),
        over="sales.documents",
        default=0,
    )
    declare(
        f"margin_{window}",
        "money",
        MARGIN_TITLES[window],
        _("Amount less cost, over the lines whose cost is known. Empty where no cost is known."),
        MARGIN_FORMULAS[window],
        "order_lines.amount, cost, ordered_on",
        margin_in(days),
        over="sales.documents",
    )
    declare(
        f"orders_{window}",
        "count",
        ORDER_TITLES[window],
        _(
            "Documents of kind order with at least one sale line in the window. A credit note is no order; an order "
            "cancelled later stays one."
        ),
        ORDER_FORMULAS[window],
        "order_lines.order_id, kind, ordered_on",
        orders_in(days),
        over="sales.documents",
        default=0,
    )


def margin_rate(rows: Any, as_of: date) -> ir.Value:
    counted = in_window(rows, as_of, YEAR)
    amount = rows.costed_amount.sum(where=counted)
    return ratio(money(amount) - money(rows.cost.sum(where=counted)), positive(amount))


def positive(value: Any) -> Any:
    """The value where it is above zero, else null: a base for a ratio."""
    import ibis

    exact = money(value)
    return ibis.ifelse(exact > 0, exact, ibis.null("decimal(18, 6)"))


def revenue_growth(rows: Any, as_of: date) -> ir.Value:
    now = money(rows.amount.sum(where=rows.ordered_on > days_before(as_of, YEAR)).fill_null(0))
    year_ago = rows.amount.sum(
        where=(rows.ordered_on > days_before(as_of, 2 * YEAR)) & (rows.ordered_on <= days_before(as_of, YEAR))
    )
    return ratio(now - positive(year_ago), positive(year_ago))


def volume_trend(rows: Any, as_of: date) -> ir.Value:
    now = money(rows.volume.sum(where=rows.ordered_on > days_before(as_of, HALF_YEAR)).fill_null(0))
    earlier = rows.volume.sum(
        where=(rows.ordered_on > days_before(as_of, 2 * HALF_YEAR))
        & (rows.ordered_on <= days_before(as_of, HALF_YEAR))
    )
    return ratio(now - positive(earlier), positive(earlier))


def monthly_variation(rows: Any, as_of: date) -> ir.Value:
    """Population standard deviation over mean of the periods that count, added in a fixed order."""
    import ibis

    squares = (rows.month_0 - rows.mean) * (rows.month_0 - rows.mean)
    for number in range(1, PERIODS):
        apart = rows[f"month_{number}"] - rows.mean
        squares = squares + ibis.ifelse(rows.first_period >= number, apart * apart, 0.0)
    known = (rows.first_period >= 2) & (rows.mean > 0)
    return ibis.ifelse(
        known, (squares / rows.used).sqrt() / ibis.ifelse(known, rows.mean, 1.0), ibis.null("float64")
    )


declare(
    "margin_rate_12m",
    "fraction",
    _("Margin rate, 12 months"),
    _(
        "Margin over revenue of the lines whose cost is known, 12 months. Empty where that revenue is not positive."
    ),
    _("Σ (amount − cost) ÷ Σ amount, cost known, ordered_on ∈ (D − 365 d, D]"),
    "order_lines.amount, cost, ordered_on",
    margin_rate,
    over="sales.documents",
)
declare(
    "average_order_12m",
    "money",
    _("Average order, 12 months"),
    _("Revenue of 12 months over the orders of 12 months. Empty without orders."),
    "revenue_12m ÷ orders_12m",
    "revenue_12m, orders_12m",
    lambda everybody, as_of: money_per(everybody.revenue_12m, everybody.orders_12m),
    needs=("revenue_12m", "orders_12m"),
)
declare(
    "tenure_days",
    "days",
    _("Customer for, days"),
    _("Days since the first purchase, or since the day in the customer's file where that is earlier."),
    _("D − min(first purchase, customer_since)"),
    "order_lines.ordered_on, customers.customer_since",
    lambda rows, as_of: days_since(rows.since, as_of),
    over="sales.tenures",
    field_class=PUBLIC,
)
declare(
    "tenure_years",
    "years",
    _("Customer for, years"),
    _("The same in years of 365.25 days."),
    "tenure_days ÷ 365.25",
    "tenure_days",
    lambda everybody, as_of: everybody.tenure_days.cast("float64") / 365.25,
    needs=("tenure_days",),
    field_class=PUBLIC,
)
declare(
    "recency_days",
    "days",
    _("Days since the last purchase"),
    _("Days since the last day with a sale line of an order."),
    _("D − max(purchase day)"),
    "order_lines.ordered_on, kind",
    lambda rows, as_of: days_since(rows.ordered_on.max(where=rows.purchases > 0), as_of),
    over="sales.documents",
)
declare(
    "order_gap_median",
    "days",
    _("Order gap, median"),
    _(
        "Median of the days between one purchase day and the next, lifetime. Empty with fewer than two purchase days."
    ),
    _("median(dayᵢ₊₁ − dayᵢ), day ≤ D"),
    "order_lines.ordered_on, kind",
    lambda rows, as_of: rows.gap.quantile(0.5),
    over="sales.gaps",
)
declare(
    "order_gap_p95",
    "days",
    _("Order gap, 95th percentile"),
    _(
        "95th percentile of the days between purchase days, interpolated: a longer silence is unusual for the customer."
    ),
    _("P95(dayᵢ₊₁ − dayᵢ), day ≤ D"),
    "order_lines.ordered_on, kind",
    lambda rows, as_of: rows.gap.quantile(0.95),
    over="sales.gaps",
)
declare(
    "monthly_cv_12m",
    "fraction",
    _("Monthly fluctuation, 12 months"),
    _(
        "Standard deviation over mean of the revenue of the twelve month-long periods that end on the day, counted "
        "from the period of the first document. Empty with fewer than three periods or without positive revenue."
    ),
    _("σ(mᵢ) ÷ μ(mᵢ), i = 1 … min(12, since first)"),
    "order_lines.amount, ordered_on",
    monthly_variation,
    over="sales.months",
)
declare(
    "growth_12m",
    "fraction",
    _("Growth over last year"),
    _("Revenue of 12 months against the 12 months before. Empty where those were not positive."),
    "revenue(D − 365 d, D] ÷ revenue(D − 730 d, D − 365 d] − 1",
    "order_lines.amount, ordered_on",
    revenue_growth,
    over="sales.documents",
)
declare(
    "volume_12m",
    "quantity",
    _("Volume, 12 months"),
    _("Sum of quantities in the window, net of cancellations, without adjustments, in the base unit."),
    "Σ volume, ordered_on ∈ (D − 365 d, D]",
    "order_lines.volume, kind, ordered_on",
    lambda rows, as_of: rows.volume.sum(where=rows.ordered_on > days_before(as_of, YEAR)),
    over="sales.documents",
    default=0,
)
declare(
    "volume_trend_6m",
    "fraction",
    _("Volume trend, 6 months"),
    _("Volume of the last 182 days against the 182 days before. Empty where those were not positive."),
    "volume(D − 182 d, D] ÷ volume(D − 364 d, D − 182 d] − 1",
    "order_lines.volume, kind, ordered_on",
    volume_trend,
    over="sales.documents",
)

from . import metrics_delivery, metrics_habits, metrics_ranks  # noqa: E402, F401  (they build on the ones above)
