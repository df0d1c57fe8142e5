"""The laboratory on shared pages: the menu, a lot's page, a product's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import pgettext_lazy

from bihuan.catalog.models import Product
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import menu_item, panel, today_section
from bihuan.kernel.time import local_date, now

from ..lots.queries import sees_results
from ..models import Lot
from . import queries, wording  # noqa: F401  (words for the journal)
from .today import my_laboratory

menu_item(pgettext_lazy("quality", "Laboratory"), "laboratory", "test-pipe", object="lot_test", section="work", order=36)  # fmt: skip


@panel(
    "lot",
    title=pgettext_lazy("quality", "Laboratory"),
    template="quality/laboratory/lot_panel.html",
    name="laboratory",
    object="lot_test",
    icon="test-pipe",
    order=4,
    place="middle",
)
def lot_laboratory(actor: Actor, lot: Lot, request: HttpRequest) -> dict[str, Any] | None:
    """What is to be verified and to be tested again, and for whom the lot is not."""
    if not sees_results(actor):
        return None
    limits = queries.limits_for_lot(actor, lot)
    return {
        "lot": lot,
        "drafts": queries.drafts_of(actor, lot, limits),
        "again": queries.retests_of(actor, lot),
        "not_for": queries.not_for(actor, lot, limits, now=now()),
        "may_enter": actor.may("lot_test", "create"),
        "may_verify": actor.may("lot_test", "verify"),
    }


@panel(
    "product",
    title=pgettext_lazy("quality", "Specifications"),
    template="quality/laboratory/product_panel.html",
    name="specifications",
    object="lot_test",
    icon="ruler-2",
    order=20,
)
def product_specifications(actor: Actor, product: Product, request: HttpRequest) -> dict[str, Any] | None:
    if not sees_results(actor):
        return None
    return {"product": product, "found": queries.specified(actor, product, local_date(now()))}


@today_section(
    title=pgettext_lazy("quality", "In the laboratory, waiting for me"),
    template="quality/laboratory/today.html",
    name="laboratory",
    object="lot_test",
    icon="test-pipe",
    order=12,
)
def laboratory_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows, is_more = my_laboratory(actor, now=moment)
    return {"rows": rows, "is_more": is_more} if rows else None
