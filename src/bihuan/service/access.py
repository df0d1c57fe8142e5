"""Who sees which cases: the owner of the case and those of its customer, the teams of both, or everybody."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from bihuan.customers.access import reach
from bihuan.kernel.actor import Actor, Scope


def restrict_cases(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Own: the case is the actor's, or its customer is. Team: the case or its customer is of the actor's teams."""
    found = Q(owner_id=actor.user_id) | reach(actor, scope, "customer__")
    if scope is Scope.TEAM:
        found |= Q(team_id__in=actor.team_ids)
    return rows.filter(found)
