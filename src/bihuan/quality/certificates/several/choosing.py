"""Which lots the actor may put beside a lot on one certificate, and those that a certificate has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.customers.models import Customer
from bihuan.kernel.actor import Actor

from ...models import Certificate, CertificateLot, Lot, LotShipment
from ...records import LOT, LOT_SHIPMENT
from . import rules

MOST_OFFERED = 50


def lots_of(row: Certificate) -> list[int]:
    """The ids of all lots of a certificate, the first in front."""
    return [row.lot_id, *(int(one) for one in row.further.split(",") if one)]


def covering(lot: int) -> Q:
    """Certificates of the lot, alone or with others."""
    return Q(lot=lot) | Q(pk__in=CertificateLot.objects.filter(lot=lot).values("certificate"))


def together(actor: Actor, lot: Lot, more: Iterable[Lot]) -> list[Lot]:
    """The lots in the order in which they stand on the paper; ``Http404`` where the actor does not see one."""
    wanted = {lot.pk, *(one.pk for one in more)}
    rows = LOT.visible_to(actor, "view").select_related("product").filter(pk__in=wanted).order_by("pk")
    found = list(rows)
    if len(found) < len(wanted):
        raise Http404("lot")
    return found


def why_not_together(kind: str, lots: Sequence[Lot], customer: Customer | None) -> str:
    """In words, why these do not go on one certificate."""
    if len(lots) < 2:
        return ""
    code = rules.against_together(kind, went(lots), customer.pk if customer else None)
    words = {
        rules.KIND: _("An origin report is of one lot."),
        rules.TOO_MANY: _("A certificate takes %(most)s lots at most.") % {"most": rules.MOST_LOTS},
        rules.PRODUCT: _("The lots of a certificate are of one product."),
        rules.CUSTOMER: _("Not each of these lots went to this customer."),
        rules.DELIVERY: _("These lots did not go out with one order or one shipment."),
    }
    return words[code] if code else ""


def went(lots: Sequence[Lot]) -> list[rules.Went]:
    """Where each of them went, by one query."""
    customers: dict[int, set[int]] = {one.pk: set() for one in lots}
    deliveries: dict[int, set[tuple[str, int]]] = {one.pk: set() for one in lots}
    rows = LotShipment.objects.filter(lot__in=customers).values_list("lot", "customer", "order", "movement")
    for lot, customer, order, movement in rows:
        customers[lot].add(customer)
        deliveries[lot].add(("movement", movement))
        if order is not None:
            deliveries[lot].add(("order", order))
    return [
        rules.Went(one.pk, one.product_id, frozenset(customers[one.pk]), frozenset(deliveries[one.pk]))
        for one in lots
    ]


def lots_offered(actor: Actor, lot: Lot, kind: str, customer: Customer | None) -> QuerySet[Lot]:
    """Lots of the same product that went to the customer; for nobody in particular, with an order or shipment of this lot. The newest first."""
    rows: QuerySet[Lot] = LOT.visible_to(actor, "view").filter(product=lot.product_id).exclude(pk=lot.pk)
    sent = LOT_SHIPMENT.visible_to(actor)
    own = sent.filter(lot=lot)
    if kind in rules.ONE_LOT_ONLY:
        return rows.none()
    if customer is not None:
        if not own.filter(customer=customer).exists():
            return rows.none()
        beside = sent.filter(customer=customer)
    else:
        beside = sent.filter(Q(movement__in=own.values("movement")) | Q(order__in=own.values("order")))
    return rows.filter(pk__in=beside.values("lot")).order_by("-made_at", "-pk")
