"""Recalls on shared pages: a lot's page, and Today for whoever has customers to tell."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import panel, today_section

from ..models import Lot
from . import lists, notices, queries  # noqa: F401  registers the lists, and what the bell says
from .begun import running_of


@panel(
    "lot",
    title=pgettext_lazy("quality", "Recalls"),
    template="quality/recall/lot_panel.html",
    name="recalls",
    place="middle",
    object="recall",
    icon="alert-triangle",
    order=5,
)
def lot_recalls(actor: Actor, lot: Lot, request: HttpRequest) -> dict[str, Any] | None:
    rows = queries.recalls_of_lot(actor, lot)
    begun = running_of(lot) if actor.may("recall", "create") else None
    return {"rows": rows, "begun": begun, "mine": actor.user_id} if rows or begun else None


@today_section(
    title=pgettext_lazy("recall", "Recalls: customers of yours to tell"),
    template="quality/recall/today.html",
    name="recalls_to_tell",
    object="recall_entry",
    icon="alert-triangle",
    order=6,
)
def to_tell(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = queries.mine_to_tell(actor)
    return {"rows": rows} if rows else None
