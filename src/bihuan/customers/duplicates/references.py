"""What refers to a record: every foreign key of every room, and the pairs of type and number that rooms register."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db.models import ForeignKey, Model, UniqueConstraint

_CHUNK = 500
_registered: list[Reference] = []


@dataclass(frozen=True)
class Reference:
    """A column that holds a record's id. `where` narrows a column that speaks of several kinds of record."""

    model: type[Model]
    column: str
    unique: tuple[tuple[str, ...], ...] = ()
    beside: tuple[str, ...] = ()
    where: tuple[tuple[str, Any], ...] = ()

    @property
    def table(self) -> str:
        return self.model._meta.db_table

    def rows(self, ids: Iterable[int]) -> Iterator[Any]:
        """Querysets of the rows that hold one of the ids, in bites that every database takes."""
        listed = list(ids)
        for start in range(0, len(listed), _CHUNK):
            condition = {f"{self.column}__in": listed[start : start + _CHUNK], **dict(self.where)}
            yield self.model._default_manager.filter(**condition)

    def by_pk(self, ids: Iterable[int]) -> Iterator[Any]:
        listed = list(ids)
        for start in range(0, len(listed), _CHUNK):
            yield self.model._default_manager.filter(pk__in=listed[start : start + _CHUNK])


def register_reference(model: type[Model], column: str, *, where: dict[str, Any]) -> None:
    """Tell of a column without a foreign key that holds customers' ids where `where` is true."""
    _registered.append(Reference(model, column, where=tuple(sorted(where.items()))))


def _unique_sets(model: type[Model], column: str) -> tuple[tuple[str, ...], ...]:
    """The columns that must differ between two rows, for those constraints that the column takes part in."""
    attname = {one.name: one.attname for one in model._meta.concrete_fields}
    attname |= {one.attname: one.attname for one in model._meta.concrete_fields}
    found = {
        tuple(attname[name] for name in one.fields)
        for one in model._meta.constraints
        if isinstance(one, UniqueConstraint) and one.fields
    }
    found |= {tuple(attname[name] for name in names) for names in model._meta.unique_together}
    found |= {(one.attname,) for one in model._meta.concrete_fields if one.unique and not one.primary_key}
    return tuple(sorted(names for names in found if column in names))


def references_to(target: type[Model]) -> list[Reference]:
    """All references to a model, except of models that say `stays_on_merge = True` of themselves. Of a model with
    `moves_whole_on_merge = True` all rows of one record move, and only to a record without any: a history."""
    return [*_declared(target), *(_registered if target._meta.label == "customers.Customer" else ())]


@cache
def _declared(target: type[Model]) -> tuple[Reference, ...]:
    found: list[Reference] = []
    for model in apps.get_models(include_auto_created=True):
        if getattr(model, "stays_on_merge", False) or model._meta.proxy or not model._meta.managed:
            continue
        own = [
            one
            for one in model._meta.concrete_fields
            if isinstance(one, ForeignKey) and one.remote_field.model is target and not one.primary_key
        ]
        for one in own:
            beside = tuple(other.attname for other in own if other is not one)
            found.append(Reference(model, one.attname, _unique_sets(model, one.attname), beside))
        found += list(_generic(model, target))
    return tuple(found)


def _generic(model: type[Model], target: type[Model]) -> Iterator[Reference]:
    for one in model._meta.private_fields:
        if hasattr(one, "ct_field") and hasattr(one, "fk_field"):
            kind = ContentType.objects.get_for_model(target).pk
            column = model._meta.get_field(one.fk_field).attname  # type: ignore[union-attr]
            yield Reference(model, column, _unique_sets(model, column), (), ((f"{one.ct_field}_id", kind),))


def movable(
    reference: Reference, sources: Iterable[int], target: int, among: set[int]
) -> dict[int, list[int]]:
    """Which rows may go from each source to the target without breaking a constraint, oldest first.

    `among`: the ids that become one; a row that refers to two of them stays, as it would speak of itself. What
    the target has already stays where it is, too.
    """
    listed = list(sources)
    found: dict[int, list[int]] = {source: [] for source in listed}
    if getattr(reference.model, "moves_whole_on_merge", False):
        is_taken = any(rows.exists() for rows in reference.rows([target]))
        for source in listed:
            own = [
                pk
                for rows in reference.rows([source])
                for pk in rows.order_by("pk").values_list("pk", flat=True)
            ]
            if own and not is_taken:
                found[source], is_taken = own, True
        return found
    columns = list(
        dict.fromkeys(
            ["pk", reference.column, *reference.beside, *(c for names in reference.unique for c in names)]
        )
    )
    if not reference.unique and not reference.beside:
        for rows in reference.rows(listed):
            for pk, source in rows.order_by("pk").values_list("pk", reference.column):
                found[source].append(pk)
        return found
    taken: set[tuple[Any, ...]] = set()

    def keys(row: dict[str, Any]) -> list[tuple[Any, ...]]:
        made = []
        for names in reference.unique:
            values = tuple(target if name == reference.column else row[name] for name in names)
            if None not in values:
                made.append((names, values))
        return made

    for rows in reference.rows([target]):
        for row in rows.values(*columns):
            taken.update(keys(row))
    for rows in reference.rows(listed):
        for row in rows.order_by("pk").values(*columns):
            own = keys(row)
            if any(row[name] in among for name in reference.beside) or not taken.isdisjoint(own):
                continue
            taken.update(own)
            found[row[reference.column]].append(row["pk"])
    return found
