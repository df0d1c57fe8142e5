"""Which captured events an actor sees: those whose lots of ours the actor may all see, and whose sources are no secret to them."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor, FieldClass, Scope
from bihuan.kernel.records import FieldSpec, RecordSpec

from ..models import EpcisEvent, EpcisLink
from ..records import LOT

TECHNICAL = FieldClass.TECHNICAL


def restrict_events(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Of those that name lots of ours. A declaration as wrong names none itself; it goes with the event that it is about."""
    links = EpcisLink.objects.filter(event=OuterRef("pk"))
    hidden = links.exclude(lot__in=LOT.visible_to(actor).order_by().values("pk"))
    about = EpcisEvent.objects.filter(Exists(links), ~Exists(hidden), is_error=False)
    return rows.filter(Q(pk__in=about.values("pk")) | Q(is_error=True, hash_id__in=about.values("hash_id")))


# Events are reached as lots are: the access table knows them by the name of lots.
EPCIS_EVENT = RecordSpec(
    name="lot",
    model=EpcisEvent,
    restrict=restrict_events,
    title_field="kind",
    fields=(
        FieldSpec("at", pgettext_lazy("epcis", "Event time"), TECHNICAL, kind="moment"),
        FieldSpec("kind", pgettext_lazy("epcis", "Event type"), TECHNICAL),
        FieldSpec("step", pgettext_lazy("epcis", "Business step"), TECHNICAL),
        FieldSpec("disposition", pgettext_lazy("epcis", "Disposition"), TECHNICAL),
        FieldSpec("read_point", pgettext_lazy("epcis", "Read point"), TECHNICAL),
        FieldSpec("lots", pgettext_lazy("epcis", "Lots"), TECHNICAL),
        FieldSpec("file", pgettext_lazy("epcis", "File"), TECHNICAL),
        FieldSpec("captured_at", pgettext_lazy("epcis", "Captured"), TECHNICAL, kind="moment"),
        FieldSpec("actor_name", pgettext_lazy("epcis", "Captured by"), TECHNICAL),
    ),
)


def reads_events(actor: Actor, action: str = "view") -> bool:
    """Others' events say where lots come from: for whom that is withheld there are none."""
    return LOT.may_read(actor, "supplier", action)


def events_seen(actor: Actor, action: str = "view") -> QuerySet[EpcisEvent]:
    return EPCIS_EVENT.visible_to(actor, action) if reads_events(actor, action) else EpcisEvent.objects.none()
