"""Reads of secret fields are journalled: once a request for each record or list that showed them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Model
from django.http import HttpRequest, HttpResponse

from bihuan.kernel import time
from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.records import FieldSpec

from .models import Entry
from .services import entry_for, kind_of, record_many

READ = "secret.read"


def secret_names(fields: Iterable[FieldSpec | str]) -> list[str]:
    """Names of the secret ones among the fields; plain names are taken as they are."""
    return sorted(
        {
            one if isinstance(one, str) else one.name
            for one in fields
            if isinstance(one, str) or one.field_class is FieldClass.SECRET
        }
    )


def record_read(
    actor: Actor, now: datetime, subject: Model | Sequence[Model], fields: Iterable[FieldSpec | str]
) -> Entry | None:
    """Journal that secret fields of a record, or of a list of records, were shown. Nothing secret, no entry.

    `fields` may be all the fields shown: only the secret ones are kept. Of a list, the first 200 ids are kept.
    """
    names = secret_names(fields)
    if not names:
        return None
    entry = _entry(actor, now, subject, names)
    if entry is not None:
        entry.save(force_insert=True)
    return entry


def _entry(actor: Actor, now: datetime, subject: Model | Sequence[Model], names: list[str]) -> Entry | None:
    if isinstance(subject, Model):
        return entry_for(actor, now, READ, subject, after={"fields": names})
    if not subject:
        return None
    return entry_for(
        actor,
        now,
        READ,
        object_type=kind_of(type(subject[0])),
        object_name=f"{len(subject)} ×",
        after={"fields": names, "count": len(subject), "ids": [one.pk for one in subject[:200]]},
    )


def note_read(
    request: HttpRequest, subject: Model | Sequence[Model], fields: Iterable[FieldSpec | str]
) -> None:
    """Say that this request shows these fields; the journal gets it once, when the answer is ready."""
    names = secret_names(fields)
    if not names or (not isinstance(subject, Model) and not subject):
        return
    noted: dict[Any, tuple[Any, set[str]]] = request.__dict__.setdefault("secret_reads", {})
    key: Any = (
        (type(subject), subject.pk)
        if isinstance(subject, Model)
        else tuple((type(one), one.pk) for one in subject)
    )
    noted.setdefault(key, (subject, set()))[1].update(names)


class SecretReadMiddleware:
    """Writes down what `note_read` collected. When that fails, so does the answer: no unseen read."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        noted = request.__dict__.get("secret_reads")
        if noted and response.status_code < 400:
            actor: Actor = request.actor  # type: ignore[attr-defined]
            moment = time.now()
            with transaction.atomic():
                record_many(
                    entry
                    for subject, names in noted.values()
                    if (entry := _entry(actor, moment, subject, sorted(names))) is not None
                )
        return response
