"""Writing the journal. Called inside the transaction of the change that it records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import CharField, F, Model, QuerySet
from django.db.models.functions import Cast

from bihuan.kernel.actor import Actor
from bihuan.kernel.records import records
from bihuan.kernel.sets import insert_from

from .models import Entry

_kinds: dict[type[Model], str] = {}


def kind_of(model: type[Model]) -> str:
    """What the access table calls such records; for others the model's own name."""
    if model not in _kinds:
        name = next((name for name, spec in records.items() if spec.model is model), None)
        if name is None:
            return model._meta.model_name or ""
        _kinds[model] = name
    return _kinds[model]


def entry_for(
    actor: Actor,
    now: datetime,
    action: str,
    subject: Model | None = None,
    *,
    object_type: str = "",
    object_id: object = "",
    object_name: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    note: str = "",
) -> Entry:
    """An unsaved journal line; give either `subject` or the object's type, id and name."""
    if subject is not None:
        object_type = object_type or kind_of(type(subject))
        object_id = object_id or subject.pk
        object_name = object_name or str(subject)
    return Entry(
        at=now,
        actor=actor.key,
        actor_name=actor.name[:150],
        via=actor.via,
        address=actor.address[:64],
        action=action,
        object_type=object_type,
        object_id=str(object_id),
        object_name=object_name[:300],
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
        note=note,
    )


def record(actor: Actor, now: datetime, action: str, subject: Model | None = None, **details: Any) -> Entry:
    """Add one journal line. `details`: object_type, object_id, object_name, before, after, note."""
    entry = entry_for(actor, now, action, subject, **details)
    entry.save(force_insert=True)
    return entry


def record_many(entries: Iterable[Entry]) -> None:
    """Add many journal lines as one set."""
    Entry.objects.bulk_create(entries, batch_size=2000)


def record_each(
    actor: Actor, now: datetime, action: str, rows: QuerySet[Any], *, name: str, note: str = ""
) -> int:
    """The same line for each of many records, in one statement; says how many. `name`: the field by which they are called."""
    line = entry_for(actor, now, action, object_type=kind_of(rows.model), note=note)
    alike = ("at", "actor", "actor_name", "via", "address", "action", "object_type", "note")
    given = {one: getattr(line, one) for one in alike}
    key = Cast("pk", CharField(max_length=40))
    return insert_from(Entry, rows, given | {"object_id": key, "object_name": F(name)})


def note_export(
    actor: Actor, now: datetime, *, page: str, format: str, columns: Iterable[str], rows: int, query: str
) -> Entry:
    """A list leaves as a file: which one, which columns, how many rows, found by which query."""
    return record(
        actor,
        now,
        "list.exported",
        object_type=page,
        after={"format": format, "fields": list(columns), "rows": rows, "query": query},
    )
