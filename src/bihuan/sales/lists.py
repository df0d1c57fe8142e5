"""The list of documents of sale."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.lists import Column, ListPage

from .models import Order
from .queries import search_orders
from .records import ORDER

ORDERS = ListPage(
    name="orders",
    title=_("Orders"),
    record=ORDER,
    url_name="orders",
    row_url="order",
    default_sort="-ordered_on",
    icon="shopping-cart",
    search=search_orders,
    search_hint=_("Number"),
    columns=[
        Column.of(ORDER.by_name["number"], order=10),
        Column.of(ORDER.by_name["customer"], order=20, sortable=False),
        Column.of(ORDER.by_name["ordered_on"], order=30, falls_first=True),
        Column.of(ORDER.by_name["kind"], order=40),
        Column.of(ORDER.by_name["line_count"], order=50, sortable=False),
        Column.of(ORDER.by_name["amount"], order=60, sortable=False),
        Column.of(ORDER.by_name["country"], order=70, shown=False, sortable=False),
    ],
    filters=[
        Filter("kind", _("Kind"), choices=lambda actor: Order.Kind.choices),
        Filter("ordered_on", _("Date"), kind="date"),
        Filter("amount", _("Amount"), kind="number", field_class=FieldClass.COMMERCIAL),
    ],
    empty_title=_("No orders yet"),
    empty_text=_("Import order lines from a spreadsheet; the dry run says what will happen."),
)
