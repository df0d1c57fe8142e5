"""What the page of a captured event shows, what is answered to an upload, and what became of the last ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import Http404

from bihuan.audit.wording import via_word
from bihuan.kernel.actor import Actor
from bihuan.quality.epcis import Fault
from bihuan.quality.epcis.writing import to_json

from ..epcis_commands import say_fault
from ..models import EpcisCapture, EpcisEvent, EpcisLink, Lot
from ..records import LOT
from .captures import faults_of
from .lists import described
from .records import EPCIS_CAPTURE, events_seen

MOST_TEXT = 100_000  # characters of an event's JSON on its page
MOST_LOTS = 60
MOST_RECENT = 5
MOST_LINES = 20


@dataclass(slots=True)
class EventPage:
    """`event` with its description; `others`: the rows of the same event, as it was told and as it was declared wrong."""

    event: EpcisEvent
    text: str
    is_cut: bool
    links: list[EpcisLink]
    has_more_links: bool
    others: list[EpcisEvent]


def event_page(actor: Actor, identity: int) -> EventPage:
    """Raises ``Http404`` for an event that the actor does not see."""
    event: EpcisEvent | None = described(events_seen(actor)).filter(pk=identity).first()
    if event is None:
        raise Http404(identity)
    text = "".join(pretty(json.loads(event.body, parse_float=Decimal)))
    # Of the same hash: who sees the one sees the other.
    same = EpcisEvent.objects.filter(hash_id=event.hash_id).exclude(pk=event.pk).order_by("pk")
    others = list(same.defer("body"))
    about = [event.pk, *(one.pk for one in others)]
    links = list(
        EpcisLink.objects.filter(event__in=about)
        .select_related("lot__product")
        .order_by("pk")[: MOST_LOTS + 1]
    )
    return EventPage(
        event, text[:MOST_TEXT], len(text) > MOST_TEXT, links[:MOST_LOTS], len(links) > MOST_LOTS, others
    )


@dataclass(slots=True)
class Recent:
    """A capture, with what is said of it: why it was refused, or what of it was not joined."""

    row: EpcisCapture
    via: str
    lines: list[tuple[str, str]]
    more: int


def recent_captures(actor: Actor) -> list[Recent]:
    """The last few that the actor may see, the newest first."""
    rows = EPCIS_CAPTURE.visible_to(actor).order_by("-created_at", "-pk")[:MOST_RECENT]
    found = []
    for row in rows:
        lines = [(one["path"], one["message"]) for one in row.reasons]
        if not row.is_success:
            lines = [(path, say_fault(fault)) for path, fault in faults_of(row)]
        more = (row.left if row.is_success else len(row.errors)) - MOST_LINES
        found.append(Recent(row, via_word(row.via), lines[:MOST_LINES], max(more, 0)))
    return found


def said(faults: list[Fault]) -> list[tuple[str, str]]:
    return [(one.where, say_fault(one)) for one in faults]


def lots_of(actor: Actor, hashes: list[str]) -> tuple[list[Lot], bool]:
    """The lots that events name, as far as the actor sees them; whether there are more than are shown."""
    links = EpcisLink.objects.filter(event__hash_id__in=hashes[:1000])
    rows = LOT.visible_to(actor).filter(pk__in=links.values("lot")).select_related("product")
    found = list(rows.order_by("product__code", "number")[: MOST_LOTS + 1])
    return found[:MOST_LOTS], len(found) > MOST_LOTS


def pretty(value: Any, indent: str = "") -> Iterator[str]:
    """JSON over several lines, numbers digit for digit."""
    inner = indent + "  "
    if isinstance(value, dict) and value:
        yield "{\n"
        for at, (key, one) in enumerate(value.items()):
            yield f"{inner if not at else ',' + chr(10) + inner}{to_json(str(key))}: "
            yield from pretty(one, inner)
        yield f"\n{indent}}}"
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        yield "[\n"
        for at, one in enumerate(value):
            yield inner if not at else f",\n{inner}"
            yield from pretty(one, inner)
        yield f"\n{indent}]"
    else:
        yield to_json(value)
