"""Who sees which visits and technicians.

Own visits are those that one makes as a technician, and those about cases of one's own; a team's are those about its cases and
by its technicians. Own technician is oneself.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from bihuan.kernel.actor import Actor, Scope

from ..access import restrict_cases
from ..models import Case, Technician


def restrict_visits(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    cases = restrict_cases(actor, scope, Case.objects.all()).order_by().values("pk")
    found = Q(technician__user_id=actor.user_id) | Q(case__in=cases)
    if scope is Scope.TEAM:
        found |= Q(technician__user__team_id__in=actor.team_ids)
    return rows.filter(found)


def restrict_technicians(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    own = Q(user_id=actor.user_id)
    return rows.filter(own if scope is Scope.OWN else own | Q(user__team_id__in=actor.team_ids))


def restrict_stations(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Own and the team's: the stations from which these technicians set out."""
    people = restrict_technicians(actor, scope, Technician.objects.all())
    return rows.filter(pk__in=people.order_by().values("station_id"))
