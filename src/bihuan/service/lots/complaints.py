"""Lots that somebody complained of are no good ones to compare others with."""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, QuerySet, Value
from django.db.models.functions import Concat, Upper

from bihuan.quality.causing import register_bad_lots
from bihuan.quality.models import Lot

from ..models import CaseReference
from ..rules import MUST_NAME_CAUSE


def lots_complained_of(product: int) -> QuerySet[Any]:
    """Lots of the product that a complaint or an objection names by code and number, as such references are kept."""
    named = CaseReference.objects.filter(kind="lot", case__kind__in=sorted(MUST_NAME_CAUSE)).order_by()
    called = Upper(Concat("product__code", Value("/"), "number", output_field=CharField()))
    rows = Lot.objects.filter(product=product).annotate(called=called)
    return rows.filter(called__in=named.values("key")).order_by().values("pk")


register_bad_lots(lots_complained_of)
