"""Who sees which objections: whoever is within reach of the case or of its customer, as far as the table says for objections."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from bihuan.customers.access import reach
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor, Scope


def restrict_objections(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Own: the actor handles the case, or its customer is the actor's. Team: it is of the actor's teams, by either."""
    found = Q(case__owner_id=actor.user_id)
    if scope is Scope.TEAM:
        found |= Q(case__team_id__in=actor.team_ids)
    customers = Customer.objects.filter(reach(actor, scope)).order_by().values("pk")
    return rows.filter(found | Q(case__customer_id__in=customers))
