"""Which lots the actor may put beside a lot on one certificate, and those that a certificate has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor

from ...models import (
    Certificate,
    CertificateLot,
    CertificateVersion,
    Lot,
    LotReservation,
    LotShipment,
    Movement,
)
from ...records import LOT, LOT_RESERVATION, LOT_SHIPMENT
from ...shipping.reserved import holding
from . import rules

MOST_OFFERED = 50
# Shipments that were not taken back; that something of them came back later changes nothing about where they went.
STANDS = Q(quantity__gt=0, movement__kind=Movement.Kind.SHIP) & ~Q(arrival=LotShipment.Arrival.REVERSED)


def lots_of(row: Certificate) -> list[int]:
    """The ids of all lots of a certificate, the first in front."""
    return [row.lot_id, *(int(one) for one in row.further.split(",") if one)]


def covering(*lots: int) -> Q:
    """Certificates of any of the lots, alone or with others."""
    return Q(lot__in=lots) | Q(pk__in=CertificateLot.objects.filter(lot__in=lots).values("certificate"))


def together(actor: Actor, lot: Lot, more: Iterable[Lot]) -> list[Lot]:
    """The lots in the order in which they stand on the paper; ``Http404`` where the actor does not see one."""
    wanted = {lot.pk, *(one.pk for one in more)}
    rows = LOT.visible_to(actor, "view").select_related("product").filter(pk__in=wanted).order_by("pk")
    found = list(rows)
    if len(found) < len(wanted):
        raise Http404("lot")
    return found


def why_not_together(kind: str, lots: Sequence[rules.Went], customer: Customer | None) -> str:
    """In words, why these do not go on one certificate."""
    code = rules.against_together(kind, lots, customer.pk if customer else None)
    words = {
        rules.KIND: _("An origin report is of one lot."),
        rules.TOO_MANY: _("A certificate takes %(most)s lots at most.") % {"most": rules.MOST_LOTS},
        rules.PRODUCT: _("The lots of a certificate are of one product."),
        rules.CUSTOMER: _(
            "Not each of these lots went to this customer, and they are not reserved for one order of it."
        ),
        rules.DELIVERY: _("These lots did not go out with one order or one shipment."),
    }
    return words[code] if code else ""


def went(actor: Actor, lots: Sequence[Lot], customer: Customer | None, day: date) -> list[rules.Went]:
    """Where each of them went, and for which orders of the customer that the actor sees it went or is reserved on a day; by two queries."""
    customers: dict[int, set[int]] = {one.pk: set() for one in lots}
    deliveries: dict[int, set[tuple[str, int]]] = {one.pk: set() for one in lots}
    orders: dict[int, set[int]] = {one.pk: set() for one in lots}
    rows = LotShipment.objects.filter(STANDS, lot__in=customers)
    for lot, buyer, order, movement in rows.values_list("lot", "customer", "order", "movement"):
        customers[lot].add(buyer)
        deliveries[lot].add(("movement", movement))
        if order is not None:
            deliveries[lot].add(("order", order))
    if customer is not None:
        kept, sent = _for_orders(actor, customer, day)
        for lot, order in (
            kept.filter(lot__in=orders).values_list("lot", "order")
            .union(sent.filter(lot__in=orders, order__isnull=False).values_list("lot", "order"))
        ):  # fmt: skip
            orders[lot].add(order)
    return [
        rules.Went(
            one.pk, one.product_id, frozenset(customers[one.pk]), frozenset(deliveries[one.pk]), frozenset(orders[one.pk])
        )
        for one in lots
    ]  # fmt: skip


def _for_orders(
    actor: Actor, customer: Customer, day: date
) -> tuple[QuerySet[LotReservation], QuerySet[LotShipment]]:
    """What is reserved for the customer on a day, and what was shipped to it, as far as the actor sees."""
    kept = LOT_RESERVATION.visible_to(actor).filter(holding(day), customer=customer)
    return kept.order_by(), LOT_SHIPMENT.visible_to(actor).filter(STANDS, customer=customer).order_by()


def theirs(lots: Collection[int], orders: Collection[int], day: date) -> set[tuple[int, int]]:
    """(lot, order) for all of these lots that are reserved for one of the orders on a day, or went with it. Whoever asks."""
    kept = LotReservation.objects.filter(holding(day), lot__in=lots, order__in=orders)
    sent = LotShipment.objects.filter(STANDS, lot__in=lots, order__in=orders)
    return set(kept.order_by().values_list("lot", "order").union(sent.order_by().values_list("lot", "order")))


def named_before(kind: str, lots: Sequence[Lot], customer: Customer | None) -> list[int]:
    """Ids of the orders that the newest version of the certificate of just these lots names."""
    if customer is None:
        return []
    keys = [one.pk for one in lots]
    rows = CertificateVersion.objects.filter(
        certificate__lot=min(keys), certificate__further=rules.further_of(keys), certificate__kind=kind,
        certificate__customer=customer, version=F("certificate__version"),
    )  # fmt: skip
    return orders_of(rows.values_list("said", flat=True).first() or {})


def orders_of(said: Mapping[str, Any]) -> list[int]:
    """Ids of the orders that a version, or a draft, names."""
    return [int(one["id"]) for one in said.get("orders", ())]


def lots_offered(actor: Actor, lot: Lot, kind: str, customer: Customer | None, day: date) -> QuerySet[Lot]:
    """Lots of the same product that went to the customer, or are reserved for the same order of it; for nobody in particular, those that went
    with an order or shipment of this lot. The newest first. `kept_for`: number of the customer's order for which one is reserved."""
    rows: QuerySet[Lot] = LOT.visible_to(actor, "view").filter(product=lot.product_id).exclude(pk=lot.pk)
    sent = LOT_SHIPMENT.visible_to(actor).filter(STANDS)
    own = sent.filter(lot=lot)
    if kind in rules.ONE_LOT_ONLY:
        return rows.none()
    if customer is not None:
        kept, sent = _for_orders(actor, customer, day)
        number = kept.filter(lot=OuterRef("pk")).order_by("pk").values("order__number")[:1]
        rows = rows.annotate(kept_for=Subquery(number))
        orders = Q(order__in=kept.filter(lot=lot).values("order")) | Q(
            order__in=sent.filter(lot=lot, order__isnull=False).values("order")
        )
        own_went = sent.filter(lot=lot).exists()
        beside = Q(pk__in=(sent if own_went else sent.filter(orders)).values("lot"))
        beside |= Q(pk__in=kept.filter(orders).values("lot"))
    else:
        together_with = Q(movement__in=own.values("movement")) | Q(order__in=own.values("order"))
        beside = Q(pk__in=sent.filter(together_with).values("lot"))
    return rows.filter(beside).order_by("-made_at", "-pk")
