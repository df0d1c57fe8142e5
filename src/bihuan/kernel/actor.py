"""Who acts, and what that person may see and do.

The access table itself lives in `people`; an `Actor` carries the rights that were resolved from it, so that every
room can ask without importing `people`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum, StrEnum
from typing import Literal


class FieldClass(StrEnum):
    """How sensitive a field is. A role sees whole classes, never single fields."""

    PUBLIC = "public"
    CONTACT = "contact"
    COMMERCIAL = "commercial"
    TECHNICAL = "technical"
    SECRET = "secret"  # noqa: S105


ALL_CLASSES: frozenset[FieldClass] = frozenset(FieldClass)


class Scope(IntEnum):
    """Which records an action reaches: none, one's own, one's teams' (own included), all."""

    NONE = 0
    OWN = 1
    TEAM = 2
    ALL = 3


@dataclass(frozen=True, slots=True)
class Grant:
    scope: Scope = Scope.NONE
    classes: frozenset[FieldClass] = frozenset()


NOTHING = Grant()
Via = Literal["page", "cli", "api", "job", "system"]


@dataclass(frozen=True)
class Actor:
    """Somebody who acts: staff, a customer's person, or the system itself.

    `team_ids` are the teams that count as "team" for this actor: the own one and all below it.
    `grants` maps (object, action) to the widest grant of all the actor's roles.
    """

    kind: Literal["staff", "contact", "system"]
    name: str
    user_id: int | None = None
    roles: frozenset[str] = frozenset()
    team_ids: frozenset[int] = frozenset()
    grants: Mapping[tuple[str, str], Grant] = field(default_factory=dict, hash=False)
    via: Via = "page"
    address: str = ""

    @property
    def key(self) -> str:
        """A stable text for the journal: `staff:12`, `system`."""
        return f"{self.kind}:{self.user_id}" if self.user_id is not None else self.kind

    def grant(self, object_name: str, action: str = "view") -> Grant:
        if self.kind == "system":
            return Grant(Scope.ALL, ALL_CLASSES)
        return self.grants.get((object_name, action), NOTHING)

    def scope(self, object_name: str, action: str = "view") -> Scope:
        return self.grant(object_name, action).scope

    def classes(self, object_name: str, action: str = "view") -> frozenset[FieldClass]:
        grant = self.grant(object_name, action)
        return grant.classes if grant.scope else frozenset()

    def may(
        self,
        object_name: str,
        action: str = "view",
        field_class: FieldClass | None = None,
    ) -> bool:
        """Whether the action is allowed on some record of that kind (and on fields of that class)."""
        grant = self.grant(object_name, action)
        return grant.scope > Scope.NONE and (field_class is None or field_class in grant.classes)

    def through(self, via: Via, address: str = "") -> Actor:
        """The same actor by another door, for the journal."""
        return replace(self, via=via, address=address or self.address)


SYSTEM = Actor(kind="system", name="system", via="system")


class NotAllowed(Exception):
    """The actor may not do this. Pages answer 403 where the object is visible, and 404 where it is not."""

    def __init__(self, object_name: str, action: str) -> None:
        super().__init__(f"{action} {object_name}")
        self.object_name = object_name
        self.action = action


def require(actor: Actor, object_name: str, action: str, field_class: FieldClass | None = None) -> None:
    """Raise `NotAllowed` unless the actor may."""
    if not actor.may(object_name, action, field_class):
        raise NotAllowed(object_name, action)
