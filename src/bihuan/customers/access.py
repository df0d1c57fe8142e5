"""One scope for customers and for everything that hangs on a customer."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from bihuan.kernel.actor import Actor, Scope

from .models import Customer


def reach(actor: Actor, scope: Scope, path: str = "") -> Q:
    """The condition under which a row lies within a scope below ALL. `path` leads to the customer: `customer__`.

    Own: owner A or B is the actor. Team: the customer's team is the actor's or below it; own ones count too.
    """
    own = Q(**{f"{path}owner_a_id": actor.user_id}) | Q(**{f"{path}owner_b_id": actor.user_id})
    if scope is Scope.OWN:
        return own
    return own | Q(**{f"{path}team_id__in": actor.team_ids})


def restrict_customers(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows.filter(reach(actor, scope))


def restrict_by_customer(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """For rows with a `customer`: those of customers within the scope. Rows without a customer need scope ALL."""
    return rows.filter(reach(actor, scope, "customer__"))


def customers_within(actor: Actor, object_name: str, action: str) -> QuerySet[Customer]:
    """The customers on which the actor may do something that the table names for an object, such as merge."""
    scope = actor.scope(object_name, action)
    rows = Customer.objects.all()
    if scope is Scope.NONE:
        return rows.none()
    return rows if scope is Scope.ALL else restrict_customers(actor, scope, rows)
