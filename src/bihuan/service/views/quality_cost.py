"""Quality cost: the entries, entering and reversing them, the report."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import FieldClass, NotAllowed
from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.pages.values import write
from bihuan.kernel.time import company_zone, local_date, now

from .. import services
from ..errors import CaseError
from ..forms import put_error
from ..forms_investigation import case_cost_form, cost_form, reversal_form
from ..lists_investigation import QUALITY_COSTS
from ..models import QualityCost
from ..quality_cost_rules import CATEGORIES
from ..queries import get_case
from ..queries_quality_cost import (
    BY,
    CostReport,
    cost_report,
    find_customer,
    get_cost,
    pareto_of_causes,
    repeat_rate,
    sees_costs,
    sees_sales,
)
from ..records_investigation import QUALITY_COST

# Four tones that differ in light and dark alike; yellow, orange and red are the warnings' own.
TONES = ["#1a5a96", "#6fb1dc", "#8a6bbf", "#3f8f87"]
BY_WORDS = {
    "month": gettext_lazy("Month"),
    "product": gettext_lazy("Product"),
    "customer": gettext_lazy("Customer"),
    "cause": pgettext_lazy("case", "Cause"),
}


@page("quality_cost")
def cost_list(request: PageRequest) -> HttpResponse:
    return list_view(request, QUALITY_COSTS, may_create=request.actor.may("quality_cost", "create"))


def _month(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return otherwise


def _next(month: date) -> date:
    return (month + timedelta(days=32)).replace(day=1)


@page("quality_cost")
def report(request: PageRequest) -> HttpResponse:
    """The PAF report of some months, by one dimension, with causes by weight and the repeat rate beside it."""
    actor = request.actor
    if not sees_costs(actor):
        raise NotAllowed("quality_cost", "view")
    by = request.GET.get("by", "month")
    if by not in BY:
        raise Http404(by)
    last = _month(request.GET.get("to", ""), local_date(now()).replace(day=1))
    first = _month(request.GET.get("from", ""), (last - timedelta(days=330)).replace(day=1))
    first = min(first, last)
    until = _next(last)
    found = cost_report(actor, by, first, until)
    zone = company_zone()
    since_at, until_at = (datetime.combine(one, time(), zone) for one in (first, until))
    categories = dict(QualityCost.Category.choices)
    return render(
        request,
        "service/investigation/report.html",
        {
            "by": by,
            "tabs": [(name, BY_WORDS[name]) for name in BY],
            "by_word": BY_WORDS[by],
            "first": first,
            "last": last,
            "report": found,
            "categories": [categories[one] for one in CATEGORIES],
            "chart": chart_of(found, [str(categories[one]) for one in CATEGORIES]),
            "sees_sales": sees_sales(actor),
            "may_create": actor.may("quality_cost", "create"),
            "pareto": pareto_of_causes(actor, since_at, until_at),
            "repeats": repeat_rate(actor, since_at, until_at) if actor.may("case") else None,
        },
    )


def chart_of(found: CostReport, labels: list[str]) -> dict[str, Any]:
    """Stacked bars: a bar a line, a part a category."""
    none = _("Not assigned")
    return {
        "color": TONES,
        "legend": {"data": labels, "bottom": 0, "itemGap": 14, "itemWidth": 14, "textStyle": {"color": "#7a8797"}},
        "grid": {"left": 8, "right": 16, "top": 28, "bottom": 36, "containLabel": True},
        "xAxis": {"type": "category", "data": [one.label or none for one in found.lines]},
        "yAxis": {"type": "value"},
        "series": [
            {
                "type": "bar", "stack": "all", "name": label, "barMaxWidth": 48,
                "data": [float(one.amount(name)) for one in found.lines],
            }
            for name, label in zip(CATEGORIES, labels, strict=True)
        ],
    }  # fmt: skip


@page("quality_cost")
def cost_page(request: PageRequest, identity: int) -> HttpResponse:
    """One entry with all that the actor may read of it."""
    actor = request.actor
    cost = get_cost(actor, identity)
    sources = [(one, one.source) for one in QUALITY_COST.readable(actor)]
    values = QualityCost.objects.filter(pk=cost.pk).values_list(*(source for _one, source in sources)).get()
    is_reversed = QualityCost.objects.filter(reverses=cost).exists()
    facts = [
        (one.label, write(one.kind, value, one.choices() if one.choices else None))
        for (one, _source), value in zip(sources, values, strict=True)
    ]
    return render(
        request,
        "service/investigation/cost.html",
        {
            "cost": cost,
            "facts": facts,
            "is_reversed": is_reversed,
            "may_reverse": actor.may("quality_cost", "create", FieldClass.COMMERCIAL)
            and not is_reversed
            and cost.reverses_id is None,
        },
    )


@page("quality_cost", "create", methods=("GET", "POST"))
def cost_create(request: PageRequest) -> HttpResponse:
    sending = request.method == "POST"
    form = cost_form(request.POST if sending else None, request.actor)
    picked = None
    if sending and form.is_valid():
        given = dict(form.cleaned_data)
        other = given.pop("other")
        picked = find_customer(request.actor, other) if other else None
        try:
            services.enter_cost(actor=request.actor, customer=picked, now=now(), **given)
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("quality_costs"), _("Entered."))
    picks = reverse("customer_picks") if request.actor.may("customer") else ""
    return dialog(
        request, _("New quality cost"), form, reverse("quality_cost_create"), icon="report-money",
        picks=picks, picked=picked,
    )  # fmt: skip


@page("quality_cost", "create", methods=("GET", "POST"))
def cost_reverse(request: PageRequest, identity: int) -> HttpResponse:
    cost = get_cost(request.actor, identity)
    sending = request.method == "POST"
    form: forms.Form = reversal_form(request.POST if sending else None)
    if sending and form.is_valid():
        try:
            services.reverse_cost(actor=request.actor, cost=cost, now=now(), **form.cleaned_data)
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("quality_cost", args=[identity]), _("Reversed."))
    url = reverse("quality_cost_reverse", args=[identity])
    return dialog(request, _("Reverse this entry"), form, url, icon="arrow-back-up")


@page("quality_cost", "create", methods=("GET", "POST"))
def case_cost(request: PageRequest, identity: int) -> HttpResponse:
    """What a case cost, posted when it is put away."""
    case = get_case(request.actor, identity)
    sending = request.method == "POST"
    form = case_cost_form(request.POST if sending else None, request.actor)
    if sending and form.is_valid():
        try:
            services.post_case_cost(actor=request.actor, case=case, now=now(), **form.cleaned_data)
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("case", args=[case.pk]), _("Posted to external failure."))
    title = _("What %(number)s cost") % {"number": case.number}
    return dialog(request, title, form, reverse("case_cost", args=[identity]), icon="report-money")
