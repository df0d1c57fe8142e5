"""The list of products."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.lists import Column, ListPage

from .queries import search_products
from .records import PRODUCT


def _families(actor: Actor) -> Iterable[tuple[str, str]]:
    names = (
        PRODUCT.visible_to(actor)
        .exclude(family="")
        .order_by("family")
        .values_list("family", flat=True)
        .distinct()[:200]
    )
    return [(name, name) for name in names]


PRODUCTS = ListPage(
    name="products",
    title=_("Products"),
    record=PRODUCT,
    url_name="products",
    row_url="product",
    default_sort="code",
    icon="package",
    search=search_products,
    search_hint=_("Code or name"),
    columns=[
        Column.of(PRODUCT.by_name[name], order=order * 10)
        for order, name in enumerate(
            ("code", "name", "grade", "family", "unit", "list_price", "is_active"), 1
        )
    ],
    filters=[
        Filter("family", _("Family"), choices=_families),
        Filter("is_active", _("On sale"), kind="bool"),
    ],
    empty_title=_("No products yet"),
    empty_text=_("An industry pack brings its products; orders that are imported bring theirs."),
)
