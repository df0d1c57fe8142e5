"""Health on the customer's page and on Today."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import panel, today_section
from bihuan.kernel.time import local_date, now

from .scoring.queries import falls_of, health_of


@panel(
    "customer",
    title=gettext_lazy("Health"),
    template="segmentation/panels/health.html",
    object="decision",
    name="health",
    icon="heart-rate-monitor",
    order=15,
    place="side",
)
def health_panel(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any] | None:
    """The score with its dimensions; nothing where there is none or its figures are not for the reader."""
    health = health_of(actor, customer, local_date(now()))
    return None if health is None else {"health": health, "explained": health.explained}


@today_section(
    title=gettext_lazy("Health fell below the border"),
    template="segmentation/panels/health_today.html",
    name="health",
    object="decision",
    icon="heart-rate-monitor",
    order=15,
)
def health_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    lines, count = falls_of(actor, local_date(moment))
    return {"lines": lines, "count": count, "more": count - len(lines)} if lines else None
