"""The access table: read from `access_table.yaml`, laid over with the company's own cells, resolved to grants.

`resolve(roles)` is what `Actor.grants` is made of. Everything here is pure; the database comes in `actors`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext as _

from bihuan.kernel.actor import FieldClass, Grant, Scope

ROLES = (
    "salesperson",
    "service_agent",
    "technical",
    "quality",
    "dispatcher",
    "production",
    "logistics",
    "manager",
    "director",
    "administrator",
    "auditor",
)
SCOPES = {"own": Scope.OWN, "team": Scope.TEAM, "all": Scope.ALL}
# Objects that are other objects side by side: they are reached no further than those.
SHOWS = {"duplicate": ("customer",)}
PUBLIC, SIGNED_IN, SHUT = "public", "signed_in", "shut"
TABLE_FILE = Path(__file__).with_name("access_table.yaml")

Cell = tuple[str, str, str]  # role, object, action
Grants = Mapping[tuple[str, str], Grant]


class AccessTableError(ValueError):
    """The access table cannot be used; the text names the place and what would be right there."""


@dataclass(frozen=True)
class AccessTable:
    """`cells` maps (role, object, action) to a grant; a cell that is absent grants nothing."""

    objects: Mapping[str, tuple[str, ...]]
    cells: Mapping[Cell, Grant]
    routes: Mapping[str, str] = field(default_factory=dict)

    def grant(self, role: str, object_name: str, action: str) -> Grant:
        return self.cells.get((role, object_name, action), Grant())

    def resolve(self, roles: Iterable[str]) -> Grants:
        """The rights of somebody who holds these posts.

        For each action the widest scope wins, with the classes of those posts alone that reach it. Nothing reaches
        further, or shows more, than viewing does.
        """
        held = frozenset(roles)
        grants: dict[tuple[str, str], Grant] = {}
        for (role, object_name, action), grant in self.cells.items():
            if role not in held or not grant.scope:
                continue
            best = grants.get((object_name, action), Grant())
            if grant.scope > best.scope:
                grants[object_name, action] = grant
            elif grant.scope == best.scope:
                grants[object_name, action] = Grant(grant.scope, grant.classes | best.classes)
        seen = {name: grants.get((name, "view"), Grant()) for name in self.objects}
        return {
            (name, action): Grant(
                min(grant.scope, *(seen[one].scope for one in (name, *SHOWS.get(name, ())))),
                grant.classes & seen[name].classes,
            )
            for (name, action), grant in grants.items()
        }

    def overlaid(self, overrides: Mapping[Cell, Grant]) -> AccessTable:
        """The same table with a company's cells in place of the delivered ones."""
        for role, object_name, action in overrides:
            check_cell(self, role, object_name, action)
        return AccessTable(self.objects, {**self.cells, **overrides}, self.routes)


def check_cell(table: AccessTable, role: str, object_name: str, action: str) -> None:
    """Raise `AccessTableError` unless such a cell exists in the table's vocabulary."""
    if role not in ROLES:
        raise AccessTableError(
            _("There is no post “%(name)s”; there are %(known)s.") % {"name": role, "known": ", ".join(ROLES)}
        )
    if object_name not in table.objects:
        raise AccessTableError(
            _("There is no object “%(name)s”; there are %(known)s.")
            % {"name": object_name, "known": ", ".join(table.objects)}
        )
    if action not in table.objects[object_name]:
        raise AccessTableError(
            _("“%(object)s” has no action “%(name)s”; it has %(known)s.")
            % {"object": object_name, "name": action, "known": ", ".join(table.objects[object_name])}
        )


def parse_table(document: Any, source: str = "access_table.yaml") -> AccessTable:
    """Check a parsed YAML document and make the table of it; the first mistake raises `AccessTableError`."""
    if not isinstance(document, dict):
        raise AccessTableError(f"{source}: " + _("a mapping is expected"))
    unknown = set(document) - {"objects", "classes", "access", "routes"}
    if unknown:
        raise AccessTableError(f"{source}: " + _("unknown section %(name)s") % {"name": sorted(unknown)[0]})
    objects = {str(name): tuple(actions) for name, actions in (document.get("objects") or {}).items()}
    sets = _class_sets(document.get("classes") or {}, source)
    table = AccessTable(objects, {})
    cells: dict[Cell, Grant] = {}
    for object_name, by_role in (document.get("access") or {}).items():
        for role, by_actions in by_role.items():
            where = f"{source}: access.{object_name}.{role}"
            for action, grant in _grants_of(by_actions, sets, where).items():
                try:
                    check_cell(table, role, object_name, action)
                except AccessTableError as error:
                    raise AccessTableError(f"{where}: {error}") from None
                cells[role, object_name, action] = grant
    routes = {str(name): str(wanted) for name, wanted in (document.get("routes") or {}).items()}
    for name, wanted in routes.items():
        _check_route(table, name, wanted, source)
    return AccessTable(objects, cells, routes)


def _class_sets(declared: Mapping[str, Any], source: str) -> dict[str, frozenset[FieldClass]]:
    sets = {one.value: frozenset({one}) for one in FieldClass}
    for name, members in declared.items():
        try:
            sets[name] = frozenset(FieldClass(one) for one in members)
        except ValueError as error:
            raise AccessTableError(f"{source}: classes.{name}: {error}") from None
    return sets


def _grants_of(by_actions: Any, sets: Mapping[str, frozenset[FieldClass]], where: str) -> dict[str, Grant]:
    if not isinstance(by_actions, dict):
        raise AccessTableError(f"{where}: " + _("“actions: scope classes” is expected"))
    grants: dict[str, Grant] = {}
    without_classes: list[str] = []
    for actions, text in by_actions.items():
        scope_word, *class_words = str(text).split()
        if scope_word not in SCOPES:
            raise AccessTableError(
                f"{where}: " + _("“%(word)s” is no scope; write own, team or all") % {"word": scope_word}
            )
        for word in class_words:
            if word not in sets:
                raise AccessTableError(
                    f"{where}: "
                    + _("“%(word)s” is no field class; write %(known)s")
                    % {"word": word, "known": ", ".join(sets)}
                )
        classes = frozenset[FieldClass]().union(*(sets[word] for word in class_words))
        for action in str(actions).replace(",", " ").split():
            if action in grants:
                raise AccessTableError(f"{where}: " + _("“%(name)s” stands here twice") % {"name": action})
            grants[action] = Grant(SCOPES[scope_word], classes)
            if not class_words:
                without_classes.append(action)
    for action in without_classes:
        if "view" not in grants:
            raise AccessTableError(f"{where}: " + _("“%(name)s” has no classes") % {"name": action})
        grants[action] = Grant(grants[action].scope, grants["view"].classes)
    return grants


def _check_route(table: AccessTable, name: str, wanted: str, source: str) -> None:
    if wanted in (PUBLIC, SIGNED_IN, SHUT):
        return
    object_name, dot, action = wanted.partition(".")
    if not dot or action not in table.objects.get(object_name, ()):
        raise AccessTableError(
            f"{source}: routes.{name}: "
            + _("“%(wanted)s” is neither public, signed_in, shut nor an object.action") % {"wanted": wanted}
        )


class _Strict(yaml.SafeLoader):
    """YAML in which nothing is said twice: of two cells of one name the later would win unseen."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[Any] = set()
        for key, _value in node.value:
            if key.value in seen:
                raise AccessTableError(
                    f"{key.start_mark.line + 1}: " + _("“%(name)s” stands here twice") % {"name": key.value}
                )
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def read_table(text: str, source: str = "access_table.yaml") -> AccessTable:
    return parse_table(yaml.load(text, _Strict), source)  # noqa: S506 - a SafeLoader that is stricter


@cache
def delivered_table() -> AccessTable:
    """The table as delivered, without the company's changes."""
    return read_table(TABLE_FILE.read_text(encoding="utf-8"))


def grant_of(scope: int, classes: Iterable[str]) -> Grant:
    """A stored cell as a grant; raises `AccessTableError` for an unknown scope or class."""
    try:
        return Grant(Scope(scope), frozenset(FieldClass(one) for one in classes))
    except ValueError as error:
        raise AccessTableError(str(error)) from None
