"""A customer among all customers: RFM scores, ABC class, rank by revenue. Equal values get equal places."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from bihuan.kernel.analytics.expressions import ratio
from bihuan.kernel.analytics.registry import gettext_noop as _

from .metrics import declare

if TYPE_CHECKING:
    import ibis.expr.types as ir

A_PERCENT, B_PERCENT = 80, 95


def quintile(everybody: Any, value: Any) -> ir.Value:
    """1 to 5 by place from the smallest: 1 + floor(5 × customers below ÷ all), among those who ever ordered."""
    import ibis

    ordered = everybody.orders_lifetime > 0
    group = ibis.window(group_by=ordered)
    below = ibis.rank().over(ibis.window(group_by=ordered, order_by=value))
    among = everybody.count().over(group)
    # Whole numbers until the division, and 5 × below is at most 5 × (n - 1): the score never reaches 6.
    score = 1 + ((5 * below).cast("float64") / among.cast("float64")).floor().cast("int64")
    return ibis.ifelse(ordered, score, ibis.null("int64"))


def cumulative_class(everybody: Any, as_of: date) -> ir.Value:
    """A while the customers with more revenue make up less than 80 % of all positive revenue, B under 95 %, else C."""
    import ibis

    nothing = ibis.literal(0).cast("decimal(18, 6)")
    amount = ibis.ifelse(everybody.revenue_12m > 0, everybody.revenue_12m, nothing)
    descending = ibis.range_window(order_by=amount.desc(), preceding=None, following=0)
    up_to_equals = amount.sum().over(descending).cast("decimal(28, 6)")
    equals = amount.sum().over(ibis.window(group_by=amount)).cast("decimal(28, 6)")
    total = amount.sum().over(ibis.window()).cast("decimal(28, 6)")
    before = (up_to_equals - equals) * 100
    letter = ibis.ifelse(before < total * A_PERCENT, "A", ibis.ifelse(before < total * B_PERCENT, "B", "C"))
    letter = ibis.ifelse(everybody.revenue_12m > 0, letter, "C")
    return ibis.ifelse(everybody.orders_lifetime > 0, letter, ibis.null("string"))


def rank_share(everybody: Any, as_of: date) -> ir.Value:
    import ibis

    buys = everybody.revenue_12m > 0
    place = ibis.rank().over(ibis.window(group_by=buys, order_by=everybody.revenue_12m.desc())) + 1
    among = everybody.count().over(ibis.window(group_by=buys))
    return ibis.ifelse(buys, ratio(place, among), ibis.null("float64"))


declare(
    "rfm_recency",
    "score",
    _("RFM recency"),
    _(
        "1 to 5 by the days since the last purchase, 5 for the most recent fifth of all customers who ever ordered."
    ),
    _("1 + ⌊5 × n(longer ago) ÷ n⌋"),
    "recency_days",
    lambda everybody, as_of: quintile(everybody, -everybody.recency_days),
    needs=("recency_days", "orders_lifetime"),
)
declare(
    "rfm_frequency",
    "score",
    _("RFM frequency"),
    _("1 to 5 by the orders of 12 months, among all customers who ever ordered."),
    _("1 + ⌊5 × n(fewer) ÷ n⌋"),
    "orders_12m",
    lambda everybody, as_of: quintile(everybody, everybody.orders_12m),
    needs=("orders_12m", "orders_lifetime"),
)
declare(
    "rfm_monetary",
    "score",
    _("RFM monetary"),
    _("1 to 5 by the revenue of 12 months, among all customers who ever ordered."),
    _("1 + ⌊5 × n(less) ÷ n⌋"),
    "revenue_12m",
    lambda everybody, as_of: quintile(everybody, everybody.revenue_12m),
    needs=("revenue_12m", "orders_lifetime"),
)
declare(
    "rfm_score",
    "score",
    _("RFM score"),
    _("Sum of the three scores: 3 to 15."),
    "rfm_recency + rfm_frequency + rfm_monetary",
    "rfm_recency, rfm_frequency, rfm_monetary",
    lambda everybody, as_of: everybody.rfm_recency + everybody.rfm_frequency + everybody.rfm_monetary,
    needs=("rfm_recency", "rfm_frequency", "rfm_monetary"),
)
declare(
    "abc_class",
    "class",
    _("ABC class"),
    _(
        "Customers by revenue of 12 months, largest first: A until 80 % of the revenue is reached, B until 95 %, then "
        "C. Customers with equal revenue share a class; who ever ordered but brought nothing in 12 months is C."
    ),
    _("Σ revenue(larger) ÷ Σ revenue: < 80 % A, < 95 % B, else C"),
    "revenue_12m",
    cumulative_class,
    needs=("revenue_12m", "orders_lifetime"),
)
declare(
    "revenue_rank_share_12m",
    "fraction",
    _("Place by revenue, 12 months"),
    _(
        "Place by revenue of 12 months over the number of customers with positive revenue: 0.05 is the top 5 %."
    ),
    _("place ÷ n(revenue_12m > 0)"),
    "revenue_12m",
    rank_share,
    needs=("revenue_12m", "orders_lifetime"),
)
