"""The list of lots."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.catalog.records import PRODUCT
from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.lists import Column, ListPage
from bihuan.kernel.pages.values import chip

from ..models import Lot
from ..records import LOT
from .queries import search_lots

# Colour only where something is to be done or heeded.
TONES = {Lot.Status.HELD: "orange", Lot.Status.REJECTED: "red", Lot.Status.RELEASED: "ok"}


def status_chip(status: str) -> str:
    return chip(str(Lot.Status(status).label), TONES.get(Lot.Status(status), ""))


def _products(actor: Actor) -> Iterable[tuple[str, str]]:
    rows = PRODUCT.visible_to(actor).order_by("code").values_list("pk", "code", "name")[:500]
    return [(str(key), f"{code} {name}") for key, code, name in rows]


def _of_products(rows: QuerySet[Any], values: list[str], actor: Actor) -> QuerySet[Any]:
    return rows.filter(product__in=[int(one) for one in values if one.isdecimal() and len(one) < 19])


def _named(number: str, code: str) -> str:
    return escape(f"{code}/{number}")


LOTS = ListPage(
    name="lots",
    title=pgettext_lazy("quality", "Lots"),
    record=LOT,
    url_name="lots",
    row_url="lot",
    template="quality/lot/list.html",
    default_sort="-made_at",
    icon="stack-2",
    search=search_lots,
    search_hint=_("Lot number, product code, or both: A/12"),
    columns=[
        Column.of(
            LOT.by_name["number"], order=10, also=("product__code",), draw=_named,
            export=lambda number, code: f"{code}/{number}", sortable=False,
        ),
        Column.of(LOT.by_name["product"], order=20, sortable=False),
        Column.of(LOT.by_name["kind"], order=30, sortable=False),
        Column.of(LOT.by_name["status"], order=40, draw=status_chip, sortable=False),
        Column.of(LOT.by_name["quantity"], order=50, sortable=False),
        Column.of(LOT.by_name["unit"], order=60, sortable=False),
        Column.of(LOT.by_name["made_at"], order=70, falls_first=True),
        Column.of(LOT.by_name["expires_on"], order=80, sortable=False),
        Column.of(LOT.by_name["supplier"], order=90, shown=False, sortable=False),
        Column.of(LOT.by_name["origin"], order=100, shown=False, sortable=False),
        Column.of(LOT.by_name["place"], order=110, shown=False, sortable=False),
    ],
    filters=[
        Filter("product", _("Product"), path="product_id", object="product", choices=_products, narrow=_of_products, searched=True),
        Filter("kind", _("Kind"), choices=lambda actor: Lot.Kind.choices),
        Filter("status", pgettext_lazy("lot", "Status"), choices=lambda actor: Lot.Status.choices),
        Filter("made_at", pgettext_lazy("lot", "Made or received"), kind="date", path="made_at__date"),
        Filter("expires_on", pgettext_lazy("lot", "Usable until"), kind="date"),
        Filter("supplier", pgettext_lazy("lot", "Supplier"), kind="text", field_class=FieldClass.TECHNICAL),
        Filter("place", pgettext_lazy("lot", "Place"), kind="text", field_class=FieldClass.TECHNICAL),
    ],
    presets=((pgettext_lazy("lot", "On hold"), "status=held"), (pgettext_lazy("lot", "Quarantine"), "status=quarantine")),
    empty_title=_("No lots yet"),
    empty_text=_("A plant's records bring them (bihuan plant import), or the postings of each movement."),
)  # fmt: skip
