"""Who reads the journal: auditors and administrators, the whole of it or nothing.

What an entry says about a field (`before`, `after`) has the class of that field. A field that no record declares
counts as secret.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.records import FieldSpec, RecordSpec, records, register_record

from .models import Entry


def restrict_journal(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Below `all` one sees what one did oneself."""
    return rows.filter(actor=actor.key)


JOURNAL = register_record(
    RecordSpec(
        name="journal",
        model=Entry,
        restrict=restrict_journal,
        title_field="action",
        fields=(
            FieldSpec("at", _("When"), FieldClass.PUBLIC, kind="moment"),
            FieldSpec("actor_name", _("Who"), FieldClass.PUBLIC),
            FieldSpec("via", _("By which door"), FieldClass.PUBLIC),
            FieldSpec("address", _("From where"), FieldClass.CONTACT),
            FieldSpec("action", _("What"), FieldClass.PUBLIC),
            FieldSpec("object_type", _("Kind of object"), FieldClass.PUBLIC),
            FieldSpec("object_id", _("Number"), FieldClass.PUBLIC),
            FieldSpec("object_name", _("Object"), FieldClass.PUBLIC, in_search=True),
            FieldSpec("note", _("Note"), FieldClass.COMMERCIAL, in_search=True),
            FieldSpec("before", _("Before"), FieldClass.SECRET, in_list=False),
            FieldSpec("after", _("After"), FieldClass.SECRET, in_list=False),
        ),
    )
)

# Facts that the program itself writes about its doings; they quote no record.
PLAIN_FACTS = frozenset(
    {
        "page",
        "is_shared",
        "fields",
        "count",
        "methods",
        "rows",
        "format",
        "roles",
        "scope",
        "classes",
        "is_active",
        "parent",
    }
)


def class_of(object_type: str, field_name: str) -> FieldClass:
    """The class of a field that an entry quotes."""
    spec = records.get(object_type)
    if spec is not None and field_name in spec.by_name:
        return spec.by_name[field_name].field_class
    return FieldClass.PUBLIC if field_name in PLAIN_FACTS else FieldClass.SECRET


def quotable(
    actor: Actor, object_type: str, facts: Mapping[str, Any] | None, action: str = "view"
) -> dict[str, Any]:
    """Those of an entry's facts whose class the actor may read in the journal."""
    classes = actor.classes("journal", action)
    return {name: value for name, value in (facts or {}).items() if class_of(object_type, name) in classes}
