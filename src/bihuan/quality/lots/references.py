"""How others refer to lots and to shipments of lots: found by what people type, led to by a link.

What is not found stays as it was typed: a lot may be of a plant whose data come later.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models.functions import Upper
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.references import ReferenceKind, register_reference_kind, tidy_key

from ..models import Lot
from ..naming import lot_name
from ..records import LOT, LOT_SHIPMENT
from .queries import lots_called


def lots_meant(actor: Actor, keys: Iterable[str], customer: int) -> dict[str, list[Lot]]:
    """The lots that each text may mean. Of several under one number those count that this customer has, where it has one."""
    found = lots_called(actor, keys)
    unclear = {lot.pk for lots in found.values() if len(lots) > 1 for lot in lots}
    if unclear:
        having = LOT_SHIPMENT.visible_to(actor).filter(customer=customer, lot__in=unclear)
        theirs = set(having.order_by().values_list("lot", flat=True))
        for key, lots in found.items():
            if len(lots) > 1:
                found[key] = [lot for lot in lots if lot.pk in theirs] or lots
    return found


def find_lot(actor: Actor, text: str, customer: int) -> str | None:
    lots = lots_meant(actor, [text], customer)[text] if actor.may("lot") else []
    return lot_name(lots[0]) if len(lots) == 1 else None


def lot_urls(actor: Actor, keys: Iterable[str], customer: int) -> dict[str, str]:
    if not actor.may("lot"):
        return {}
    found = lots_meant(actor, keys, customer)
    return {
        key: f"{reverse('lot', args=[lots[0].pk])}?customer={customer}"
        for key, lots in found.items()
        if len(lots) == 1
    }


def find_shipment(actor: Actor, text: str, customer: int) -> str | None:
    """The document number as it was posted."""
    numbers = _shipments(actor, [tidy_key(text)], customer)
    return next((number for number, _lot in numbers), None)


def shipment_urls(actor: Actor, keys: Iterable[str], customer: int) -> dict[str, str]:
    """To the first lot of the shipment; the case lists the others."""
    if not actor.may("lot"):
        return {}
    found: dict[str, str] = {}
    for number, lot in _shipments(actor, keys, customer):
        found.setdefault(tidy_key(number), f"{reverse('lot', args=[lot])}?customer={customer}")
    return found


def lots_in_shipments(actor: Actor, keys: Iterable[str], customer: int) -> list[Lot]:
    """The lots that left under these documents for this customer, as far as the actor may see them."""
    keys = list(keys)
    if not keys or not actor.may("lot"):
        return []
    ids = {lot for _number, lot in _shipments(actor, keys, customer)}
    return list(LOT.visible_to(actor).filter(pk__in=ids).select_related("product").order_by("id"))


def _shipments(actor: Actor, keys: Iterable[str], customer: int) -> list[tuple[str, int]]:
    if not actor.may("lot_shipment"):
        return []
    rows = LOT_SHIPMENT.visible_to(actor).filter(customer=customer).alias(upper=Upper("movement__number"))
    return list(rows.filter(upper__in=list(keys)).order_by("id").values_list("movement__number", "lot")[:200])


for one in (
    ReferenceKind(
        "lot", pgettext_lazy("reference", "Lot"), ("lot", "batch", "批号", "批次"), 30, find_lot, lot_urls, True,
    ),
    ReferenceKind(
        "shipment", pgettext_lazy("reference", "Shipment"), ("shipment", "运单", "发货单", "车号"), 40, find_shipment, shipment_urls, True,
    ),
):  # fmt: skip
    register_reference_kind(one)
