"""Captured events as records, and who sees which: those whose lots of ours one may all see, and whose sources are no secret."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.records import FieldSpec, RecordSpec, register_record

from ..access import restrict_lots
from ..models import EpcisCapture, EpcisEvent, EpcisLink, Lot
from ..records import LOT
from .captures import restrict_captures

TECHNICAL = FieldClass.TECHNICAL


def restrict_events(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Own, team: those whose lots all went to customers within that scope."""
    return _of_lots(rows, restrict_lots(actor, scope, Lot.objects.all()))


def _of_lots(rows: QuerySet[Any], lots: QuerySet[Any]) -> QuerySet[Any]:
    """Events that name some of these lots and no others. A declaration as wrong names none itself; it goes with its event."""
    links = EpcisLink.objects.filter(event=OuterRef("pk"))
    hidden = links.exclude(lot__in=lots.order_by().values("pk"))
    about = EpcisEvent.objects.filter(Exists(links), ~Exists(hidden), is_error=False)
    return rows.filter(Q(pk__in=about.values("pk")) | Q(is_error=True, hash_id__in=about.values("hash_id")))


EPCIS_EVENT = register_record(
    RecordSpec(
        name="epcis_event",
        model=EpcisEvent,
        restrict=restrict_events,
        title_field="hash_id",
        fields=(
            FieldSpec("at", pgettext_lazy("epcis", "Event time"), TECHNICAL, kind="moment"),
            FieldSpec("kind", pgettext_lazy("epcis", "Event type"), TECHNICAL),
            FieldSpec("file", pgettext_lazy("epcis", "File"), TECHNICAL),
            FieldSpec("captured_at", pgettext_lazy("epcis", "Captured"), TECHNICAL, kind="moment"),
            FieldSpec("actor_name", pgettext_lazy("epcis", "Captured by"), TECHNICAL),
        ),
    )
)

# Whoever captures sees all of what they sent themselves: nothing in it is new to them.
EPCIS_CAPTURE = register_record(
    RecordSpec(
        name="epcis_capture",
        model=EpcisCapture,
        restrict=restrict_captures,
        title_field="file",
        fields=(
            FieldSpec("created_at", pgettext_lazy("epcis", "Captured"), FieldClass.PUBLIC, kind="moment"),
            FieldSpec("file", pgettext_lazy("epcis", "File"), FieldClass.PUBLIC),
            FieldSpec("actor_name", pgettext_lazy("epcis", "Captured by"), FieldClass.PUBLIC),
        ),
    )
)


def told_to(actor: Actor, rows: QuerySet[Any] | None = None) -> QuerySet[Any]:
    """Of the rows (default: all) those that the actor may be told of, by what the actor may see of lots. Others' events say
    where lots come from: for whom that is withheld there are none. Pages, queries and documents all ask this."""
    rows = EpcisEvent.objects.all() if rows is None else rows
    if not LOT.may_read(actor, "supplier"):
        return rows.none()
    return rows if actor.scope("lot") is Scope.ALL else _of_lots(rows, LOT.visible_to(actor))


def events_seen(actor: Actor) -> QuerySet[Any]:
    """The events on the actor's pages: for who may look at events at all, and of those what may be told."""
    return told_to(actor, EPCIS_EVENT.visible_to(actor))
