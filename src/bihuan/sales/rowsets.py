"""The rows that sales metrics are computed from, as they were known at a date.

What was recorded later is not known: lines dated after as_of are absent; deliveries and settlements dated after
as_of have not happened. So a metric for a past date equals the one of a database that ends there.
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from bihuan.kernel.analytics.expressions import days_before, months_back, within
from bihuan.kernel.analytics.registry import Rowset, Tables, registry

from .datasets import ADJUSTMENT, SALE

if TYPE_CHECKING:
    import ibis.expr.types as ir

YEAR, QUARTER, HALF_YEAR = 365, 90, 182
PERIODS = 12
WALLET_FACT, WALLET_UNIT = "annual_purchases", 10_000  # the file gives it in ten thousands


def documents(tables: Tables, as_of: date) -> ir.Table:
    """One row per customer, document and day, with the sums of its lines. Unassigned sales have no customer."""
    lines = tables["order_lines"]
    lines = lines.filter(lines.customer_id.notnull(), lines.ordered_on <= days_before(as_of, 0))
    return lines.group_by("customer_id", "order_id", "ordered_on").aggregate(
        amount=lines.amount.sum(),
        costed_amount=lines.amount.sum(where=lines.cost.notnull()),
        cost=lines.cost.sum(),
        volume=lines.volume.sum(where=lines.kind != ADJUSTMENT),
        purchases=lines.count(where=lines.is_order & (lines.kind == SALE)),
    )


def gaps(tables: Tables, as_of: date) -> ir.Table:
    """The days between one purchase day of a customer and the next."""
    import ibis

    rows = tables["sales.documents"]
    days = rows.filter(rows.purchases > 0).select("customer_id", "ordered_on").distinct()
    earlier = days.ordered_on.lag().over(ibis.window(group_by=days.customer_id, order_by=days.ordered_on))
    days = days.mutate(earlier=earlier)
    days = days.filter(days.earlier.notnull())
    return days.select("customer_id", gap=days.ordered_on.delta(days.earlier, unit="day").cast("int64"))


def months(tables: Tables, as_of: date) -> ir.Table:
    """A customer's revenue in each of the twelve month-long periods that end at as_of (period 0 is the latest), the
    period of its first document, how many periods count, and their mean. Floats, added in a fixed order, so that
    every engine gets the same."""
    import ibis

    rows = tables["sales.documents"]
    rows = rows.mutate(period=months_back(rows.ordered_on, as_of))
    rows = rows.group_by("customer_id").aggregate(
        first_period=rows.period.max(),
        **{f"month_{number}": rows.amount.sum(where=rows.period == number) for number in range(PERIODS)},
    )
    names = [f"month_{number}" for number in range(PERIODS)]
    used = ibis.ifelse(rows.first_period >= PERIODS - 1, PERIODS, rows.first_period + 1).cast("float64")
    rows = rows.mutate(used=used, **{name: rows[name].fill_null(0).cast("float64") for name in names})
    total = rows[names[0]]
    for name in names[1:]:
        total = total + rows[name]
    return rows.mutate(mean=total / rows.used)


def products_of_year(tables: Tables, as_of: date) -> ir.Table:
    """What a customer bought of each product in the last twelve months, net of what was cancelled, where positive."""
    lines = tables["order_lines"]
    lines = lines.filter(lines.customer_id.notnull(), within(lines.ordered_on, as_of, YEAR))
    bought = lines.group_by("customer_id", "product_id").aggregate(amount=lines.amount.sum())
    bought = bought.filter(bought.amount > 0)
    products = tables["products"].select(known_id="id", grade="grade")
    joined = bought.left_join(products, bought.product_id == products.known_id)
    grade = joined.grade.fill_null("").lower()
    return joined.select(
        "customer_id",
        "product_id",
        "amount",
        is_graded=grade != "",
        is_customised=grade.contains("custom") | grade.contains("定制"),
    )


def deliveries(tables: Tables, as_of: date) -> ir.Table:
    """Sale lines promised in the last twelve months: contracted net of cancellations, delivered, on time.

    A line that was promised for as_of itself and is not delivered yet is not late yet, and is left out. A delivery
    counts from its date; without a quantity it is whole.
    """
    import ibis

    lines = tables["order_lines"]
    known = lines.filter(lines.customer_id.notnull(), lines.ordered_on <= days_before(as_of, 0))
    promised = known.filter(
        known.kind == SALE, known.promised_on.notnull(), within(known.promised_on, as_of, YEAR)
    )
    cancelling = known.filter(known.cancels_id.notnull())
    cancelled = cancelling.group_by(cancelled_id=cancelling.cancels_id).aggregate(
        cancelled=cancelling.quantity.sum()
    )
    rows = promised.left_join(cancelled, promised.id == cancelled.cancelled_id)
    rows = rows.select(
        "customer_id",
        "promised_on",
        delivered_on=ibis.ifelse(
            rows.delivered_on <= days_before(as_of, 0), rows.delivered_on, ibis.null("date")
        ),
        contracted=(rows.quantity + rows.cancelled.fill_null(0)).cast("decimal(18, 6)"),
        quantity=rows.delivered_quantity,
    )
    rows = rows.filter(
        rows.contracted > 0, rows.delivered_on.notnull() | (rows.promised_on < days_before(as_of, 0))
    )
    whole = ibis.ifelse(
        rows.quantity.isnull() | (rows.quantity > rows.contracted), rows.contracted, rows.quantity
    )
    nothing = ibis.literal(0).cast("decimal(18, 6)")
    return rows.select(
        "customer_id",
        "contracted",
        delivered=ibis.ifelse(rows.delivered_on.isnull(), nothing, whole),
        is_on_time=(rows.delivered_on <= rows.promised_on).fill_null(False),
    )


def dues(tables: Tables, as_of: date) -> ir.Table:
    """Receivables issued by as_of with what was outstanding then.

    Settled by then: nothing. Settled later: the whole amount, since the dates of partial settlements are not kept.
    Not settled at all: the amount less what is settled of it. Credits that were open then (negative amounts) cover what was due
    first, as `owing.after_credits` says; they are no rows of their own.
    """
    import ibis

    rows = tables["receivables"]
    rows = rows.filter(rows.issued_on <= days_before(as_of, 0))
    is_settled = (rows.settled_on <= days_before(as_of, 0)).fill_null(False)
    left = (rows.amount - rows.settled_amount.fill_null(0)).cast("decimal(18, 6)")
    nothing = ibis.literal(0).cast("decimal(18, 6)")
    rows = rows.select(
        "customer_id",
        "id",
        "due_on",
        "amount",
        settled_on=ibis.ifelse(is_settled, rows.settled_on, ibis.null("date")),
        rest=ibis.ifelse(is_settled, nothing, ibis.ifelse(rows.settled_on.isnull(), left, rows.amount)),
    )
    owed = ibis.ifelse(rows.rest > 0, rows.rest, nothing)
    credit = ibis.ifelse(rows.rest < 0, -rows.rest, nothing)
    earliest_first = ibis.cumulative_window(group_by=rows.customer_id, order_by=[rows.due_on, rows.id])
    rows = rows.mutate(
        owed=owed,
        up_to_here=owed.sum().over(earliest_first),
        credits=credit.sum().over(ibis.window(group_by=rows.customer_id)),
    )
    uncovered = ibis.greatest(ibis.least(rows.owed, rows.up_to_here - rows.credits), nothing)
    rows = rows.mutate(outstanding=uncovered.cast("decimal(18, 6)")).filter(rows.amount > 0)
    return rows.select("customer_id", "due_on", "settled_on", "outstanding")


def tenures(tables: Tables, as_of: date) -> ir.Table:
    """Since when each customer buys: the earlier of the day in its file and its first purchase."""
    import ibis

    rows = tables["sales.documents"]
    first = (
        rows.filter(rows.purchases > 0)
        .group_by(buyer_id="customer_id")
        .aggregate(first_on=rows.ordered_on.min())
    )
    customers = tables["customers"]
    joined = customers.left_join(first, customers.id == first.buyer_id)
    in_file = ibis.ifelse(
        joined.customer_since <= days_before(as_of, 0), joined.customer_since, ibis.null("date")
    )
    since = ibis.ifelse(
        joined.first_on.isnull() | (in_file < joined.first_on).fill_null(False), in_file, joined.first_on
    )
    rows = joined.select(customer_id=joined.id, since=since)
    return rows.filter(rows.since.notnull())


def wallets(tables: Tables, as_of: date) -> ir.Table:
    """Twelve months' revenue beside what the customer's file says it buys a year from everybody."""
    facts = tables["customers.latest_facts"]
    facts = facts.filter(facts.name == WALLET_FACT)
    size = facts.select(
        wallet_of="customer_id", wallet=facts.value.replace('"', "").try_cast("decimal(18, 6)")
    )
    size = size.filter(size.wallet > 0)
    rows = tables["sales.documents"]
    year = rows.filter(within(rows.ordered_on, as_of, YEAR))
    year = year.group_by("customer_id").aggregate(revenue=year.amount.sum())
    joined = size.left_join(year, size.wallet_of == year.customer_id)
    return joined.select(
        customer_id=joined.wallet_of, wallet=joined.wallet, revenue=joined.revenue.fill_null(0)
    )


for rowset in (
    Rowset("sales.documents", "sales", documents),
    Rowset("sales.gaps", "sales", gaps),
    Rowset("sales.months", "sales", months, one_row=True),
    Rowset("sales.products_of_year", "sales", products_of_year),
    Rowset("sales.deliveries", "sales", deliveries),
    Rowset("sales.dues", "sales", dues),
    Rowset("sales.tenures", "sales", tenures, one_row=True),
    Rowset("sales.wallets", "sales", wallets, one_row=True),
):
    registry.add_rowset(rowset)
