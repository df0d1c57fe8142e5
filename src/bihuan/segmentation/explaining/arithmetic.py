"""The arithmetic of what was bought, promised and paid, and which metric has which."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from django.utils.translation import gettext_lazy as _

from bihuan.sales.rowsets import HALF_YEAR, QUARTER, WALLET_FACT, WALLET_UNIT, YEAR

from .figures import (
    MILLIONTH,
    Arithmetic,
    Figure,
    Input,
    Number,
    Row,
    average_order,
    change,
    exact,
    gap_quantile,
    margin,
    monthly_variation,
    orders,
    recency,
    revenue,
    share,
    tenure,
    volume,
)
from .rows import ZERO, CustomerRows


def products(kind: str) -> Arithmetic:
    def figure(rows: CustomerRows) -> Figure:
        found = rows.products(YEAR)
        total = sum((one.amount for one in found), ZERO)
        inputs = [Input(_("Revenue of these products"), total, "money")]
        value: Number = None
        if kind == "count":
            value = len(found)
        elif kind == "diversity" and total:
            squares = sum((Fraction(one.amount) ** 2 for one in found), Fraction(0))
            value = exact(1 - squares / Fraction(total) ** 2)
        elif kind == "concentration" and total:
            value = share(found[0].amount, total)
            inputs.append(Input(found[0].name or found[0].code, found[0].amount, "money"))
        elif kind == "customised":
            custom = sum((one.amount for one in found if one.is_customised), ZERO)
            inputs.append(Input(_("of customised products"), custom, "money"))
            value = share(custom, total) if any(one.grade for one in found) else None
        rows_shown = tuple(Row(f"{one.code} {one.name}".strip(), None, one.amount) for one in found)
        return Figure(value, tuple(inputs), rows.start(YEAR), rows.as_of, len(found), rows_shown)

    return figure


def wallet(rows: CustomerRows) -> Figure:
    known = rows.fact(WALLET_FACT)
    total = sum((one.amount for one in rows.documents_in(YEAR)), ZERO)
    value = None
    size: Decimal | None = None
    if known is not None:
        size = _as_amount(known[0])
        if size is not None and size > 0:
            value = exact(min(Fraction(1), max(Fraction(0), Fraction(total) / Fraction(size))))
    return Figure(
        value,
        (
            Input(_("Revenue, 12 months"), total, "money"),
            Input(_("Bought a year from everybody, in the file"), size, "money"),
        ),
        rows.start(YEAR),
        rows.as_of,
        len(rows.documents_in(YEAR)),
    )


def _as_amount(value: object) -> Decimal | None:
    try:
        return Decimal(str(value)).quantize(MILLIONTH) * WALLET_UNIT
    except ArithmeticError:
        return None


def deliveries(by_quantity: bool) -> Arithmetic:
    def figure(rows: CustomerRows) -> Figure:
        found = rows.deliveries(YEAR)
        if by_quantity:
            upper = sum((one.delivered for one in found), ZERO)
            lower = sum((one.contracted for one in found), ZERO)
            inputs = (
                Input(_("Delivered, at most what was contracted"), upper, "quantity"),
                Input(_("Contracted"), lower, "quantity"),
            )
        else:
            upper, lower = Decimal(sum(one.is_on_time for one in found)), Decimal(len(found))
            inputs = (
                Input(_("Lines on time"), int(upper), "count"),
                Input(_("Lines promised"), int(lower), "count"),
            )
        shown = tuple(
            Row(one.number, one.promised_on, one.delivered, one.order_id)
            for one in found
            if not one.is_on_time or by_quantity
        )
        return Figure(share(upper, lower), inputs, rows.start(YEAR), rows.as_of, len(found), shown)

    return figure


def payments(rows: CustomerRows) -> Figure:
    due = [
        one
        for one in rows.dues
        if rows.start(YEAR) < one.due_on <= rows.as_of
        and (one.settled_on or (one.due_on < rows.as_of and one.outstanding > 0))
    ]
    kept = [one for one in due if one.settled_on and one.settled_on <= one.due_on]
    return Figure(
        share(len(kept), len(due)),
        (
            Input(_("Receivables settled on time"), len(kept), "count"),
            Input(_("Receivables due"), len(due), "count"),
        ),
        rows.start(YEAR),
        rows.as_of,
        len(due),
        tuple(Row("", one.due_on, one.amount) for one in due if one not in kept),
    )


def overdue(longest: bool) -> Arithmetic:
    def figure(rows: CustomerRows) -> Figure:
        late = [one for one in rows.dues if one.due_on < rows.as_of and one.outstanding > 0]
        total = sum((one.outstanding for one in late), ZERO)
        oldest = late[0].due_on if late else None
        return Figure(
            ((rows.as_of - oldest).days if oldest else 0) if longest else total,
            (
                Input(_("Receivables overdue"), len(late), "count"),
                Input(_("Outstanding of them"), total, "money"),
                Input(_("Oldest due date"), oldest, "date"),
            ),
            None,
            rows.as_of,
            len(late),
            tuple(Row("", one.due_on, one.outstanding) for one in late),
        )

    return figure


ARITHMETIC: dict[str, Arithmetic] = {
    "revenue_90d": revenue(QUARTER),
    "revenue_12m": revenue(YEAR),
    "revenue_lifetime": revenue(None),
    "margin_90d": margin(QUARTER),
    "margin_12m": margin(YEAR),
    "margin_lifetime": margin(None),
    "margin_rate_12m": margin(YEAR, as_rate=True),
    "orders_90d": orders(QUARTER),
    "orders_12m": orders(YEAR),
    "orders_lifetime": orders(None),
    "average_order_12m": average_order,
    "tenure_days": tenure(in_years=False),
    "tenure_years": tenure(in_years=True),
    "recency_days": recency,
    "order_gap_median": gap_quantile(Fraction(1, 2)),
    "order_gap_p95": gap_quantile(Fraction(95, 100)),
    "monthly_cv_12m": monthly_variation,
    "growth_12m": change(YEAR, "money"),
    "product_count_12m": products("count"),
    "product_diversity_12m": products("diversity"),
    "concentration_12m": products("concentration"),
    "customisation_share_12m": products("customised"),
    "share_of_wallet": wallet,
    "on_time_delivery_12m": deliveries(by_quantity=False),
    "fulfilment_12m": deliveries(by_quantity=True),
    "on_time_payment_12m": payments,
    "overdue_amount": overdue(longest=False),
    "overdue_days_max": overdue(longest=True),
    "volume_12m": volume,
    "volume_trend_6m": change(HALF_YEAR, "quantity"),
}
