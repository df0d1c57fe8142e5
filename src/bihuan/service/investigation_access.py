"""Who sees which investigations: its owner and members, the teams of its owner, or everybody."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from bihuan.kernel.actor import Actor, Scope

from .models import Investigation


def restrict_investigations(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Own: the actor leads it or is a member. Team: it is of one of the actor's teams."""
    joined = Investigation.members.through.objects.filter(user_id=actor.user_id or 0)
    found = Q(owner_id=actor.user_id) | Q(pk__in=joined.values("investigation_id"))
    if scope is Scope.TEAM:
        found |= Q(team_id__in=actor.team_ids)
    return rows.filter(found)
