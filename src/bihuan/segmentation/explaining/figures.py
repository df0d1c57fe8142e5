"""The arithmetic of each metric of one customer, with its inputs, in exact numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from math import floor

from django.utils.translation import gettext_lazy as _

from bihuan.sales.rowsets import PERIODS, YEAR

from .rows import ZERO, CustomerRows

Number = Decimal | int | str | None
MILLIONTH = Decimal(1).scaleb(-6)


@dataclass(frozen=True, slots=True)
class Input:
    """A number that goes into a figure: what it is, how much, in which unit."""

    label: object
    value: Number | date
    unit: str


@dataclass(frozen=True, slots=True)
class Row:
    """A document, product or month behind a figure."""

    label: str
    on: date | None
    value: Decimal | int
    order_id: int | None = None


@dataclass(frozen=True, slots=True)
class Figure:
    """A recomputed value; the window is (start, end], n the number of rows that went in."""

    value: Number
    inputs: tuple[Input, ...] = ()
    start: date | None = None
    end: date | None = None
    n: int = 0
    rows: tuple[Row, ...] = field(default=())


Arithmetic = Callable[[CustomerRows], Figure]


def exact(value: Fraction) -> Decimal:
    """At six places, half up, by way of nine: the rule that all metrics are rounded by."""
    billionths = floor(value * 10**9 + Fraction(1, 2))
    return Decimal(floor(Fraction(billionths + 500, 1000))).scaleb(-6)


def exact_money(value: Fraction) -> Decimal:
    return Decimal(floor(value * 10**6 + Fraction(1, 2))).scaleb(-6)


def share(upper: Decimal | int, lower: Decimal | int) -> Decimal | None:
    return exact(Fraction(upper) / Fraction(lower)) if lower else None


def document_rows(rows: CustomerRows, days: int | None, until: int = 0) -> tuple[Row, ...]:
    return tuple(Row(one.number, one.on, one.amount, one.order_id) for one in rows.documents_in(days, until))


def revenue(days: int | None) -> Arithmetic:
    def figure(rows: CustomerRows) -> Figure:
        found = rows.documents_in(days)
        sales = sum((one.amount for one in found if one.amount > 0), ZERO)
        less = sum((one.amount for one in found if one.amount < 0), ZERO)
        return Figure(
            sales + less,
            (
                Input(_("Documents that add"), sales, "money"),
                Input(_("Credit notes and cancellations"), less, "money"),
            ),
            None if days is None else rows.start(days),
            rows.as_of,
            len(found),
            document_rows(rows, days),
        )

    return figure


def margin(days: int | None, as_rate: bool = False) -> Arithmetic:
    def figure(rows: CustomerRows) -> Figure:
        found = [one for one in rows.documents_in(days) if one.cost is not None]
        amount = sum((one.costed_amount or ZERO for one in found), ZERO)
        cost = sum((one.cost or ZERO for one in found), ZERO)
        value: Number = amount - cost if found else None
        if as_rate:
            value = share(amount - cost, amount) if found and amount > 0 else None
        return Figure(
            value,
            (
                Input(_("Revenue with known cost"), amount, "money"),
                Input(_("Cost"), cost, "money"),
            ),
            None if days is None else rows.start(days),
            rows.as_of,
            len(found),
            tuple(
                Row(one.number, one.on, (one.costed_amount or ZERO) - (one.cost or ZERO), one.order_id)
                for one in found
            ),
        )

    return figure


def orders(days: int | None) -> Arithmetic:
    def figure(rows: CustomerRows) -> Figure:
        found = [one for one in rows.documents_in(days) if one.purchases]
        other = len(rows.documents_in(days)) - len(found)
        return Figure(
            len(found),
            (Input(_("Documents that are no orders"), other, "count"),),
            None if days is None else rows.start(days),
            rows.as_of,
            len(found),
            tuple(Row(one.number, one.on, one.amount, one.order_id) for one in found),
        )

    return figure


def average_order(rows: CustomerRows) -> Figure:
    total, count = revenue(YEAR)(rows), orders(YEAR)(rows)
    value = None
    if count.n and isinstance(total.value, Decimal):
        value = exact_money(Fraction(total.value) / count.n)
    inputs = (
        Input(_("Revenue, 12 months"), total.value, "money"),
        Input(_("Orders, 12 months"), count.n, "count"),
    )
    return Figure(value, inputs, rows.start(YEAR), rows.as_of, count.n, total.rows)


def tenure(in_years: bool) -> Arithmetic:
    def figure(rows: CustomerRows) -> Figure:
        first = rows.purchase_days[0] if rows.purchase_days else None
        value: Number = None
        if rows.since is not None:
            days = (rows.as_of - rows.since).days
            value = exact(Fraction(days) / Fraction("365.25")) if in_years else days
        return Figure(
            value,
            (
                Input(_("First purchase"), first, "date"),
                Input(_("Customer since, in the file"), rows.customer.customer_since, "date"),
            ),
            rows.since,
            rows.as_of,
            len(rows.purchase_days),
        )

    return figure


def recency(rows: CustomerRows) -> Figure:
    last = rows.purchase_days[-1] if rows.purchase_days else None
    value = None if last is None else (rows.as_of - last).days
    return Figure(
        value, (Input(_("Last purchase"), last, "date"),), last, rows.as_of, len(rows.purchase_days)
    )


def gap_quantile(quantile: Fraction) -> Arithmetic:
    def figure(rows: CustomerRows) -> Figure:
        gaps = sorted(rows.gaps)
        value = None
        if gaps:
            place = (len(gaps) - 1) * quantile
            low = floor(place)
            high = min(low + 1, len(gaps) - 1)
            value = exact(gaps[low] + (gaps[high] - gaps[low]) * (place - low))
        days = rows.purchase_days
        return Figure(
            value,
            (
                Input(_("Purchase days"), len(days), "count"),
                Input(_("Shortest gap"), gaps[0] if gaps else None, "days"),
                Input(_("Longest gap"), gaps[-1] if gaps else None, "days"),
            ),
            days[0] if days else None,
            rows.as_of,
            len(gaps),
            tuple(Row("", day, gap) for day, gap in zip(days[1:], rows.gaps, strict=True)),
        )

    return figure


def months_back(day: date, as_of: date) -> int:
    months = (as_of.year * 12 + as_of.month) - (day.year * 12 + day.month)
    return months - (1 if day.day > as_of.day else 0)


def monthly_variation(rows: CustomerRows) -> Figure:
    months = [ZERO] * PERIODS
    oldest = -1
    for one in rows.documents:
        period = months_back(one.on, rows.as_of)
        oldest = max(oldest, period)
        if period < PERIODS:
            months[period] += one.amount
    used = min(PERIODS, oldest + 1)
    counted = [Fraction(month) for month in months[:used]]
    mean = sum(counted, Fraction(0)) / used if used else Fraction(0)
    value = None
    deviation = ZERO
    if used >= 3 and mean > 0:
        variance = sum(((month - mean) ** 2 for month in counted), Fraction(0)) / used
        deviation = (Decimal(variance.numerator) / Decimal(variance.denominator)).sqrt()
        value = exact(Fraction(deviation) / mean)
    return Figure(
        value,
        (
            Input(_("Months counted"), used, "count"),
            Input(_("Mean of a month"), exact_money(mean), "money"),
            Input(_("Standard deviation"), exact_money(Fraction(deviation)), "money"),
        ),
        None,
        rows.as_of,
        used,
        tuple(Row(f"−{number}", None, months[number]) for number in range(used)),
    )


def change(days: int, unit: str) -> Arithmetic:
    """Growth of revenue (money) or volume (quantity) against the window before."""

    def figure(rows: CustomerRows) -> Figure:
        def total(back: int, until: int) -> Decimal:
            found = rows.documents_in(back, until)
            return sum((one.amount if unit == "money" else one.volume for one in found), ZERO)

        now, before = total(days, 0), total(2 * days, days)
        return Figure(
            share(now - before, before) if before > 0 else None,
            (Input(_("This window"), now, unit), Input(_("The window before"), before, unit)),
            rows.start(2 * days),
            rows.as_of,
            len(rows.documents_in(2 * days)),
            document_rows(rows, 2 * days),
        )

    return figure


def volume(rows: CustomerRows) -> Figure:
    found = rows.documents_in(YEAR)
    total = sum((one.volume for one in found), ZERO)
    return Figure(
        total,
        (),
        rows.start(YEAR),
        rows.as_of,
        len(found),
        tuple(Row(one.number, one.on, one.volume, one.order_id) for one in found),
    )
