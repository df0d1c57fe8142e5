"""Keeping the events of a document and joining them to our lots, all in one transaction.

The same event twice is one; an event whose id is known with other content is refused, and the document with it. An error declaration
is kept beside the event that it is about, and what had followed from that event is taken back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path as File
from typing import Any

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.utils.translation import gettext as _

from bihuan.catalog.models import Product
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.outbox import publish
from bihuan.quality.epcis import Fault, check, times
from bihuan.quality.epcis.context import Namespaces
from bihuan.quality.epcis.documents import events_of
from bihuan.quality.epcis.faults import Path, say_path, shortened
from bihuan.quality.epcis.reading import read
from bihuan.quality.epcis.values import Findings
from bihuan.quality.epcis.writing import to_json
from bihuan.quality.evidence.faults import LogBusy
from bihuan.quality.evidence.files import locked
from bihuan.quality.models import EpcisEvent, EpcisLink, EpcisTerm

from .captures import Sent, note_kept, note_refused
from .contexts import parts_of
from .joining import BATCH, join, take_back
from .products import CHUNK, remember
from .telling import key_of, told_by
from .terms import terms_of

WAIT = 600.0  # seconds, for another document
LOCK = 0x45504349  # one capture at a time, so that two of one document are one


@dataclass(frozen=True, slots=True)
class Entry:
    path: Path
    event: dict[str, Any]
    names: Namespaces
    hash_id: str
    is_error: bool

    @property
    def id(self) -> str:
        return str(self.event.get("eventID") or "")[:500]


@dataclass(slots=True)
class Captured:
    """`stored`: events that were new; `declared`: error declarations among them; `left`: events that are kept and not joined, with
    their paths and why. `key`: of the row that tells afterwards what became of the document (see `captures`)."""

    events: int = 0
    hashes: list[str] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    stored: int = 0
    declared: int = 0
    lots: int = 0
    postings: int = 0
    left: list[tuple[str, str]] = field(default_factory=list)
    key: str = ""

    @property
    def accepted(self) -> bool:
        return not self.faults


def capture(
    *,
    actor: Actor,
    data: bytes,
    file: str = "",
    products: Mapping[str, Product] | None = None,
    enter_products: bool = False,
    wait: float = WAIT,
    now: datetime,
) -> Captured:
    """Keep a document's events. `products`: what others call our products, remembered from now on.

    `enter_products`: products that are not known are entered, not for sale. `wait`: seconds for another document that is being
    captured. Raises ``NotAllowed``, ``LogBusy``. A refused document leaves the row that says so and nothing else.
    """
    require(actor, "lot", "create")
    file = file.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")
    sent = Sent(actor, file, hashlib.sha256(data).hexdigest(), now)
    report = check(data)
    if not report.accepted:
        try:
            with _alone(wait), transaction.atomic():
                return note_refused(sent, Captured(report.events, faults=report.faults))
        except OperationalError as error:  # somebody writes for longer than one waits
            raise LogBusy("busy") from error
    tree = read(data, Findings())
    context = tree.get("@context") if isinstance(tree, dict) and "epcisBody" in tree else None
    entries = [
        Entry(path, event, names, hash_id, "errorDeclaration" in event)
        for (path, event, names), hash_id in zip(events_of(tree), report.hashes, strict=True)
    ]
    found = Captured(report.events, report.hashes)
    with _alone(wait), transaction.atomic():
        if connection.vendor == "postgresql":
            _lock(wait)
        found.faults = _changed(entries)
        if found.faults:
            return note_refused(sent, found)
        remember(products or {})
        fresh = _store(entries, context, sent)
        found.stored = len(fresh)
        found.declared = sum(one.is_error for one in fresh)
        _join(entries, found, actor, enter_products, now)
        note_kept(sent, found)
        publish("epcis.captured", {"events": found.stored, "lots": found.lots, "postings": found.postings}, now=now)  # fmt: skip
    return found


def _lock(wait: float) -> None:
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('lock_timeout', %s, true)", [f"{int(wait * 1000)}ms"])
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            cursor.execute("SELECT set_config('lock_timeout', '0', true)")
    except OperationalError as error:
        raise LogBusy("busy") from error


def _alone(wait: float) -> AbstractContextManager[None]:
    """SQLite gives up waiting for another's transaction sooner than a large document takes."""
    if connection.vendor == "postgresql" or connection.in_atomic_block:
        return nullcontext()
    return locked(File(settings.HOME) / "epcis.lock", wait)


def _changed(entries: list[Entry]) -> list[Fault]:
    """Events whose id stands for other content, in this document or among those kept."""
    known: dict[str, str] = {}
    ids = sorted({one.id for one in entries if one.id})
    for at in range(0, len(ids), CHUNK):
        rows = EpcisEvent.objects.filter(event_id__in=ids[at : at + CHUNK])
        known |= dict(rows.values_list("event_id", "hash_id"))
    found = Findings()
    for one in entries:
        if one.id and known.setdefault(one.id, one.hash_id) != one.hash_id:
            found.add((*one.path, "eventID"), "changed_event", value=shortened(one.id))
    return found.told()


def _known(hashes: set[str]) -> dict[tuple[str, bool], int]:
    found: dict[tuple[str, bool], int] = {}
    wanted = sorted(hashes)
    for at in range(0, len(wanted), CHUNK):
        rows = EpcisEvent.objects.filter(hash_id__in=wanted[at : at + CHUNK])
        found |= {
            (hash_id, wrong): pk for pk, hash_id, wrong in rows.values_list("pk", "hash_id", "is_error")
        }
    return found


def _store(entries: list[Entry], context: Any, sent: Sent) -> list[EpcisEvent]:
    known = _known({one.hash_id for one in entries})
    fresh: dict[tuple[str, bool], EpcisEvent] = {}
    said: list[tuple[EpcisEvent, set[tuple[str, str]]]] = []
    for one in entries:
        key = (one.hash_id, one.is_error)
        if key in known or key in fresh:
            continue
        recorded = one.event.get("recordTime")
        fresh[key] = EpcisEvent(
            hash_id=one.hash_id, is_error=one.is_error, event_id=one.id, kind=str(one.event["type"])[:200],
            at=_moment(one.event["eventTime"]), recorded_at=times.parse(recorded) if recorded else None,
            body=canonical_json(one.event, context), document=sent.document, file=sent.file[-200:],
            captured_at=sent.now, actor=sent.actor.key, actor_name=sent.actor.name[:150],
        )  # fmt: skip
        said.append((fresh[key], terms_of(one.event)))
    made = EpcisEvent.objects.bulk_create(fresh.values(), batch_size=BATCH)
    EpcisTerm.objects.bulk_create(
        (
            EpcisTerm(event=event, field=name, value=value)
            for event, terms in said
            for name, value in sorted(terms)
        ),
        batch_size=BATCH,
    )
    return made


def _moment(text: str) -> datetime:
    found = times.parse(text)
    assert found is not None  # the check saw to it
    return found


def canonical_json(event: dict[str, Any], context: Any) -> str:
    """The event as it was, fields in order of their names, with all contexts that it stood under: readable alone."""
    return to_json(_ordered(event | {"@context": parts_of(context, event.get("@context"))}))


def _ordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _ordered(value[key]) for key in sorted(value)}
    return [_ordered(one) for one in value] if isinstance(value, list) else value


def _join(entries: list[Entry], found: Captured, actor: Actor, enter_products: bool, now: datetime) -> None:
    stored = _known({one.hash_id for one in entries})
    wrong = {hash_id for hash_id, is_error in stored if is_error}
    take_back({key_of(one) for one in wrong}, actor, now)
    paths: dict[str, Path] = {}  # in the document's order
    told = []
    for one in entries:
        if one.hash_id in wrong or key_of(one.hash_id) in paths:
            continue
        paths[key_of(one.hash_id)] = one.path
        says = told_by(one.event, one.names, one.hash_id)
        if says is not None:
            told.append(says)
        else:
            found.left.append((say_path(one.path), _("An event type of one's own.")))
    joined = join(actor, told, enter_products=enter_products, now=now)
    found.lots, found.postings = joined.lots_made, joined.postings
    found.left += [(say_path(path), joined.left[key]) for key, path in paths.items() if key in joined.left]
    rows = {key_of(hash_id): pk for (hash_id, is_error), pk in stored.items() if not is_error}
    EpcisLink.objects.bulk_create(
        (
            EpcisLink(event_id=rows[key], lot=lot, role=role, uri=uri)
            for key, lot, role, uri in joined.links
            if len(uri) <= 1000
        ),
        ignore_conflicts=True,
        batch_size=BATCH,
    )
