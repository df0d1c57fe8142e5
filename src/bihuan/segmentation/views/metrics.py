"""Metrics: what each means and how it is spread; and the arithmetic of a customer's figure."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from bihuan.customers.access import customers_within
from bihuan.kernel.actor import FieldClass
from bihuan.kernel.jobs import start_job
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.pages.values import write
from bihuan.kernel.time import now

from ..distribution import Distribution, distribution_of
from ..explaining import explain_metric
from ..queries import CLASSES, UNITS, find_definition, get_state, metric_definitions
from ..refreshing import is_stale


@page("metric")
def metric_list(request: PageRequest) -> HttpResponse:
    state = get_state()
    coverage: dict[str, int] = state["coverage"] if state else {}
    customers = state["customers"] if state else 0
    lines = [
        {
            "metric": one,
            "unit": UNITS[one.unit],
            "field_class": CLASSES[one.field_class],
            "n": coverage.get(one.name, 0),
            "share": coverage.get(one.name, 0) / customers if customers else None,
        }
        for one in metric_definitions(request.actor)
    ]
    return render(
        request,
        "segmentation/pages/metrics.html",
        {
            "lines": lines,
            "as_of": date.fromisoformat(state["as_of"]) if state else None,
            "pinned": bool(state and state["pinned"]),
            "customers": customers,
            "stale": is_stale(now()),
            "may_refresh": request.actor.may("metric", "refresh"),
        },
    )


@page("metric")
def metric_page(request: PageRequest, name: str) -> HttpResponse:
    definition = find_definition(request.actor, name)
    if definition is None:
        raise Http404(name)
    spread = distribution_of(request.actor, definition)
    state = get_state()
    return render(
        request,
        "segmentation/pages/metric.html",
        {
            "metric": definition,
            "unit": UNITS[definition.unit],
            "field_class": CLASSES[definition.field_class],
            "spread": spread,
            "numbers": [(label, write(definition.unit, value)) for label, value in quantiles(spread)],
            "chart": chart_of(spread),
            "as_of": date.fromisoformat(state["as_of"]) if state else None,
        },
    )


def quantiles(spread: Distribution) -> list[tuple[str, Any]]:
    return (
        [("P5", spread.low), ("P50", spread.median), ("P95", spread.high)]
        if spread.median is not None
        else []
    )


def chart_of(spread: Distribution) -> dict[str, Any]:
    return {
        "xAxis": {"type": "category", "data": [one.label for one in spread.bins]},
        "yAxis": {"type": "value", "minInterval": 1},
        "series": [{"type": "bar", "data": [one.count for one in spread.bins], "barCategoryGap": "12%"}],
    }


@page("metric")
def metric_explain(request: PageRequest, identity: int, name: str) -> HttpResponse:
    """The arithmetic of one figure of one customer: a dialog's content, or a page of its own."""
    customer = customers_within(request.actor, "customer", "view").filter(pk=identity).first()
    if customer is None:
        raise Http404(identity)
    opened = explain_metric(request.actor, customer, name)
    unit = opened.metric.unit
    context = {
        "customer": customer,
        "opened": opened,
        "value": write(unit, opened.value),
        "recomputed": write(unit, opened.recomputed),
        "inputs": [(one.label, write(one.unit, one.value)) for one in opened.inputs],
        "rows": [(one, write(row_unit(name, unit), one.value)) for one in opened.rows],
        "sees_orders": request.actor.may("order", "view", FieldClass.COMMERCIAL),
    }
    template = (
        "segmentation/partials/explanation.html" if request.htmx else "segmentation/pages/explanation.html"
    )
    return render(request, template, context)


def row_unit(name: str, unit: str) -> str:
    """In which unit the rows behind a figure are written: those of a ratio are money, of gaps days."""
    if name.startswith("order_gap"):
        return "days"
    if name.startswith(("volume", "fulfilment", "on_time_delivery")):
        return "quantity"
    return "money"


@page("metric", "refresh", methods=("POST",))
def metrics_refresh(request: PageRequest) -> HttpResponse:
    job = start_job(actor=request.actor, kind="segmentation.refresh_metrics", arguments={}, now=now())
    return HttpResponseRedirect(reverse("job", args=[job.pk]))
