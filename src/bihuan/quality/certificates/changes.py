"""What came after a certificate was signed: results that came or fell, its lots that are for its order no longer, limits that were
corrected on its day. The certificate shows it as long as it is so, and its signer is told."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from bihuan.audit.services import record
from bihuan.catalog.models import Product
from bihuan.kernel.actor import SYSTEM, Actor
from bihuan.kernel.time import company_zone, local_date

from ..models import Certificate, CertificateNotice, CertificateVersion, Lot, Specification
from ..naming import said_limits
from .preparing import edge, limits_in_force, tested_of
from .rules import Limits, Measured, changed_since
from .several.choosing import covering, lots_of, orders_of, theirs
from .several.rules import not_theirs

Change = tuple[str, dict[str, Any]]
GONE, LIMITS, AS_SIGNED = "gone", "limits", "as_signed"


@transaction.atomic
def notice_changes(*, lots: Collection[int], now: datetime, of_order: bool = False) -> int:
    """Hold the certificates of lots that count, each of one or several, against what is so now; how many turned out to be overtaken.

    One that was overtaken, and says again what is so, counts again. `of_order`: only those that name an order. Three queries however
    many lots and certificates, besides what is written.
    """
    covered = Certificate.objects.filter(covering(*lots)).exclude(kind=Certificate.Kind.ORIGIN)
    rows = _newest().filter(certificate__in=covered)
    if of_order:
        rows = rows.filter(said__has_key="orders")
    versions = list(
        rows.order_by("pk")
    )  # in the order of `notice_limits`, so that neither waits for the other
    if not versions:
        return 0
    of_each = {one.pk: lots_of(one.certificate) for one in versions}
    tested = _tested_by_lot({lot for several in of_each.values() for lot in several})
    held = _held(versions, now)
    found = 0
    for version in versions:
        results = _of_results(version, [one for lot in of_each[version.pk] for one in tested[lot]])
        gone = _gone(version, held)
        if version.certificate.changed_at is None:
            if results or gone:
                found += _overtaken(version, results[0][0] if results else GONE, now)
        elif not results and not gone and not _of_limits(version):
            _counts_again(version, now)
    return found


def _tested_by_lot(lots: Collection[int]) -> dict[int, list[Measured]]:
    found: dict[int, list[Measured]] = {one: [] for one in lots}
    for one in tested_of(*lots):
        found[one.lot].append(one)
    return found


@transaction.atomic
def notice_limits(
    *, product: Product, characteristic: int, customer: int | None, now: datetime
) -> list[CertificateVersion]:
    """Limits of a characteristic that are in force today were set or corrected, in general or for a customer: the certificates of today
    that list others are overtaken, and whoever signed each is told, anew if told before. Which those are.

    Call with the product locked, in the transaction of the correction.
    """
    today = local_date(now)
    begin = datetime.combine(today, time(), company_zone())
    rows = _newest().filter(certificate__lot__product=product, issued_at__gte=begin)
    if customer is not None:
        rows = rows.filter(certificate__customer=customer)
    found = []
    known: dict[int | None, Mapping[int, Limits]] = {}
    with_own = set[int | None]()  # customers whose own limits stand before general ones
    if customer is None:
        own = Specification.objects.filter(
            Q(valid_to=None) | Q(valid_to__gt=today), product=product, characteristic=characteristic, valid_from__lte=today
        )  # fmt: skip
        with_own.update(own.exclude(customer=None).values_list("customer", flat=True))
    for version in rows.order_by("pk"):
        row = version.certificate
        if row.customer_id in with_own:
            continue
        if row.customer_id not in known:
            known[row.customer_id] = limits_in_force(row.lot, row.customer, now)
        if _of_limits(version, known[row.customer_id], characteristic):
            _overtaken(version, LIMITS, now)
            found.append(version)
        elif row.changed_at is not None and not said_changes(version, now):
            _counts_again(version, now)
    return found


def _newest() -> Any:
    return CertificateVersion.objects.filter(version=F("certificate__version")).select_related(
        "certificate__lot__product", "certificate__customer"
    )


def _overtaken(version: CertificateVersion, code: str, now: datetime) -> int:
    """Marks it and tells its signer; also one that was marked before, whose mark stays as old as it is. 0 where it was superseded."""
    row = version.certificate
    standing = Certificate.objects.filter(pk=row.pk, version=version.version)
    marked = standing.filter(changed_at=None).update(changed_at=now)
    if not marked and not standing.exists():
        return 0
    if version.signer_id is not None:
        told = {"recipient_id": version.signer_id, "at": now, "read_at": None}
        CertificateNotice.objects.update_or_create(version=version, defaults=told)
    _journal(version, code, now)
    return marked


def _counts_again(version: CertificateVersion, now: datetime) -> None:
    row = version.certificate
    standing = Certificate.objects.filter(pk=row.pk, version=version.version, changed_at__isnull=False)
    if standing.update(changed_at=None):
        CertificateNotice.objects.filter(version=version, read_at=None).update(read_at=now)
        _journal(version, AS_SIGNED, now)


def _journal(version: CertificateVersion, code: str, now: datetime) -> None:
    row = version.certificate
    if code == GONE:
        action = "certificate.lot_gone"
    elif code == LIMITS:
        action = "certificate.limits_changed"
    elif code == AS_SIGNED:
        action = "certificate.as_signed"
    else:
        action = "certificate.results_changed"
    record(SYSTEM, now, action, row, object_name=f"{row.number}-{row.version}")


def said_changes(version: CertificateVersion, now: datetime) -> list[Change]:
    """What changed, each with what it is about: ("came", {"name", "before", "now"}), … For one that was marked."""
    tested = tested_of(*lots_of(version.certificate))
    return [*_of_results(version, tested), *_of_lots(version, now), *_of_limits(version)]


def _of_results(version: CertificateVersion, tested: list[Measured]) -> list[Change]:
    rows = {int(one["result"]): one for one in version.said.get("rows", ())}
    names = {int(one["characteristic"]): one["name"] for one in rows.values()}
    now = {one.id: one for one in tested}
    found = []
    for code, key in changed_since(version.said, tested):
        row, one = rows.get(key), now.get(key)
        name = row["name"] if row else names.get(one.characteristic, "") if one else ""
        found.append(
            (code, {"name": name, "before": row["said"] if row else "", "now": one.said if one else ""})
        )
    return found


def _held(versions: Collection[CertificateVersion], now: datetime) -> set[tuple[int, int]]:
    """(lot, order) of what these versions name, as far as the lot is reserved for the order or went with it."""
    naming = [one for one in versions if orders_of(one.said)]
    if not naming:
        return set()
    lots = {lot for one in naming for lot in lots_of(one.certificate)}
    return theirs(lots, {order for one in naming for order in orders_of(one.said)}, local_date(now))


def _gone(version: CertificateVersion, held: Collection[tuple[int, int]]) -> list[tuple[int, int]]:
    return not_theirs(orders_of(version.said), lots_of(version.certificate), held)


def _of_lots(version: CertificateVersion, now: datetime) -> list[Change]:
    """Its lots that are neither reserved for an order that it names nor went with it."""
    gone = _gone(version, _held([version], now))
    if not gone:
        return []
    numbers = dict(Lot.objects.filter(pk__in={lot for lot, _order in gone}).values_list("pk", "number"))
    called = {int(one["id"]): one["number"] for one in version.said["orders"]}
    return [(GONE, {"name": numbers[lot], "before": called[order], "now": ""}) for lot, order in gone]


def _of_limits(
    version: CertificateVersion, limits: Mapping[int, Limits] | None = None, only: int | None = None
) -> list[Change]:
    """Limits that it lists, of all characteristics or one, and that are others now for the day on which it was issued: that day they
    were corrected."""
    row = version.certificate
    if limits is None:
        limits = limits_in_force(row.lot, row.customer, version.issued_at)
    found: dict[int, Change] = {}
    for one in version.said.get("rows", ()):
        key = int(one["characteristic"])
        now = limits.get(key, Limits(None, None))
        if only in (None, key) and (edge(now.lower), edge(now.upper)) != (
            one.get("lower", ""),
            one.get("upper", ""),
        ):
            before = said_limits(one.get("lower") or None, one.get("upper") or None)
            about = {"name": one["name"], "before": before, "now": said_limits(now.lower, now.upper)}
            found[key] = (LIMITS, about)
    return list(found.values())


def mine(actor: Actor) -> Q:
    """Notices for the actor: those of what they signed, and for who may sign also those of what somebody signed who has left."""
    own = Q(recipient=actor.user_id or 0)
    return own | Q(recipient__is_active=False) if actor.may("certificate", "sign") else own


def read_notices(*, actor: Actor, certificate: Certificate, now: datetime) -> None:
    """The actor has seen the certificate: its notice leaves Today."""
    CertificateNotice.objects.filter(mine(actor), version__certificate=certificate, read_at=None).update(
        read_at=now
    )
