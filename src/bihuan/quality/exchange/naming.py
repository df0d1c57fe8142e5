"""What a posting that came of another company's event is called for people: what kind of event, and the partner's document.

Its own number is the event's hash, which is for programs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Case, F, TextField, Value, When
from django.db.models.functions import Length

from bihuan.kernel.actor import Actor

from ..epcis.hashing import VERSIONS
from ..models import Movement
from ..posting import TOLD
from .records import events_seen
from .telling import key_of

MOST_BODY = 200_000  # characters; a longer event goes without its partner's document
SHORT = 8  # characters of the digest


@dataclass(frozen=True, slots=True)
class Document:
    """`text` for people; `event`: its page, for who may see it."""

    text: str
    event: int | None = None


def documents_of(actor: Actor, movements: Iterable[Movement]) -> dict[str, Document]:
    """By their number those of these postings that came of events, and the taking back of such. At most one query."""
    keys = {one.number: key for one in movements if (key := _key(one.number))}
    if not keys:
        return {}
    wanted = [f"ni:///sha-256;{one}?ver={version}" for one in set(keys.values()) for version in VERSIONS]
    rows = events_seen(actor).filter(hash_id__in=wanted, is_error=False)
    small = When(size__lte=MOST_BODY, then=F("body"))
    body = Case(small, default=Value(""), output_field=TextField())
    told = rows.annotate(size=Length("body"), small=body).values_list("hash_id", "pk", "kind", "small")
    known = {key_of(hash_id): (pk, kind, text) for hash_id, pk, kind, text in told}
    found = {}
    for number, key in keys.items():
        short = key[:SHORT]
        if key not in known:
            found[number] = Document(f"EPCIS {short}")
            continue
        pk, kind, text = known[key]
        found[number] = Document(f"{kind} {partners_document(text) or short}", pk)
    return found


def _key(number: str) -> str:
    bare = number.removeprefix("-")
    return bare.removeprefix(TOLD) if bare.startswith(TOLD) else ""


def partners_document(body: str) -> str:
    """The first business document that the event names: its last part, which is the number that stands on the paper."""
    try:
        event: Any = json.loads(body)
    except ValueError:
        return ""
    listed = event.get("bizTransactionList") if isinstance(event, dict) else None
    for one in listed if isinstance(listed, list) else ():
        said = one.get("bizTransaction") if isinstance(one, dict) else None
        if isinstance(said, str) and said.strip("/:"):
            return said.strip("/:").replace("/", ":").rpartition(":")[2][:40]
    return ""
