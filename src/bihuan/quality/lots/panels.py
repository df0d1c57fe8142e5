"""Lots on shared pages: the menu, the palette, Today, the customer's page; and a lot's own history."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import menu_item, palette_search, panel, today_section
from bihuan.kernel.pages.values import said_name
from bihuan.kernel.time import local_date

from ..causing import causes_of
from ..errors import LotError
from ..exchange.naming import documents_of
from ..models import Lot
from ..records import LOT
from . import lists, queries, references  # noqa: F401  registers how lots are found
from .causes import cause_lines
from .wording import event_words, reason_words

menu_item(lists.LOTS.title, "lots", "stack-2", object="lot", section="work", order=35, keys="g l")


@palette_search
def find_lots(actor: Actor, text: str) -> list[dict[str, Any]]:
    """By number or code from its beginning. Words of less than two characters name no lot."""
    if not actor.may("lot") or len(text.strip()) < 2:
        return []
    rows = queries.search_lots(actor, LOT.visible_to(actor), text.strip()).select_related("product")
    return [
        {
            "label": f"{lot.product.code}/{lot.number}",
            "hint": lot.product.name,
            "url": reverse("lot", args=[lot.pk]),
            "icon": "stack-2",
        }
        for lot in rows.order_by("-made_at", "-id")[:5]
    ]


@panel(
    "customer",
    title=pgettext_lazy("quality", "Lots shipped"),
    template="quality/lot/customer_panel.html",
    name="lots",
    object="lot_shipment",
    icon="stack-2",
    order=35,
)
def customer_lots(actor: Actor, customer: Customer, request: HttpRequest) -> dict[str, Any] | None:
    if not actor.may("lot"):
        return None
    rows = queries.shipped_to(actor, customer)
    return {"rows": rows} if rows else None


@panel(
    "lot",
    title=pgettext_lazy("lot", "Postings and decisions"),
    template="quality/lot/history.html",
    name="history",
    object="lot",
    icon="history",
    order=80,
)
def lot_history(actor: Actor, lot: Lot, request: HttpRequest) -> dict[str, Any]:
    lines = queries.postings_of(actor, lot)
    shown = [one.movement for one in lines]
    return {
        "documents": documents_of(actor, [*shown, *(one.reverses for one in shown if one.reverses)]),
        "lines": lines[: queries.MOST_LINES],
        "is_more": len(lines) > queries.MOST_LINES,
        "decided": [
            {
                "at": one.at,
                "what": event_words(one),
                "why": reason_words(actor, one.reason, one.data),
                "who": said_name(one.actor_name),
            }
            for one in queries.decisions_of(actor, lot)
        ],
    }


@today_section(
    title=gettext_lazy("Lots that may not leave"),
    template="quality/lot/notices_today.html",
    name="lot_notices",
    object="lot",
    icon="truck-delivery",
    order=11,
)
def notices_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = queries.my_notices(actor, local_date(moment))
    return {"rows": rows} if rows else None


@panel(
    "lot",
    title=pgettext_lazy("lot", "What stands out"),
    template="quality/lot/causes.html",
    name="causes",
    object="lot_reading",
    icon="zoom-question",
    order=10,
    place="middle",
)
def lot_causes(actor: Actor, lot: Lot, request: HttpRequest) -> dict[str, Any] | None:
    """Beside the good lots of the product; nothing for who may not read measurements, or where there is nothing to compare with."""
    try:
        found = causes_of(actor, lot)
    except LotError:
        return None
    if not found.comparison.candidates:
        return None
    return {"found": found, "stands_out": found.comparison.stands_out, "lines": cause_lines(found)}
