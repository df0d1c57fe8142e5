"""Who sees which recalls: those whose customers are to be told; whoever sees all customers' entries sees all."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet

from bihuan.customers.access import reach
from bihuan.kernel.actor import Actor, Scope

from ..models import RecallEntry


def restrict_recalls(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    mine = RecallEntry.objects.filter(reach(actor, scope, "customer__"), recall=OuterRef("pk"))
    return rows.filter(Exists(mine))
