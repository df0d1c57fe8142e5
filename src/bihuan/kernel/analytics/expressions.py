"""Pieces of Ibis expressions that metrics share; they mean the same on DuckDB and on Spark."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir


def days_before(as_of: date, days: int) -> ir.DateScalar:
    """The date that many days earlier, as a literal. A window of n days is (as_of - n, as_of]."""
    import ibis

    return ibis.literal(as_of - timedelta(days=days), type="date")


def within(day: ir.DateValue, as_of: date, days: int) -> ir.BooleanValue:
    """Whether the day lies in (as_of - days, as_of]."""
    return (day > days_before(as_of, days)) & (day <= days_before(as_of, 0))


def days_since(day: ir.DateValue, as_of: date) -> ir.IntegerValue:
    """Whole days from the day to as_of."""
    return days_before(as_of, 0).delta(day, unit="day").cast("int64")


def months_back(day: ir.DateValue, as_of: date) -> ir.IntegerValue:
    """How many whole months before as_of the day lies: 0 for (as_of - 1 month, as_of], 1 for the month before."""
    import ibis

    months = (as_of.year * 12 + as_of.month) - (day.year() * 12 + day.month())
    later_in_month = ibis.ifelse(day.day() > as_of.day, 1, 0)
    return (months - later_in_month).cast("int64")


def ratio(upper: Any, lower: Any) -> ir.FloatingValue:
    """upper / lower as a float; null where lower is zero."""
    import ibis

    below = lower.cast("float64")
    return upper.cast("float64") / ibis.ifelse(below == 0, ibis.null("float64"), below)


def money(value: Any) -> ir.DecimalValue:
    """An exact amount again, after a sum widened it."""
    return value.cast("decimal(18, 6)")


def rounded(value: ir.FloatingValue) -> ir.DecimalValue:
    """A float at six places, half up, as an exact decimal.

    It is rounded to nine places first: 0.1234565 computed as 0.12345649999999999 becomes what 0.1234565 becomes.
    """
    billionths = (value * 1e9 + 0.5).floor().cast("float64")
    return _of_millionths(((billionths + 500.0) / 1000.0).floor())


def rounded_money(value: ir.FloatingValue) -> ir.DecimalValue:
    """As `rounded`, for amounts, which may be too large for nine places."""
    return _of_millionths((value * 1e6 + 0.5).floor())


def money_per(amount: Any, count: Any) -> ir.DecimalValue:
    """amount / count at six places, half up, exactly: an average of money often ends on a tie. Null for count zero."""
    import ibis

    whole = (amount.cast("decimal(38, 6)") * 1000000).cast("int64")
    by = ibis.ifelse(count == 0, ibis.null("int64"), count.cast("int64"))
    rest = whole % by
    up_or_down = ibis.ifelse(2 * rest >= by, 1, ibis.ifelse(2 * rest < -by, -1, 0))
    return _of_millionths((whole - rest) / by + up_or_down)


def _of_millionths(whole: Any) -> ir.DecimalValue:
    # The float nearest to n / 1e6 becomes exactly that decimal: below 9e9 nothing is left to round.
    return (whole.cast("float64") / 1e6).cast("decimal(18, 6)")
