"""Quality cost in sums, causes by weight, and how often complaints come again: sets, added up by the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, Sum, Value
from django.db.models.functions import TruncMonth
from django.http import Http404

from bihuan.customers.models import Customer
from bihuan.customers.queries import customers_visible_to
from bihuan.kernel.actor import Actor, FieldClass
from bihuan.sales.models import OrderLine
from bihuan.sales.records import ORDER

from .models import Case, Factor, Finding, QualityCost
from .quality_cost_rules import CostLine, cost_lines, together
from .records import CASE
from .records_investigation import INVESTIGATION, QUALITY_COST
from .rules import MUST_NAME_CAUSE

MOST_LINES = 20
BY = {
    "month": ("month", "month"),
    "product": ("product_id", "product__name"),
    "customer": ("customer_id", "customer__name"),
    "cause": ("factor", "factor"),
}


def sees_costs(actor: Actor) -> bool:
    return actor.may("quality_cost", "view", FieldClass.COMMERCIAL)


def sees_sales(actor: Actor) -> bool:
    """Shares lay sales open: they are for whoever may read the amounts of orders, as far as those of costs."""
    return (
        actor.may("order", "view", FieldClass.COMMERCIAL)
        and actor.scope("order") >= actor.scope("quality_cost")
    )  # fmt: skip


def get_cost(actor: Actor, identity: int) -> QualityCost:
    row: QualityCost | None = QUALITY_COST.visible_to(actor).filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def find_customer(actor: Actor, identity: int) -> Customer:
    """Whose a cost is; 404 where the actor does not see the customer."""
    row = customers_visible_to(actor).filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def costs_of_case(actor: Actor, case: Case) -> list[QualityCost]:
    return list(QUALITY_COST.visible_to(actor).filter(case=case).order_by("incurred_on", "id")[:50])


@dataclass(frozen=True)
class CostReport:
    """`lines` of the dimension asked for, largest first (months in order); `all` is everything in the period."""

    lines: list[CostLine]
    all: CostLine
    n: int


def cost_report(actor: Actor, by: str, since: date, until: date) -> CostReport:
    """Quality cost in [since, until) by month, product, customer or cause; shares where the actor may read sales."""
    key, label = BY[by]
    rows = QUALITY_COST.visible_to(actor).filter(incurred_on__gte=since, incurred_on__lt=until)
    if by == "month":
        rows = rows.annotate(month=TruncMonth("incurred_on"))
    sales = _sales(actor, by, since, until) if sees_sales(actor) else None
    whole = dict(
        rows.order_by().values("category").annotate(sum=Sum("amount")).values_list("category", "sum")
    )
    n = rows.count()
    all_sales = None if sales is None else sales.pop("", Decimal(0))
    sums = rows.order_by().values(key, label).annotate(sum=Sum("amount"))
    if by == "month":
        keys = list(sums.order_by(key).values_list(key, flat=True))
    else:
        keys = list(sums.order_by("-sum", key).values_list(key, flat=True)[:MOST_LINES])
    order = {_key(one): place for place, one in enumerate(keys)}
    by_category = rows.order_by().values(key, label, "category").annotate(sum=Sum("amount"))
    found = [
        (_key(one[0]), _label(by, one[1]), one[2], one[3])
        for one in by_category.values_list(key, label, "category", "sum")
        if _key(one[0]) in order
    ]
    found.sort(key=lambda one: order[one[0]])
    measured = None if sales is None or by == "cause" else sales
    lines = cost_lines(found, measured)
    if by == "cause" and all_sales is not None:
        lines = [CostLine(one.key, one.label, one.amounts, all_sales) for one in lines]
    return CostReport(lines, together([CostLine("", "", whole)], all_sales), n)


def _key(value: Any) -> str:
    return f"{value:%Y-%m}" if isinstance(value, date) else "" if value is None else str(value)


def _label(by: str, value: Any) -> str:
    if by == "cause":
        return str(dict(Factor.choices).get(value, "")) if value else ""
    return _key(value)


def _sales(actor: Actor, by: str, since: date, until: date) -> dict[str, Decimal]:
    """Sales in the period by the same keys; under "" all of them."""
    lines = OrderLine.objects.filter(
        order__in=ORDER.visible_to(actor).values("pk"), ordered_on__gte=since, ordered_on__lt=until
    ).order_by()
    found: dict[str, Decimal] = {}
    path = {"product": "product_id", "customer": "customer_id", "month": "month"}.get(by)
    if path is not None:
        if by == "month":
            lines = lines.annotate(month=TruncMonth("ordered_on"))
        for key, amount in lines.values(path).annotate(sum=Sum("amount")).values_list(path, "sum"):
            found[_key(key)] = amount
        found[""] = sum(found.values(), Decimal(0))
        return found
    found[""] = lines.aggregate(sum=Sum("amount"))["sum"] or Decimal(0)
    return found


@dataclass(frozen=True, slots=True)
class ParetoLine:
    """A cause: cases that point to it, and its share together with those above it."""

    label: str
    cases: int
    cumulated: Decimal


def pareto_of_causes(actor: Actor, since: datetime, until: datetime) -> list[ParetoLine]:
    """Root causes of occurrence by branch, by the cases that point to them, opened in [since, until); the most first."""
    if FieldClass.TECHNICAL not in actor.classes("investigation"):
        return []
    roots = Finding.objects.filter(
        part=Finding.Part.ROOT_OCCURRED, withdrawn_at=None,
        investigation__in=INVESTIGATION.visible_to(actor).values("pk"),
        investigation__joined__case__opened_at__gte=since,
        investigation__joined__case__opened_at__lt=until,
    )  # fmt: skip
    counted = roots.values("factor").annotate(cases=Count("investigation__joined__case", distinct=True))
    branches = list(counted.order_by("-cases", "factor").values_list("factor", "cases"))  # six at most
    whole = sum(cases for _factor, cases in branches)
    labels = dict(Factor.choices)
    above = accumulate(cases for _factor, cases in branches)
    return [
        ParetoLine(str(labels[factor]), cases, Decimal(so_far) / Decimal(whole))
        for (factor, cases), so_far in zip(branches, above, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class RepeatRate:
    """Complaints in a period, and those whose customer had complained within the days before."""

    complaints: int
    repeated: int
    days: int

    @property
    def rate(self) -> Decimal | None:
        return Decimal(self.repeated) / Decimal(self.complaints) if self.complaints else None


def repeat_rate(actor: Actor, since: datetime, until: datetime, days: int = 90) -> RepeatRate:
    """Of the complaints opened in [since, until), how many came again from the same customer within `days`."""
    kinds = sorted(MUST_NAME_CAUSE)
    rows = CASE.visible_to(actor).filter(
        kind__in=kinds, merged_into=None, opened_at__gte=since, opened_at__lt=until
    )
    window = timedelta(days=days)
    before = Case.objects.filter(
        Q(opened_at__lt=OuterRef("opened_at")) | Q(opened_at=OuterRef("opened_at"), pk__lt=OuterRef("pk")),
        customer=OuterRef("customer"), kind__in=kinds, merged_into=None,
        opened_at__gte=OuterRef("opened_at") - Value(window),
    )  # fmt: skip
    found = rows.aggregate(all=Count("pk"), again=Count("pk", filter=Exists(before)))
    return RepeatRate(found["all"], found["again"], days)
