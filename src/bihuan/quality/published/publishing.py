"""Deciding what the public page of a product's lots shows."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _
from stdnum import ean

from bihuan.audit.services import record
from bihuan.catalog.models import Product
from bihuan.catalog.records import PRODUCT
from bihuan.kernel.actor import Actor, require

from ..errors import LotError
from ..models import ProductPublication


@transaction.atomic
def save_publication(
    *,
    actor: Actor,
    product: Product,
    gtin: str = "",
    shows_dates: bool = False,
    shows_storage: bool = False,
    storage: str = "",
    storage_en: str = "",
    shows_certificate: bool = False,
    shows_origin: bool = False,
    now: datetime,
) -> ProductPublication:
    """Raises ``Http404``, ``NotAllowed``, ``LotError`` with code gtin, gtin_twice, storage."""
    require(actor, "product", "edit")
    if not PRODUCT.visible_to(actor, "edit").filter(pk=product.pk).exists():
        raise Http404("product")
    number = gtin.strip().replace(" ", "")
    if number and not (number.isascii() and number.isdecimal() and ean.is_valid(number)):
        raise LotError(_("This is no GTIN: its check digit or its length is wrong."), "gtin", "gtin")
    full = number.zfill(14) if number else None
    if full and ProductPublication.objects.filter(gtin=full).exclude(product=product).exists():
        raise LotError(_("Another product has this GTIN."), "gtin_twice", "gtin")
    if shows_storage and not storage.strip():
        raise LotError(_("Say how to store it."), "storage", "storage")
    shown = {
        "gtin": full, "shows_dates": shows_dates, "shows_storage": shows_storage, "storage": storage.strip(),
        "storage_en": storage_en.strip(), "shows_certificate": shows_certificate, "shows_origin": shows_origin,
    }  # fmt: skip
    row, _made = ProductPublication.objects.update_or_create(
        product=product, defaults={**shown, "updated_at": now}
    )
    record(actor, now, "publication.changed", product, after=shown)
    return row
