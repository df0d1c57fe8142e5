"""Progress of a recall: a customer is told, answers, cannot be reached; the recall is closed. Each is an event that stays."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import connection, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, NotAllowed
from bihuan.kernel.fields import plain
from bihuan.kernel.outbox import publish
from bihuan.kernel.pages.values import said_name

from ..errors import LotError
from ..models import Recall, RecallEntry, RecallEvent
from .records import RECALL, RECALL_ENTRY

State = RecallEntry.State


@transaction.atomic
def tell(
    *, actor: Actor, entry: RecallEntry, via: str, whom: str = "", note: str = "", seen: int, now: datetime
) -> RecallEntry:
    """Note that the customer was told. `seen`: the version of the entry that the actor looked at.

    Raises ``Http404``, ``NotAllowed``, ``LotError`` with code changed, closed, choice.
    """
    row = _open_entry(actor, entry, seen)
    if via not in RecallEntry.Via.values:
        raise LotError(_("Say how they were told."), "choice", "via")
    row.told_at = row.told_at or now
    row.told_via, row.told_whom = via, whom.strip()[:80]
    if row.state != State.ANSWERED:
        row.state = State.TOLD
    _append(row, actor, "told", note, now, via=via)
    publish("recall.told", {"recall": row.recall_id, "entry": row.pk}, now=now)
    return row


@transaction.atomic
def unreachable(*, actor: Actor, entry: RecallEntry, note: str, seen: int, now: datetime) -> RecallEntry:
    """Note that the customer could not be reached, and what was tried. Raises as `tell`; code told where they were told."""
    row = _open_entry(actor, entry, seen)
    if not note.strip():
        raise LotError(_("Say what was tried."), "reason", "note")
    if row.told_at is not None:
        raise LotError(_("This customer was told already."), "told")
    row.state = State.UNREACHABLE
    _append(row, actor, "unreachable", note, now)
    return row


@transaction.atomic
def answer(
    *, actor: Actor, entry: RecallEntry, found: Decimal, returned: Decimal, used_up: Decimal, note: str = "",
    seen: int, now: datetime,
) -> RecallEntry:  # fmt: skip
    """Note what the customer answered: how much they keep apart, sent back, have used up; all so far, in the entry's unit.

    Raises as `tell`; code untold, quantity.
    """
    row = _open_entry(actor, entry, seen)
    if row.told_at is None:
        raise LotError(_("Note first how this customer was told."), "untold")
    if min(found, returned, used_up) < 0:
        raise LotError(_("Quantities are not below zero."), "quantity")
    total = found + returned + used_up
    if total > row.quantity:
        raise LotError(
            _("That is %(total)s, but %(quantity)s was shipped.")
            % {"total": plain(total), "quantity": plain(row.quantity)},
            "quantity",
        )
    row.found, row.returned, row.used_up, row.state = found, returned, used_up, State.ANSWERED
    said = {"found": plain(found), "returned": plain(returned), "used_up": plain(used_up)}
    _append(row, actor, "answered", note, now, **said)
    return row


@transaction.atomic
def close(*, actor: Actor, recall: Recall, summary: str, now: datetime) -> Recall:
    """Close a recall with what came of it. Its lots stay on hold until they are decided about.

    Raises ``Http404``, ``NotAllowed``, ``LotError`` with code reason, closed, untold.
    """
    if not RECALL.visible_to(actor).filter(pk=recall.pk).exists():
        raise Http404("recall")
    if not RECALL.visible_to(actor, "edit").filter(pk=recall.pk).exists():
        raise NotAllowed("recall", "edit")
    row = _locked(recall.pk)
    if row.closed_at is not None:
        raise LotError(_("This recall is closed already."), "closed")
    if not summary.strip():
        raise LotError(_("Say what came of it."), "reason", "summary")
    waiting = row.entries.filter(state=State.WAITING).count()
    if waiting:
        raise LotError(
            _("%(n)s still to be told. Tell them, or note why they cannot be reached.") % {"n": waiting},
            "untold",
        )
    row.closed_at, row.summary = now, summary.strip()
    row.version += 1
    row.updated_at = now
    row.save(update_fields=["closed_at", "summary", "version", "updated_at"])
    RecallEvent.objects.create(
        recall=row,
        at=now,
        kind="closed",
        note=row.summary[:500],
        actor=actor.key,
        actor_name=actor.name[:150],
    )
    record(actor, now, "recall.closed", row, note=row.summary[:300])
    publish("recall.closed", {"recall": row.pk}, now=now)
    return row


def _locked(recall: int) -> Recall:
    rows = Recall.objects.filter(pk=recall)
    return (rows.select_for_update() if connection.features.has_select_for_update else rows).get()


def _open_entry(actor: Actor, entry: RecallEntry, seen: int) -> RecallEntry:
    """The entry to be written, its recall locked so that it is not closed meanwhile."""
    if not RECALL_ENTRY.visible_to(actor).filter(pk=entry.pk).exists():
        raise Http404("recall_entry")
    if not RECALL_ENTRY.visible_to(actor, "edit").filter(pk=entry.pk).exists():
        raise NotAllowed("recall_entry", "edit")
    if _locked(entry.recall_id).closed_at is not None:
        raise LotError(_("This recall is closed already."), "closed")
    row = RecallEntry.objects.get(pk=entry.pk)
    if row.version != seen:
        last = row.events.order_by("-id").first()
        said = {
            "name": said_name(last.actor_name) if last else "",
            "state": State(row.state).label,
        }
        raise LotError(
            _("Meanwhile %(name)s wrote: %(state)s. Look at it again before you go on.") % said, "changed"
        )
    return row


def _append(row: RecallEntry, actor: Actor, kind: str, note: str, now: datetime, **data: Any) -> None:
    row.version += 1
    row.updated_at = now
    row.save()
    RecallEvent.objects.create(
        recall_id=row.recall_id, entry=row, at=now, kind=kind, note=note.strip()[:500], actor=actor.key,
        actor_name=actor.name[:150], data=data,
    )  # fmt: skip
    record(actor, now, f"recall.{kind}", row, object_name=str(row.pk), note=note.strip()[:300])
