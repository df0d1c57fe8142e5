"""The arithmetic of a customer's place among all customers, from the stored values of all."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from django.db.models import Q, Sum
from django.utils.translation import gettext_lazy as _

from bihuan.sales.metrics_ranks import A_PERCENT, B_PERCENT

from ..models import MetricRow
from .figures import Figure, Input, exact
from .rows import ZERO

# Whoever ever ordered has a last purchase.
ORDERED = Q(recency_days__isnull=False)


def quintile(below: int, among: int) -> int:
    return 1 + 5 * below // among


def rfm(column: str, label: object, unit: str) -> Callable[[MetricRow], Figure]:
    def figure(row: MetricRow) -> Figure:
        mine = getattr(row, column)
        if row.recency_days is None:
            return Figure(None, (), None, row.as_of)
        worse = Q(recency_days__gt=mine) if column == "recency_days" else Q(**{f"{column}__lt": mine})
        everybody = MetricRow.objects.filter(ORDERED)
        among, below = everybody.count(), everybody.filter(worse).count()
        inputs = (
            Input(label, mine, unit),
            Input(_("Customers below"), below, "count"),
            Input(_("Customers who ever ordered"), among, "count"),
        )
        return Figure(quintile(below, among), inputs, None, row.as_of, among)

    return figure


recency = rfm("recency_days", _("Days since the last purchase"), "days")
frequency = rfm("orders_12m", _("Orders, 12 months"), "count")
monetary = rfm("revenue_12m", _("Revenue, 12 months"), "money")


def rfm_score(row: MetricRow) -> Figure:
    parts = [recency(row), frequency(row), monetary(row)]
    scores = [one.value for one in parts if isinstance(one.value, int)]
    labels = (_("RFM recency"), _("RFM frequency"), _("RFM monetary"))
    inputs = tuple(Input(label, one.value, "score") for label, one in zip(labels, parts, strict=True))
    return Figure(sum(scores) if len(scores) == 3 else None, inputs, None, row.as_of, parts[0].n)


def abc_class(row: MetricRow) -> Figure:
    buyers = MetricRow.objects.filter(revenue_12m__gt=ZERO)
    total = buyers.aggregate(total=Sum("revenue_12m"))["total"] or ZERO
    larger = (
        buyers.filter(revenue_12m__gt=row.revenue_12m).aggregate(total=Sum("revenue_12m"))["total"] or ZERO
    )
    value: str | None = None
    if row.recency_days is not None:
        value = "C"
        if row.revenue_12m > 0 and larger * 100 < total * A_PERCENT:
            value = "A"
        elif row.revenue_12m > 0 and larger * 100 < total * B_PERCENT:
            value = "B"
    inputs = (
        Input(_("Revenue, 12 months"), row.revenue_12m, "money"),
        Input(_("Share of the customers with more"), part(larger, total), "fraction"),
    )
    return Figure(value, inputs, None, row.as_of, buyers.count())


def rank_share(row: MetricRow) -> Figure:
    buyers = MetricRow.objects.filter(revenue_12m__gt=ZERO)
    among = buyers.count()
    if row.revenue_12m <= 0:
        return Figure(None, (Input(_("Customers with revenue"), among, "count"),), None, row.as_of, among)
    place = 1 + buyers.filter(revenue_12m__gt=row.revenue_12m).count()
    inputs = (Input(_("Place"), place, "count"), Input(_("Customers with revenue"), among, "count"))
    return Figure(part(place, among), inputs, None, row.as_of, among)


def part(upper: Decimal | int, lower: Decimal | int) -> Decimal | None:
    return exact(Fraction(upper) / Fraction(lower)) if lower else None


RANKS: dict[str, Callable[[MetricRow], Figure]] = {
    "rfm_recency": recency,
    "rfm_frequency": frequency,
    "rfm_monetary": monetary,
    "rfm_score": rfm_score,
    "abc_class": abc_class,
    "revenue_rank_share_12m": rank_share,
}
