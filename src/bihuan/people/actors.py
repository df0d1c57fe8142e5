"""From a person to an `Actor` with all rights in it, at one query a request.

Grants and the tree of teams are kept in the process for as long as the company's access stamp stays the same. The
stamp is a random word in the settings, renewed by every service that changes an override or the tree. While there
is none (nothing was ever changed), nothing is kept.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.models import AnonymousUser
from django.db.models import OuterRef, QuerySet, StringAgg, Subquery, Value

from bihuan.kernel.actor import Actor, Via
from bihuan.kernel.models import Setting

from .access_table import AccessTable, Grants, delivered_table, grant_of
from .models import AccessOverride, Team, User, UserRole

STAMP = "people.access_stamp"
NOBODY = Actor(kind="staff", name="")


@dataclass
class Company:
    """What is the same for all people: the table in force and the tree of teams."""

    table: AccessTable
    parents: dict[int, int | None]
    grants: dict[frozenset[str], Grants]

    def grants_of(self, roles: frozenset[str]) -> Grants:
        if roles not in self.grants:
            self.grants[roles] = self.table.resolve(roles)
        return self.grants[roles]

    def teams_from(self, team_id: int | None) -> frozenset[int]:
        """The team and all below it."""
        if team_id is None:
            return frozenset()
        children: dict[int | None, list[int]] = {}
        for child, parent in self.parents.items():
            children.setdefault(parent, []).append(child)
        found, waiting = {team_id}, [team_id]
        while waiting:
            for child in children.get(waiting.pop(), ()):
                if child not in found:
                    found.add(child)
                    waiting.append(child)
        return frozenset(found)


_kept: tuple[str, Company] | None = None


def renew_stamp(now: datetime) -> None:
    """Tell all processes that overrides or teams have changed."""
    Setting.objects.update_or_create(name=STAMP, defaults={"value": uuid.uuid4().hex, "updated_at": now})


def company(stamp: str | None) -> Company:
    """Table and teams as of that stamp; read again when it is new, or when there is none."""
    global _kept
    kept = _kept
    if stamp is not None and kept is not None and kept[0] == stamp:
        return kept[1]
    overrides = {
        (one.role, one.object_name, one.action): grant_of(one.scope, one.classes)
        for one in AccessOverride.objects.all()
    }
    table = delivered_table()
    found = Company(
        table.overlaid(overrides) if overrides else table,
        dict(Team.objects.values_list("id", "parent_id")),
        {},
    )
    if stamp is not None:
        _kept = (stamp, found)
    return found


def present_table() -> AccessTable:
    """The table in force now: the delivered one with this company's cells."""
    return company(Setting.objects.filter(name=STAMP).values_list("value", flat=True).first()).table


def people_with_access(rows: QuerySet[User] | None = None) -> QuerySet[User]:
    """People with what `actor_for` needs (`held_roles`, `access_stamp`), in the same query."""
    roles = (
        UserRole.objects.filter(user=OuterRef("pk"))
        .order_by()
        .values("user")
        .annotate(held=StringAgg("role", delimiter=Value(",")))
        .values("held")
    )
    rows = User.objects.all() if rows is None else rows
    return rows.annotate(
        held_roles=Subquery(roles),
        access_stamp=Subquery(Setting.objects.filter(name=STAMP).values("value")[:1]),
    )


def actor_for(user: User | AnonymousUser | AbstractBaseUser, via: Via = "page", address: str = "") -> Actor:
    """The actor of a person, with all rights resolved. Somebody who is not signed in or has left has no rights."""
    if not isinstance(user, User) or not user.is_active:
        return NOBODY.through(via, address)
    person = user if hasattr(user, "held_roles") else people_with_access().get(pk=user.pk)
    held = getattr(person, "held_roles", None) or ""
    roles = frozenset(one for one in held.split(",") if one)
    here = company(getattr(person, "access_stamp", None))
    return Actor(
        kind="staff",
        name=person.name or person.username,
        user_id=person.pk,
        roles=roles,
        team_ids=here.teams_from(person.team_id),
        grants=here.grants_of(roles),
        via=via,
        address=address,
    )


def actor_by_id(user_id: int) -> Actor:
    """The actor of a person by id, for jobs; one who is gone has no rights."""
    person = people_with_access().filter(pk=user_id).first()
    return NOBODY if person is None else actor_for(person)
