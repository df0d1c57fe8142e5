"""Reading series for their pages. Every read starts from what the actor may see; who may read a lot's readings may read its series."""

from __future__ import annotations

from django.http import Http404

from bihuan.kernel.actor import Actor

from ..lots.queries import get_lot
from ..models import Lot, ReadingSeries
from ..records import LOT_READING

MOST = 60


def series_of(actor: Actor, lot: Lot) -> list[ReadingSeries]:
    """Of a lot that the actor sees, those with points outside their limits first; nothing for whom readings are withheld."""
    if not LOT_READING.may_read(actor, "said"):
        return []
    rows = LOT_READING.visible_to(actor, rows=ReadingSeries.objects.filter(lot=lot))
    found = list(rows.order_by("id")[:MOST])
    return sorted(found, key=lambda one: not one.summary.get("outside"))


def get_series(actor: Actor, lot_id: int, series_id: int) -> ReadingSeries:
    """One series of a lot; 404 where either is not the actor's to see."""
    lot = get_lot(actor, lot_id)
    if not LOT_READING.may_read(actor, "said"):
        raise Http404(series_id)
    rows = LOT_READING.visible_to(actor, rows=ReadingSeries.objects.filter(lot=lot))
    row: ReadingSeries | None = (
        rows.select_related("lot__product").defer("shape").filter(pk=series_id).first()
    )
    if row is None:
        raise Http404(series_id)
    return row
