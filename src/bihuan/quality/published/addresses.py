"""Where the public page of a lot is: a GS1 Digital Link where its product has a GTIN, else an address with its code."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from django.conf import settings

from ..models import Lot, ProductPublication


def base_of(asked_at: str = "") -> str:
    """How our pages are reached from outside, without a slash at the end: the first of BIHUAN_ORIGINS, else as it was asked, else as
    this machine itself reaches them."""
    origins = settings.CSRF_TRUSTED_ORIGINS
    return str(origins[0] if origins else asked_at or settings.OWN_ADDRESS).rstrip("/")


def address_of(lot: Lot, asked_at: str = "") -> str:
    """`…/01/{GTIN}/10/{lot}`, or `…/b/?p={product code}&n={lot}`."""
    gtin = ProductPublication.objects.filter(product=lot.product_id).values_list("gtin", flat=True).first()
    if gtin:
        return f"{base_of(asked_at)}/01/{gtin}/10/{quote(lot.number, safe='')}"
    return f"{base_of(asked_at)}/b/?{query_of(lot)}"


def query_of(lot: Lot) -> str:
    return urlencode({"p": lot.product.code, "n": lot.number})
