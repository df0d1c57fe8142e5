"""The review on shared pages: the menu, and on Today what reviews decided that I am to do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import menu_item, today_section
from bihuan.kernel.time import local_date

from . import filters  # noqa: F401  adds its filters to the list of cases
from .queries import due_decisions

menu_item(_("Monthly review"), "review", "report-analytics", object="review", section="decide", order=43)


@today_section(
    title=_("Decided in reviews, for me to do"),
    template="service/review/today.html",
    name="review_decisions",
    object="review",
    icon="list-check",
    order=30,
)
def decisions_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = due_decisions(actor)
    return {"rows": rows, "today": local_date(moment)} if rows else None
