"""The figures on the customer's page; each opens its arithmetic."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import menu_item, panel, today_section
from bihuan.kernel.pages.values import write

from .queries import current_row, debtors_of, metric_definitions

menu_item(_("Metrics"), "metrics", "chart-bar", object="metric", section="decide", order=30)

TODAY_LINES = 8
GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (_("Value"), ("revenue_12m", "margin_12m", "margin_rate_12m", "growth_12m", "abc_class", "revenue_rank_share_12m",
                  "share_of_wallet", "revenue_lifetime")),
    (_("Habit"), ("orders_12m", "average_order_12m", "recency_days", "order_gap_median", "order_gap_p95",
                  "monthly_cv_12m", "tenure_years", "rfm_score")),
    (_("Goods"), ("product_count_12m", "product_diversity_12m", "concentration_12m", "customisation_share_12m",
                  "volume_12m", "volume_trend_6m")),
    (_("Promises and money"), ("on_time_delivery_12m", "fulfilment_12m", "on_time_payment_12m", "overdue_amount",
                               "overdue_days_max")),
)  # fmt: skip


@panel(
    "customer",
    title=_("Figures"),
    template="segmentation/panels/metrics.html",
    object="metric",
    name="metrics",
    icon="chart-bar",
    order=20,
)
def metrics_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any]:
    """Current values of the classes that the actor sees; one query."""
    row = current_row(actor, customer)
    known = {one.name: one for one in metric_definitions(actor, with_facts=False)}
    if row is None:
        return {"groups": [], "as_of": None}
    groups = []
    for title, names in GROUPS:
        cells = [
            {"metric": known[name], "value": write(known[name].unit, row.values.get(name))}
            for name in names
            if name in known
        ]
        if cells:
            groups.append({"title": title, "cells": cells})
    return {"groups": groups, "as_of": row.as_of}


@today_section(
    title=_("Overdue at my customers"),
    template="segmentation/panels/overdue_today.html",
    name="overdue",
    object="metric",
    icon="report-money",
    order=25,
)
def overdue_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    lines = debtors_of(actor, TODAY_LINES)
    return {"lines": lines} if lines else None
