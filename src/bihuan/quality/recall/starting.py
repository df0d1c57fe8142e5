"""Beginning a recall: the forward trace is frozen, everything of it held, the list of who is to be told written."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from decimal import Decimal

from django.db import IntegrityError, connection, transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import SYSTEM, Actor, NotAllowed, require
from bihuan.kernel.fields import plain
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import local_date

from ..deciding import hold_all
from ..errors import LotError
from ..models import Lot, Recall, RecallEntry, RecallEvent, RecallLot, RecallShipment
from ..records import LOT
from ..tracing import Trace, in_list, trace
from .rules import NONE, spread
from .whereabouts import sums_of


@transaction.atomic
def start(*, actor: Actor, lot: Lot, reason: str, level: str, asked: str, now: datetime) -> Recall:
    """Call a lot back, with all that was made of it. What is frozen is the whole trace, whatever the actor sees of it.

    Raises ``Http404``, ``NotAllowed``, ``LotError`` with code reason, choice, twice, rejected, nothing, size.
    """
    require(actor, "recall", "create")
    if not LOT.visible_to(actor).filter(pk=lot.pk).exists():
        raise Http404("lot")
    if not LOT.visible_to(actor, "edit").filter(pk=lot.pk).exists():
        raise NotAllowed("lot", "edit")
    if not reason.strip():
        raise LotError(_("Say why."), "reason", "reason")
    if level not in Recall.Level.values or asked not in Recall.Asked.values:
        raise LotError(_("Choose a class and what is asked of customers."), "choice")
    rows = Lot.objects.filter(pk=lot.pk)
    row = (rows.select_for_update() if connection.features.has_select_for_update else rows).get()
    known = Recall.objects.filter(lot=row, closed_at=None).first()
    if known is not None:
        raise _twice(known.number)
    found = trace(SYSTEM, row, up=False)
    _refuse_senseless(row, found)
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
    held = hold_all(actor=actor, lots=found.nodes, reason=said, now=now)
    _freeze(recall, found, now)
    recall.save(update_fields=["number", "whole"])
    RecallEvent.objects.create(
        recall=recall, at=now, kind="started", note=recall.reason, actor=actor.key, actor_name=actor.name[:150],
        data={"held": held, "lots": len(found.nodes)},
    )  # fmt: skip
    record(actor, now, "recall.started", recall, after={"count": len(found.nodes)}, note=recall.reason)
    publish("lot.recalled", {"recall": recall.pk, "lot": row.pk}, now=now)
    return recall


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


def _freeze(recall: Recall, found: Trace, now: datetime) -> None:
    sums = sums_of(found.nodes)
    places = dict(
        Lot.objects.filter(pk__in=in_list(found.nodes)).exclude(place="").values_list("pk", "place")
    )
    RecallLot.objects.bulk_create(
        (
            RecallLot(
                recall=recall, lot_id=key, share=node.share, place=places.get(key, ""), made=sums[key].made,
                stock=sums[key].stock, shipped=sums[key].shipped, used=sums[key].used, lost=sums[key].lost,
            )
            for key, node in found.nodes.items()
        ),
        batch_size=2000,
    )  # fmt: skip
    whole = spread(recall.lot_id, {key: node.share for key, node in found.nodes.items()}, sums)
    if whole is not None:
        recall.whole = {
            key: plain(round(value, 6)) if isinstance(value, Decimal) else value
            for key, value in asdict(whole).items()
        }
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
    RecallShipment.objects.bulk_create(
        (
            RecallShipment(
                entry=entries[one.customer, one.unit], lot_id=one.lot, order_id=one.order, quantity=one.quantity,
                share=found.nodes[one.lot].share, shipped_at=one.at,
            )
            for one in found.shipments
        ),
        batch_size=2000,
    )  # fmt: skip
