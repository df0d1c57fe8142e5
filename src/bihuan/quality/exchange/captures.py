"""What became of each document that was sent, by page, command or program: the standard's capture jobs (EPCIS 2.0 §12.6).

A document is kept or refused before its sender is answered, so that no capture is ever found running. Rows are written in the
transaction of the capture, seen by who sent the document, and removed after `KEPT_FOR`; events and journal stay.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.db.models import Q, QuerySet

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, Scope
from bihuan.kernel.pages.keyset import Order, Position, take
from bihuan.people.models import User
from bihuan.quality.epcis.faults import MESSAGES, Fault

from ..models import EpcisCapture

if TYPE_CHECKING:
    from .capturing import Captured

KEPT_FOR = timedelta(days=90)
MOST_REASONS = 200
LONGEST = 500  # characters of a path or value
NEWEST_FIRST = Order("created_at", descending=True)


@dataclass(frozen=True, slots=True)
class Sent:
    """A document on its way in; `document` is its SHA-256."""

    actor: Actor
    file: str
    document: str
    now: datetime


def restrict_captures(actor: Actor, scope: Scope, rows: QuerySet[Any]) -> QuerySet[Any]:
    """Own: what the actor sent. Team: what the team's members sent, too. What the system captured is nobody's."""
    own = Q(person_id=actor.user_id) & ~Q(person_id=None)
    if scope is Scope.OWN:
        return rows.filter(own)
    members = User.objects.filter(team_id__in=actor.team_ids).values("pk")
    return rows.filter(own | Q(person_id__in=members))


def note_kept(sent: Sent, found: Captured) -> None:
    """Within the transaction of the capture."""
    record(
        sent.actor, sent.now, "epcis.capture", object_type="epcis", object_name=sent.file[:300],
        after={"events": found.events, "stored": found.stored, "lots": found.lots, "postings": found.postings},
    )  # fmt: skip
    _note(
        sent, found, stored=found.stored, declared=found.declared, lots=found.lots, postings=found.postings,
        left=len(found.left),
        reasons=[{"path": _clean(path), "message": _clean(why)} for path, why in found.left[:MOST_REASONS]],
    )  # fmt: skip


def note_refused(sent: Sent, found: Captured) -> Captured:
    """The same capture, noted."""
    record(
        sent.actor, sent.now, "epcis.refused", object_type="epcis", object_name=sent.file[:300],
        after={"errors": _count(found.faults)},
    )  # fmt: skip
    _note(sent, found, errors=[_kept(one) for one in found.faults])
    return found


def _note(sent: Sent, found: Captured, **told: Any) -> None:
    row = EpcisCapture.objects.create(
        key=secrets.token_hex(16), created_at=sent.now, via=sent.actor.via, person_id=sent.actor.user_id,
        actor_name=sent.actor.name[:150], file=_clean(sent.file[-200:]), document=sent.document,
        is_success=found.accepted, events=found.events, **told,
    )  # fmt: skip
    found.key = row.key


def _count(faults: list[Fault]) -> int:
    """With those that are only counted."""
    return sum(one.values["count"] if one.code == "more" else 1 for one in faults)  # type: ignore[misc]


def _kept(fault: Fault) -> dict[str, Any]:
    values = {key: one if isinstance(one, int) else _clean(str(one)) for key, one in fault.values.items()}
    return {"path": _clean(fault.where), "code": fault.code, "values": values}


def _clean(text: str) -> str:
    """As the database takes it: no NUL, no half of a character pair, not endless."""
    return text[:LONGEST].replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def faults_of(row: EpcisCapture) -> list[tuple[str, Fault]]:
    """Why a document was refused: the path as it was said, and the fault for a sentence in the reader's language."""
    return [
        (one["path"], Fault((), one["code"], one["values"])) for one in row.errors if one["code"] in MESSAGES
    ]


def captures_page(
    rows: QuerySet[Any], size: int, position: Position | None
) -> tuple[list[EpcisCapture], str]:
    """The newest first, at most `size` after the position; and the token of the next page, "" on the last."""
    found, more = take(rows, NEWEST_FIRST, size, position, False, ())
    by_key = rows.model._default_manager.in_bulk([one[0] for one in found])
    token = NEWEST_FIRST.position(found[-1][1], found[-1][0]).token() if more else ""
    return [by_key[one[0]] for one in found], token


def forget_captures(now: datetime) -> int:
    """Remove what is older than `KEPT_FOR`; how many."""
    return EpcisCapture.objects.filter(created_at__lt=now - KEPT_FOR).delete()[0]
