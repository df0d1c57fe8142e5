"""What an evaluation of one customer looks at, out of the current values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import FloatField
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from bihuan.policy import Value

from ..models import MetricRow

RANK = "rank_share("


def inputs_of(values: Mapping[str, Any], wanted: Iterable[str]) -> dict[str, Value]:
    """The inputs of a policy by name, from a customer's metric values; its places by looking at all customers."""
    return {
        name: _place(values, name[len(RANK) : -1]) if name.startswith(RANK) else values.get(name)
        for name in wanted
    }


def _place(values: Mapping[str, Any], metric: str) -> Decimal | None:
    """1 is the most; ties share the better place; over the number of customers who have the metric."""
    mine = values.get(metric)
    if isinstance(mine, bool) or not isinstance(mine, int | float | Decimal):
        return None
    everybody = MetricRow.objects.annotate(one=Cast(KeyTextTransform(metric, "values"), FloatField()))
    known = everybody.filter(one__isnull=False)
    among = known.count()
    return Decimal(1 + known.filter(one__gt=float(mine)).count()) / among if among else None
