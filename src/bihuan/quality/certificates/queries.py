"""Reading certificates: each starts from what the actor may see."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from bihuan.customers.models import Contact, Customer
from bihuan.customers.records import CONTACT, CUSTOMER
from bihuan.kernel.actor import Actor

from ..models import Certificate, CertificateLot, CertificateNotice, CertificateVersion, Lot
from ..records import LOT, LOT_RESERVATION, LOT_SHIPMENT
from ..shipping.reserved import holding
from .changes import mine
from .records import CERTIFICATE
from .several.choosing import covering


def get_certificate(actor: Actor, identity: int) -> Certificate:
    rows = CERTIFICATE.visible_to(actor).select_related("lot__product", "customer")
    row: Certificate | None = rows.filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def get_version(actor: Actor, identity: int) -> CertificateVersion:
    """A version by its own id; 404 where the certificate is not the actor's to see."""
    rows = CertificateVersion.objects.filter(certificate__in=CERTIFICATE.visible_to(actor)).select_related(
        "certificate__lot__product"
    )
    row = rows.filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def versions_of(certificate: Certificate) -> list[CertificateVersion]:
    """The newest first."""
    return list(certificate.versions.order_by("-version"))


def recipients_seen(actor: Actor, version: CertificateVersion) -> list[Contact]:
    """To whom it and the versions before it went, as far as the actor sees those people."""
    sent = version.certificate.versions.values("recipients__contact")
    return list(CONTACT.visible_to(actor).filter(pk__in=sent).order_by("name"))


def lots_listed(certificate: Certificate) -> list[Lot]:
    """All lots of a certificate that the actor was shown; who sees it sees each of them (`restrict_certificates`)."""
    if not certificate.further:
        return [certificate.lot]
    rows = Lot.objects.filter(certificate_lots__certificate=certificate).select_related("product")
    return list(rows.order_by("pk"))


def lots_asked(actor: Actor, keys: Sequence[str], beside: Lot) -> list[Lot]:
    """The lots of these ids that are asked for beside one; 404 for one that the actor does not see, or that is no id."""
    wanted = {int(one) for one in keys if one.isascii() and one.isdecimal() and len(one) < 19}
    if not keys:
        return []
    rows = list(LOT.visible_to(actor, "view").select_related("product").filter(pk__in=wanted).order_by("pk"))
    if len(rows) < len(set(keys)):
        raise Http404("lot")
    return [one for one in rows if one.pk != beside.pk]


def certificates_of(actor: Actor, lot: Lot) -> list[Certificate]:
    """A lot's certificates, also those of several lots, as far as the actor sees them: for the lot's page."""
    return list(
        CERTIFICATE.visible_to(actor)
        .filter(covering(lot.pk))
        .select_related("customer")
        .order_by("kind", "id")
    )


def search_certificates(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    return rows.filter(
        Q(number__icontains=text) | Q(lot__number__icontains=text) | Q(lot__product__name__icontains=text)
        | Q(customer__name__icontains=text)
        | Q(pk__in=CertificateLot.objects.filter(lot__number__icontains=text).values("certificate"))
    )  # fmt: skip


def customers_for(actor: Actor, lot: Lot, day: date) -> QuerySet[Customer]:
    """For whom a certificate of the lot may be made out: who got of it, has some reserved on a day, or has a specification of its own."""
    sent = LOT_SHIPMENT.visible_to(actor).filter(lot=lot).values("customer")
    kept = LOT_RESERVATION.visible_to(actor).filter(holding(day), lot=lot).values("customer")
    mine = Q(pk__in=sent) | Q(pk__in=kept) | Q(specifications__product=lot.product_id)
    rows: QuerySet[Customer] = CUSTOMER.visible_to(actor)
    return rows.filter(mine).distinct().order_by("name")


def contacts_for(actor: Actor, customer: Customer | None) -> QuerySet[Contact]:
    """Contacts to whom a certificate can be sent; none for whom addresses are withheld."""
    rows: QuerySet[Contact] = CONTACT.visible_to(actor)
    if customer is None or not CONTACT.may_read(actor, "email"):
        return rows.none()
    return rows.filter(customer=customer, is_active=True).exclude(email="").order_by("-chain_role", "name")


def my_notices(actor: Actor) -> list[CertificateNotice]:
    """Of certificates that changed since the actor signed them, or somebody who has left, for who may sign; the newest first."""
    rows = CertificateNotice.objects.filter(
        mine(actor), read_at=None, version__certificate__in=CERTIFICATE.visible_to(actor)
    )
    return list(rows.select_related("version__certificate__lot__product", "recipient").order_by("-at")[:20])
