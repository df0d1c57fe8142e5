"""What the table says against what the doors show.

`failures` asks every door as every person and yields each value that appears although the table withholds it
(`leak`), and each that is missing although the table grants it and the door promises it (`lost`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bihuan.kernel.actor import Scope
from bihuan.people.access_table import AccessTable
from bihuan.people.models import User

from .world import POSTS, Planted, World

RELATIONS = ("own", "team", "other")


@dataclass(frozen=True)
class Door:
    """A way to look. `ask(user, row)` returns all the text it gives; `row` is None for a door to many records.

    `kind` is one of page, list, search, export, cli, reason, panel. `object` is the record it opens, `action` what
    the table must grant for it. `promises` names the fields of that object it must show to whoever may see them.
    `only` keeps leak checking to these objects, where a door is known to be about nothing else.
    """

    name: str
    kind: str
    object: str
    ask: Callable[[User, Any], str]
    action: str = "view"
    promises: frozenset[str] = frozenset()
    many: bool = False


@dataclass(frozen=True)
class Failure:
    what: str  # leak or lost
    door: str
    role: str
    relation: str
    planted: Planted

    def __str__(self) -> str:
        return (
            f"{self.what}: {self.role} at {self.door} ({self.relation}): "
            f"{self.planted.object}.{self.planted.field} [{self.planted.field_class}] {self.planted.text}"
        )


def allowed(table: AccessTable, role: str, planted: Planted, action: str) -> bool:
    """What the table says about one value for one post; nothing but the table is asked."""
    needed = max(planted.needed(role), Scope.OWN)
    grants = [table.grant(role, planted.object, one) for one in {action, "view"}]
    return all(one.scope >= needed and planted.field_class in one.classes for one in grants)


def asked_of(door: Door, row: Any, planted: Planted) -> str:
    """The door's own action counts for the record that it opens; what else it shows must be there to view."""
    is_own = planted.object == door.object and (row is None or planted.record == row.pk)
    return door.action if is_own else "view"


def plain(text: str) -> str:
    """Digits without their thousands separators, so that a number is found however it is written."""
    return re.sub(r"(?<=\d)[,\u202f\u00a0 ](?=\d{3})", "", text)


def requests(
    world: World, doors: Iterable[Door], roles: Iterable[str]
) -> Iterator[tuple[Door, str, str, Any]]:
    for door in doors:
        for role in roles:
            if door.many:
                yield door, role, "all", None
                continue
            asked = set()
            for relation in RELATIONS:
                row = world.row(door.object, role, relation)
                if row is not None and row.pk not in asked:
                    asked.add(row.pk)
                    yield door, role, relation, row


def failures(
    world: World, table: AccessTable, doors: Iterable[Door], roles: Iterable[str] = POSTS
) -> Iterator[Failure]:
    known: dict[tuple[str, int, str], bool] = {}

    def may(role: str, one: Planted, action: str) -> bool:
        """As `allowed`, asked once: the same few values are met at thousands of doors."""
        key = (role, id(one), action)
        if key not in known:
            known[key] = allowed(table, role, one, action)
        return known[key]

    for door, role, relation, row in requests(world, doors, roles):
        text = plain(door.ask(world.people[role], row))
        # What is shown is looked for first: the table is asked about the few values that are there, not about all.
        for value in world.found_in(text):
            places = world.by_text[value]
            # A name may stand in several records; it may be shown where any of them grants it.
            if not any(may(role, one, asked_of(door, row, one)) for one in places):
                yield Failure("leak", door.name, role, relation, places[0])
        if not door.promises:
            continue
        for one in world.by_object.get(door.object, ()):
            if (
                one.field in door.promises
                and (row is None or one.record == row.pk)
                and one.text not in text
                and may(role, one, door.action)
            ):
                yield Failure("lost", door.name, role, relation, one)
