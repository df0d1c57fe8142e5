"""What anybody may see of a lot. Nothing of it is about customers, prices or people."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from bihuan.kernel.pages.labels import in_language
from bihuan.people.company import company_name

from ..certificates.several.choosing import covering
from ..evidence import EvidenceFault
from ..evidencing.reading import places_of
from ..models import Certificate, CertificateVersion, Lot, LotEvent, ProductPublication

Kind = Certificate.Kind
# Of raw materials and intermediates nothing is published, nor of what was never released.
PUBLISHED_KINDS = (Lot.Kind.FINISHED,)
OF_RESULTS = (Kind.COA, Kind.MILL_31, Kind.MILL_32)


@dataclass(slots=True)
class Shown:
    """`origins` are (product, origin, share) of the newest general origin report; `certificate` and `report` its papers."""

    lot: Lot
    company: str
    made_on: Any = None
    expires_on: Any = None
    storage: str = ""
    certificate: CertificateVersion | None = None
    report: CertificateVersion | None = None
    origins: list[tuple[str, str, str]] = field(default_factory=list)


def find_published(code: str, number: str) -> Lot | None:
    """The lot of that product code and number, if anybody may know that it is there."""
    return _published().filter(product__code=code, number=number).first()


def find_by_gtin(gtin: str, number: str) -> Lot | None:
    """The same by GTIN of 8 to 14 digits."""
    return _published().filter(product__publication__gtin=gtin.zfill(14), number=number).first()


def _published() -> Any:
    """Lots that left quarantine with a release: on hold today they are still there, for they may be in customers' hands."""
    released = Q(disposition=Lot.Status.RELEASED) | Q(events__kind="released") | Q(shipments__isnull=False)
    return Lot.objects.filter(released, kind__in=PUBLISHED_KINDS).select_related("product").distinct()


def publication_of(lot: Lot) -> ProductPublication:
    """What the product publishes; nothing more than number and product where nobody said."""
    return ProductPublication.objects.filter(product=lot.product_id).first() or ProductPublication(
        product=lot.product
    )


def shown(lot: Lot) -> Shown:
    asked = publication_of(lot)
    found = Shown(lot, company_name())
    if asked.shows_dates:
        found.made_on, found.expires_on = lot.made_at, lot.expires_on
    if asked.shows_storage:
        found.storage = in_language({"zh-Hans": asked.storage, "en": asked.storage_en or asked.storage})
    papers = published_papers(lot, asked)
    found.certificate = next((one for one in papers if one.certificate.kind != Kind.ORIGIN), None)
    found.report = next((one for one in papers if one.certificate.kind == Kind.ORIGIN), None)
    if found.report is not None:
        name = "product_en" if _reads_english() else "product"
        found.origins = [(one[name], one["origin"], one["share"]) for one in found.report.said["origins"]]
    return found


def _reads_english() -> bool:
    return in_language({"zh-Hans": "zh", "en": "en"}) == "en"


def names_listed(lot: Lot) -> list[tuple[str, str]]:
    """(code, name) of the characteristics whose results are published: events hold codes."""
    name = "name_en" if _reads_english() else "name"
    papers = published_papers(lot, publication_of(lot))
    return sorted({(row["code"], row[name]) for one in papers for row in one.said["rows"]})


def published_papers(lot: Lot, asked: ProductPublication) -> list[CertificateVersion]:
    """The newest versions of certificates that name no customer, of the kinds that are published. None while their results changed."""
    kinds = [
        *(OF_RESULTS if asked.shows_certificate else ()),
        *((Kind.ORIGIN,) if asked.shows_origin else ()),
    ]
    if not kinds:
        return []
    rows = Certificate.objects.filter(covering(lot.pk), customer=None, kind__in=kinds, changed_at=None)
    newest = {one.pk: one.version for one in rows}
    versions = (
        CertificateVersion.objects.filter(certificate__in=newest)
        .select_related("certificate")
        .order_by("-issued_at")
    )
    return [one for one in versions if newest[one.certificate_id] == one.version]


def evidence_shown(lot: Lot) -> Q:
    """Which entries of the log anybody may have: its releases; the papers that are published, and the results they list.

    Never what went into a lot, nor where it went: the amounts would tell the recipe, and the trade.
    """
    papers = published_papers(lot, publication_of(lot))
    results = [int(row["result"]) for one in papers for row in one.said["rows"]]
    return (
        Q(source="decided", row__in=LotEvent.objects.filter(lot=lot, kind="released").values("pk"))
        | Q(source="certified", row__in=[one.pk for one in papers])
        | Q(source="tested", row__in=results)
    )


def has_evidence(lot: Lot) -> bool:
    try:
        return bool(places_of(lot, evidence_shown(lot)))
    except EvidenceFault:
        return False
