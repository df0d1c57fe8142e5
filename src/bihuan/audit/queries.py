"""Reading the journal: filtered, newest first, page by page without counting."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import Http404

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.time import company_zone

from .access import JOURNAL, quotable
from .labels import field_label
from .models import Entry

PAGE = 50


@dataclass(frozen=True)
class JournalFilter:
    """What is looked for. `since` and `until` are days of the company's zone, both included."""

    text: str = ""
    actor: str = ""
    action: str = ""
    object_type: str = ""
    object_id: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def read(cls, given: Mapping[str, str]) -> JournalFilter:
        """From an address's parameters; what cannot be read is left out."""
        values: dict[str, Any] = {}
        for one in fields(cls):
            text = str(given.get(one.name) or "").strip()[:100]
            if one.name in ("since", "until"):
                try:
                    values[one.name] = date.fromisoformat(text) if text else None
                except ValueError:
                    values[one.name] = None
            else:
                values[one.name] = text
        return cls(**values)

    def facts(self) -> dict[str, str]:
        """What is set, as text: for addresses and for the journal line of an export."""
        return {one.name: str(getattr(self, one.name)) for one in fields(self) if getattr(self, one.name)}


def entries(actor: Actor, wanted: JournalFilter, action: str = "view") -> QuerySet[Entry]:
    """The entries that the actor sees and the filter keeps, newest first."""
    rows = JOURNAL.visible_to(actor, action).order_by("-id")
    if wanted.actor:
        rows = rows.filter(Q(actor_name__icontains=wanted.actor) | Q(actor=wanted.actor))
    if wanted.action:
        rows = rows.filter(action__startswith=wanted.action)
    if wanted.object_type:
        rows = rows.filter(object_type=wanted.object_type)
    if wanted.object_id:
        rows = rows.filter(object_id=wanted.object_id)
    zone = company_zone()
    if wanted.since:
        rows = rows.filter(at__gte=datetime.combine(wanted.since, time(), zone))
    if wanted.until:
        rows = rows.filter(at__lt=datetime.combine(wanted.until + timedelta(days=1), time(), zone))
    if wanted.text:
        rows = rows.filter(_holds(actor, wanted.text))
    return rows


def _holds(actor: Actor, text: str) -> Q:
    """Text in the words of an entry; inside before and after only for those who may read all that stands there."""
    found = Q(object_name__icontains=text) | Q(actor_name__icontains=text) | Q(action__icontains=text)
    classes = actor.classes("journal")
    if FieldClass.COMMERCIAL in classes:
        found |= Q(note__icontains=text)
    if FieldClass.SECRET in classes:
        # SQLite keeps JSON as it was written, with everything beyond ASCII escaped.
        written = json.dumps(text)[1:-1] if connection.vendor == "sqlite" else text
        for name in ("before", "after"):
            found |= Q(
                pk__in=Entry.objects.annotate(said=Cast(name, TextField()))
                .filter(said__icontains=written)
                .values("pk")
            )
    return found


def page_of_entries(
    actor: Actor, wanted: JournalFilter, before: int | None = None
) -> tuple[list[Entry], int | None]:
    """Fifty entries older than `before`, and where the next page begins (nothing at the end)."""
    rows = entries(actor, wanted)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def object_types(actor: Actor) -> list[str]:
    """The kinds of object that the entries the actor sees speak of."""
    rows = JOURNAL.visible_to(actor).exclude(object_type="").order_by("object_type")
    return list(rows.values_list("object_type", flat=True).distinct())


def get_entry(actor: Actor, entry_id: int) -> Entry:
    row = JOURNAL.visible_to(actor).filter(pk=entry_id).first()
    if row is None:
        raise Http404(entry_id)
    return row


@dataclass(frozen=True)
class Difference:
    """`field` as the entry names it, `label` as its reader does."""

    field: str
    label: str
    before: str
    after: str
    changed: bool


def differences(actor: Actor, entry: Entry) -> tuple[list[Difference], int]:
    """Before and after side by side, as far as the actor may read them, and how many fields are withheld."""
    before, after = (
        quotable(actor, entry.object_type, entry.before),
        quotable(actor, entry.object_type, entry.after),
    )
    names = list(dict.fromkeys([*before, *after]))
    all_names = set(entry.before or {}) | set(entry.after or {})
    lines = [
        Difference(
            name,
            field_label(entry.object_type, name),
            _said(before.get(name)),
            _said(after.get(name)),
            before.get(name) != after.get(name),
        )
        for name in names
    ]
    return lines, len(all_names - set(names))


def _said(value: Any) -> str:
    if value is None or value == "":
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
