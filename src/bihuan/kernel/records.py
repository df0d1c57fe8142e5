"""Records and their fields, declared once per room and read the same way everywhere.

A room declares each kind of object it shows as a `RecordSpec`: its fields with their classes, its scope. Pages,
lists, search, exports, commands, panels and the reasons that quote a field all ask the same two questions: which
rows (`visible_to`) and which fields (`readable`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bihuan.kernel.actor import Actor, FieldClass, Scope

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """One field of a record: `path` is the ORM path (`owner_a__name`), `kind` says how it is written out."""

    name: str
    label: str | _StrPromise
    field_class: FieldClass
    path: str = ""
    kind: str = "text"  # text, money, quantity, number, percent, date, moment, choice, bool, unit
    in_list: bool = True
    in_search: bool = False
    editable: bool = False
    choices: Callable[[], dict[str, Any]] | None = None

    @property
    def source(self) -> str:
        return self.path or self.name


@dataclass(frozen=True)
class RecordSpec:
    """A kind of object: its name in the access table, its model, its fields, and which rows an actor reaches."""

    name: str
    model: type[Model]
    fields: tuple[FieldSpec, ...]
    restrict: Callable[[Actor, Scope, QuerySet[Any]], QuerySet[Any]]
    title_field: str = "name"
    by_name: dict[str, FieldSpec] = field(init=False, hash=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_name", {one.name: one for one in self.fields})

    def visible_to(
        self, actor: Actor, action: str = "view", rows: QuerySet[Any] | None = None
    ) -> QuerySet[Any]:
        """The rows on which the actor may do `action`; none at all without a grant."""
        rows = self.model._default_manager.all() if rows is None else rows
        scope = actor.scope(self.name, action)
        if scope is Scope.NONE:
            return rows.none()
        return rows if scope is Scope.ALL else self.restrict(actor, scope, rows)

    def readable(self, actor: Actor, action: str = "view") -> tuple[FieldSpec, ...]:
        """The fields whose class the actor may see, in declared order."""
        classes = actor.classes(self.name, action)
        return tuple(one for one in self.fields if one.field_class in classes)

    def may_read(self, actor: Actor, field_name: str, action: str = "view") -> bool:
        return self.by_name[field_name].field_class in actor.classes(self.name, action)


records: dict[str, RecordSpec] = {}


def register_record(spec: RecordSpec) -> RecordSpec:
    if spec.name in records:
        raise ValueError(f"record {spec.name} is registered twice")
    records[spec.name] = spec
    return spec


def field_names(specs: Iterable[FieldSpec]) -> list[str]:
    return [one.name for one in specs]
