"""The kinds of reference: products and orders are found here, lots and shipments by `quality`; documents are taken as written."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from bihuan.catalog.records import PRODUCT
from bihuan.kernel.actor import Actor
from bihuan.kernel.references import ReferenceKind, register_reference_kind, tidy_key
from bihuan.quality.lots import references as _lots  # noqa: F401  registers lots and shipments
from bihuan.sales.records import ORDER


def _product(actor: Actor, text: str, customer: int) -> str | None:
    if not actor.may("product"):
        return None
    rows = PRODUCT.visible_to(actor).alias(upper=Upper("code")).filter(upper=tidy_key(text))
    code = rows.values_list("code", flat=True).first()
    if code is None:
        code = PRODUCT.visible_to(actor).filter(name=text.strip()).values_list("code", flat=True).first()
    return code


def _product_urls(actor: Actor, keys: Iterable[str], customer: int) -> dict[str, str]:
    if not actor.may("product"):
        return {}
    rows = PRODUCT.visible_to(actor).alias(upper=Upper("code")).filter(upper__in=list(keys))
    return {tidy_key(code): reverse("product", args=[key]) for key, code in rows.values_list("pk", "code")}


def _order(actor: Actor, text: str, customer: int) -> str | None:
    if not actor.may("order"):
        return None
    rows = ORDER.visible_to(actor).filter(customer=customer, number__iexact=text.strip())
    number: str | None = rows.values_list("number", flat=True).first()
    return number


def _order_urls(actor: Actor, keys: Iterable[str], customer: int) -> dict[str, str]:
    if not actor.may("order"):
        return {}
    rows = ORDER.visible_to(actor).filter(customer=customer).alias(upper=Upper("number"))
    found = rows.filter(upper__in=list(keys)).values_list("pk", "number")
    return {tidy_key(number): reverse("order", args=[key]) for key, number in found}


for one in (
    ReferenceKind(
        "order", pgettext_lazy("reference", "Order"), ("order", "订单", "订单号"), 10, _order, _order_urls
    ),
    ReferenceKind(
        "product",
        pgettext_lazy("reference", "Product"),
        ("product", "产品", "料号"),
        20,
        _product,
        _product_urls,
    ),
    ReferenceKind(
        "document", pgettext_lazy("reference", "Document"), ("document", "单据", "文件", "证书"), 50
    ),
):
    register_reference_kind(one)
