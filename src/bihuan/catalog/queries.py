"""Reading products."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from bihuan.kernel.actor import Actor

from .models import Product, ProductCharacteristic
from .records import PRODUCT


def get_product(actor: Actor, identity: int) -> Product:
    """The product; 404 where the actor may not see products."""
    row: Product | None = PRODUCT.visible_to(actor).filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def limits_of(product: Product, on: date) -> QuerySet[ProductCharacteristic]:
    """The limits of its characteristics in force on a date."""
    return (
        ProductCharacteristic.objects.filter(product=product, valid_from__lte=on)
        .filter(Q(valid_to=None) | Q(valid_to__gt=on))
        .select_related("characteristic")
        .order_by("characteristic__code")
    )


def search_products(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    """By code from its beginning, or by any part of a name, in either language."""
    return rows.filter(
        Q(code__istartswith=text)
        | Q(name__icontains=text)
        | Q(name_en__icontains=text)
        | Q(grade__icontains=text)
    )
