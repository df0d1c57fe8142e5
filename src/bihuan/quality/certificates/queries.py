"""Reading certificates: each starts from what the actor may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import Http404

from bihuan.customers.models import Contact, Customer
from bihuan.customers.records import CONTACT, CUSTOMER
from bihuan.kernel.actor import Actor

from ..models import Certificate, CertificateNotice, CertificateVersion, Lot
from ..records import LOT_SHIPMENT
from .records import CERTIFICATE


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


def certificates_of(actor: Actor, lot: Lot) -> list[Certificate]:
    """A lot's certificates as far as the actor sees them: for the lot's page."""
    return list(
        CERTIFICATE.visible_to(actor).filter(lot=lot).select_related("customer").order_by("kind", "id")
    )


def search_certificates(actor: Actor, rows: QuerySet[Any], text: str) -> QuerySet[Any]:
    return rows.filter(
        Q(number__icontains=text) | Q(lot__number__icontains=text) | Q(lot__product__name__icontains=text)
        | Q(customer__name__icontains=text)
    )  # fmt: skip


def customers_for(actor: Actor, lot: Lot) -> QuerySet[Customer]:
    """For whom a certificate of the lot may be made out: who got of it, or has a specification or a template of its own."""
    sent = LOT_SHIPMENT.visible_to(actor).filter(lot=lot).values("customer")
    rows: QuerySet[Customer] = CUSTOMER.visible_to(actor)
    return rows.filter(Q(pk__in=sent) | Q(specifications__product=lot.product_id)).distinct().order_by("name")


def contacts_for(actor: Actor, customer: Customer | None) -> QuerySet[Contact]:
    """Contacts to whom a certificate can be sent; none for whom addresses are withheld."""
    rows: QuerySet[Contact] = CONTACT.visible_to(actor)
    if customer is None or not CONTACT.may_read(actor, "email"):
        return rows.none()
    return rows.filter(customer=customer, is_active=True).exclude(email="").order_by("-chain_role", "name")


def my_notices(actor: Actor) -> list[CertificateNotice]:
    """Of certificates that the actor signed and whose results changed since; the newest first."""
    rows = CertificateNotice.objects.filter(
        recipient=actor.user_id or 0, read_at=None, version__certificate__in=CERTIFICATE.visible_to(actor)
    )
    return list(rows.select_related("version__certificate__lot__product").order_by("-at")[:20])
