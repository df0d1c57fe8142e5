"""Who sees which cases: who handles it and the owners of its customer, the teams of both, or everybody."""

from __future__ import annotations

from typing import Any

from django.db import connection
from django.db.models import F, Q, QuerySet

from bihuan.customers.access import reach
from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor, Scope

from .models import Case, GreenRequest

FEW = 5_000
ASKED = frozenset({"production", "logistics"})
"""Posts that have to do with a case only because it asks them to hold capacity, goods or vehicles."""


def restrict_cases(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Own: the case is the actor's, or its customer is. Team: the case or its customer is of the actor's teams. For production
    and logistics those in which they, or whom they are the deputy of, are asked to hold something.

    SQLite would collect all of a team's cases and sort them to show the first fifty. Adding nothing to the columns keeps
    it at the order that was asked for; where few are in reach, `from_reach` lets it start there.
    """
    if connection.vendor != "sqlite":
        return rows.filter(_reach(actor, scope))
    plain = {name: F(name) + 0 for name in ("owner_id", "customer_id", "team_id")}
    rows = rows.alias(**{f"{name}_only": value for name, value in plain.items()})
    return rows.filter(_reach(actor, scope, "_only"))


def _reach(actor: Actor, scope: Scope, suffix: str = "") -> Q:
    found = Q(**{f"owner_id{suffix}": actor.user_id})
    if scope is Scope.TEAM:
        found |= Q(**{f"team_id{suffix}__in": actor.team_ids})
    if actor.roles & ASKED:
        mine = Q(asked=actor.user_id) | Q(asked__deputy=actor.user_id)
        found |= Q(pk__in=GreenRequest.objects.filter(mine).order_by().values("case"))
    # Last, because it is only gone through for what the others did not find.
    customers = Customer.objects.filter(reach(actor, scope)).order_by().values("pk")
    return found | Q(**{f"customer_id{suffix}__in": customers})


def from_reach(actor: Actor, rows: QuerySet[Any], action: str = "view") -> QuerySet[Any]:
    """The same rows of those already restricted, found from what the actor reaches: for counting, and for few."""
    scope = actor.scope("case", action)
    return rows if scope in (Scope.ALL, Scope.NONE) else rows.filter(_reach(actor, scope))


def in_order_or_from_reach(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    """For a list: in its order where much is in reach, from what is in reach where it is little."""
    scope = actor.scope("case")
    if scope in (Scope.ALL, Scope.NONE):
        return rows
    near = Case.objects.filter(_reach(actor, scope)).order_by().values("pk")[:FEW]
    return from_reach(actor, rows) if near.count() < FEW else rows
