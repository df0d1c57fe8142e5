"""Reading staff, teams and the access table for their pages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from bihuan.audit.wording import object_word
from bihuan.kernel.actor import Actor, Grant, Scope

from .access import STAFF
from .access_table import ROLES, delivered_table
from .actors import present_table
from .models import AccessOverride, Team, User
from .wording import ACTION_WORDS, CLASS_WORDS, ROLE_WORDS, SCOPE_WORDS


def staff(actor: Actor, text: str = "", role: str = "", with_left: bool = False) -> list[User]:
    """People the actor sees, by name; `text` looks only in fields that the actor may read."""
    rows = (
        STAFF.visible_to(actor)
        .select_related("team", "deputy")
        .prefetch_related("roles")
        .order_by("name", "id")
    )
    if not with_left:
        rows = rows.filter(is_active=True)
    if role:
        rows = rows.filter(roles__role=role)
    if text:
        found = Q()
        for one in STAFF.readable(actor):
            if one.in_search:
                found |= Q(**{f"{one.source}__icontains": text})
        rows = rows.filter(found)
    return list(rows)


@dataclass
class Branch:
    team: Team
    depth: int
    people: list[User] = field(default_factory=list)


def team_tree(actor: Actor) -> list[Branch]:
    """Teams, each after the one it stands below, with the people of each that the actor sees.

    Whoever sees one team's staff sees that team and those below; whoever sees none but oneself, the own team.
    """
    rows, scope = Team.objects.order_by("name"), actor.scope("staff")
    if scope is not Scope.ALL:
        rows = (
            rows.filter(pk__in=actor.team_ids) if scope is Scope.TEAM else rows.filter(members=actor.user_id)
        )
    teams = list(rows)
    shown = {team.pk for team in teams}
    below: dict[int | None, list[Team]] = {}
    for team in teams:
        below.setdefault(team.parent_id if team.parent_id in shown else None, []).append(team)
    people: dict[int | None, list[User]] = {}
    for user in STAFF.visible_to(actor).filter(is_active=True).order_by("name"):
        people.setdefault(user.team_id, []).append(user)
    branches: list[Branch] = []

    def walk(parent: int | None, depth: int) -> None:
        for team in below.get(parent, ()):
            branches.append(Branch(team, depth, people.get(team.pk, [])))
            walk(team.pk, depth + 1)

    walk(None, 0)
    return branches


@dataclass(frozen=True)
class Cell:
    role: str
    action: str
    action_word: Any
    scope: str
    scope_word: Any
    classes: list[Any]
    override: AccessOverride | None


def access_cells(object_name: str) -> list[tuple[Any, list[Cell]]]:
    """The table in force for one kind of object: each post with its actions."""
    table = present_table()
    overrides = {
        (one.role, one.action): one for one in AccessOverride.objects.filter(object_name=object_name)
    }
    lines = []
    for role in ROLES:
        cells = [
            _cell(role, action, table.grant(role, object_name, action), overrides.get((role, action)))
            for action in delivered_table().objects[object_name]
        ]
        lines.append((ROLE_WORDS[role], cells))
    return lines


def _cell(role: str, action: str, grant: Grant, override: AccessOverride | None) -> Cell:
    scope = grant.scope.name.lower()
    classes = [CLASS_WORDS[one] for one in CLASS_WORDS if one in grant.classes] if grant.scope else []
    return Cell(role, action, ACTION_WORDS.get(action, action), scope, SCOPE_WORDS[scope], classes, override)


def object_words(names: Iterable[str]) -> list[tuple[str, Any]]:
    return [(name, object_word(name)) for name in names]
