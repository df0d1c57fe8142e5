"""Beginning a recall: the forward trace is frozen, everything of it held, the list of who is to be told written."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed, require
from bihuan.kernel.fields import plain
from bihuan.kernel.outbox import publish
from bihuan.kernel.sets import insert_rows
from bihuan.kernel.time import local_date

from ..deciding import hold_all, locked_row
from ..errors import LotError
from ..models import (
    Lot,
    Movement,
    Recall,
    RecallEntry,
    RecallEvent,
    RecallLot,
    RecallShipment,
    RecallStart,
)
from ..records import LOT
from ..tracing import Trace, trace
from .begun import refuse_begun
from .rules import NONE, Sums, spread
from .stages import Stages
from .whereabouts import sums_of

SILENT = Stages()


@dataclass(frozen=True, slots=True)
class _Look:
    """What was made of a lot and where it is; `mark`: the last posting before it was looked at."""

    found: Trace
    sums: dict[int, Sums]
    mark: int


def start(
    *, actor: Actor, lot: Lot, reason: str, level: str, asked: str, now: datetime,
    begun: RecallStart | None = None, stages: Stages = SILENT,
) -> Recall:  # fmt: skip
    """Call a lot back, with all that was made of it. What is frozen is the whole trace, whatever the actor sees of it.

    `begun`: what a job carries out with this, marked as done with it; the recall there is, where another worker was faster.
    `stages` hears how far it is.
    Raises ``Http404``, ``NotAllowed``, ``LotError`` with code reason, choice, twice, rejected, nothing, size.
    """
    check_asked(actor, lot, reason, level, asked)
    stages.follow()
    look = _look(lot, stages)  # the longest part, before anybody has to wait for this
    stages.write(look.found)
    with transaction.atomic():
        _lock_older(lot, look.found)
        row = locked_row(lot)  # of two at once the second sees from here on what the first did
        done = None if begun is None else Recall.objects.filter(begun=begun).first()
        if done is not None:
            return done
        refuse_twice(row)
        if begun is None:
            refuse_begun(row)
        _refuse_senseless(row, look.found)
        try:
            with transaction.atomic():
                recall = Recall.objects.create(
                    number="", lot=row, reason=reason.strip()[:300], level=level, asked=asked, started_at=now,
                    started_by=actor.name[:150], created_at=now, updated_at=now,
                )  # fmt: skip
        except IntegrityError as error:
            raise _twice("") from error
        recall.number = f"R{local_date(now).year}-{recall.pk:04d}"
        said = _("Recall %(number)s: %(reason)s") % {"number": recall.number, "reason": recall.reason}
        held, look = _hold(actor, row, look, said, now, stages)
        _freeze(recall, look, now, stages)
        recall.save(update_fields=["number", "whole"])
        count = len(look.found.nodes)
        RecallEvent.objects.create(
            recall=recall, at=now, kind="started", note=recall.reason, actor=actor.key, actor_name=actor.name[:150],
            data={"held": held, "lots": count},
        )  # fmt: skip
        record(actor, now, "recall.started", recall, after={"count": count}, note=recall.reason)
        publish("lot.recalled", {"recall": recall.pk, "lot": row.pk}, now=now)
        if begun is not None:
            begun.recall = recall
            begun.save(update_fields=["recall"])
    return recall


def check_asked(actor: Actor, lot: Lot, reason: str, level: str, asked: str) -> None:
    """Whether the actor may recall the lot, and said all that is to be said."""
    require(actor, "recall", "create")
    if not LOT.visible_to(actor).filter(pk=lot.pk).exists():
        raise Http404("lot")
    if not LOT.visible_to(actor, "edit").filter(pk=lot.pk).exists():
        raise NotAllowed("lot", "edit")
    if not reason.strip():
        raise LotError(_("Say why."), "reason", "reason")
    if level not in Recall.Level.values or asked not in Recall.Asked.values:
        raise LotError(_("Choose a class and what is asked of customers."), "choice")


def _lock_older(lot: Lot, found: Trace) -> None:
    """Lots are locked by ascending id, here as where something is posted, so that neither waits for the other for ever. What was made of
    a lot may be older than it: a tank that it was filled into."""
    older = [key for key in found.nodes if key < lot.pk]
    if older and connection.features.has_select_for_update:
        list(Lot.objects.filter(pk__among=older).order_by("id").select_for_update().values_list("pk"))


def refuse_twice(row: Lot) -> None:
    """`row`: the lot, locked."""
    known = Recall.objects.filter(lot=row, closed_at=None).first()
    if known is not None:
        raise _twice(known.number)


def _look(lot: Lot, stages: Stages = SILENT) -> _Look:
    mark = _last_posting()
    found = trace(SYSTEM, lot, up=False)
    stages.add_up(found)
    return _Look(found, sums_of(found.nodes), mark)


def _last_posting() -> int:
    return Movement.objects.order_by("-pk").values_list("pk", flat=True).first() or 0


def _hold(actor: Actor, row: Lot, look: _Look, said: str, now: datetime, stages: Stages) -> tuple[int, _Look]:
    """All of it on hold, and as it stands then: what is on hold is neither used nor shipped, and what was posted between looking
    and holding is looked at, too."""
    held, known = 0, set[int]()
    while True:
        held += hold_all(actor=actor, lots=look.found.nodes.keys() - known, reason=said, now=now)
        known |= look.found.nodes.keys()
        # On SQLite nobody else writes meanwhile. On PostgreSQL a posting with an earlier number may come to light later.
        if not connection.features.has_select_for_update and look.mark == _last_posting():
            return held, look
        stages.look_again(look.found)
        look = _look(row)
        _refuse_senseless(row, look.found)
        if look.found.nodes.keys() <= known:
            return held, look


def _twice(number: str) -> LotError:
    return LotError(_("This lot is being recalled already: %(number)s.") % {"number": number}, "twice")


def _refuse_senseless(lot: Lot, found: Trace) -> None:
    if found.is_cut_short:
        raise LotError(_("This trace is longer than a recall can hold."), "size")
    if found.shipments:
        return
    if lot.disposition == Lot.Status.REJECTED:
        raise LotError(_("This lot is rejected and nothing of it left the plant: there is nothing to recall."), "rejected")  # fmt: skip
    if not any(one.quantity is None or one.quantity > 0 for one in found.nodes.values()):
        raise LotError(_("Nothing of this lot was shipped and nothing is in stock: there is nothing to recall."), "nothing")  # fmt: skip


def _freeze(recall: Recall, look: _Look, now: datetime, stages: Stages) -> None:
    found, sums = look.found, look.sums
    stages.write_lots(found)
    places = dict(Lot.objects.filter(pk__among=found.nodes).exclude(place="").values_list("pk", "place"))
    insert_rows(
        RecallLot,
        ("recall", "lot", "share", "place", "made", "stock", "shipped", "used", "lost"),
        (
            (recall.pk, key, node.share, places.get(key, ""), one.made, one.stock, one.shipped, one.used, one.lost)
            for key, node in found.nodes.items()
            for one in (sums[key],)
        ),
    )  # fmt: skip
    whole = spread(recall.lot_id, {key: node.share for key, node in found.nodes.items()}, sums)
    if whole is not None:
        recall.whole = {
            key: plain(round(value, 6)) if isinstance(value, Decimal) else value
            for key, value in asdict(whole).items()
        }
    stages.list_customers(found)
    amounts: dict[tuple[int, str], Decimal] = {}
    for one in found.shipments:
        amounts[one.customer, one.unit] = amounts.get((one.customer, one.unit), NONE) + one.quantity
    entries = {
        key: RecallEntry(
            recall=recall, customer_id=key[0], unit=key[1], quantity=amount, created_at=now, updated_at=now
        )
        for key, amount in amounts.items()
    }
    RecallEntry.objects.bulk_create(entries.values(), batch_size=2000)
    insert_rows(
        RecallShipment,
        ("entry", "lot", "order", "quantity", "share", "shipped_at"),
        (
            (
                entries[one.customer, one.unit].pk, one.lot, one.order, one.quantity, found.nodes[one.lot].share,
                one.at,
            )
            for one in found.shipments
        ),
    )  # fmt: skip
