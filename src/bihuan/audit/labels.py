"""What the fields that an entry quotes are called where people meet them: by their records, on lists, by their models."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import cache

from django.apps import apps
from django.db.models import Field

from bihuan.kernel.pages.lists import lists
from bihuan.kernel.records import records

from .wording import Label

OWN = "bihuan."


def field_label(object_type: str, name: str) -> str:
    """The label of a field of such objects in the reader's language; its raw name where it has none.

    A fact that is no field of its object (what was changed stands beside it) is called as all others are that bear its name, if
    they are called alike.
    """
    for key in (name, name.removesuffix("_id")):
        own = _own().get((object_type, key))
        if own is not None:
            return str(own)
        alike = {str(one) for one in _anywhere().get(key, ())}
        if len(alike) == 1:
            return alike.pop()
    return name


@cache
def _own() -> dict[tuple[str, str], Label]:
    """(kind of object, field) → label."""
    found: dict[tuple[str, str], Label] = {}
    for kind, name, label in _labels():
        found.setdefault((kind, name), label)
    return found


@cache
def _anywhere() -> dict[str, list[Label]]:
    found: dict[str, list[Label]] = defaultdict(list)
    for _kind, name, label in _labels():
        found[name].append(label)
    return found


def _labels() -> Iterator[tuple[str, str, Label]]:
    """What counts before others stands first."""
    for kind, spec in records.items():
        yield from ((kind, one.name, one.label) for one in spec.fields)
    for page in lists.values():
        yield from ((one.object or page.record.name, one.name, one.label) for one in page.columns)
    kinds = {spec.model: kind for kind, spec in records.items()}
    for model in apps.get_models():
        if model.__module__.startswith(OWN):
            kind = kinds.get(model, model._meta.model_name or "")
            yield from ((kind, one.name, one.verbose_name) for one in _said(model._meta.get_fields()))


def _said(fields: Iterable[object]) -> Iterator[Field]:
    """Those whose name somebody gave; Django makes one of the attribute's name for all others."""
    for one in fields:
        if isinstance(one, Field) and one.verbose_name != one.name.replace("_", " "):
            yield one
