"""Signing a certificate: its first version, or the next one, which supersedes the one before."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.customers.models import Contact, Customer
from bihuan.customers.records import CONTACT
from bihuan.kernel.actor import Actor, NotAllowed
from bihuan.kernel.documents import FontMissing, render_pdf
from bihuan.kernel.files import keep
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import company_zone, local_date
from bihuan.people.company import company_name

from ..errors import LotError
from ..evidence_source import evidence_log
from ..models import Certificate, CertificateLot, CertificateRecipient, CertificateVersion, Lot
from ..published.addresses import address_of
from .errors import NotCertifiable
from .preparing import Prepared, prepare
from .qr import qr_svg
from .several.rules import further_of

TEMPLATE = "quality/certificate"
PREFIXES = {"coa": "COA", "mill_31": "MTC", "mill_32": "MTC2", "origin": "ORG"}
ROOT_SHOWN = 16  # hex digits of the root on paper; the whole of it is in the head that goes along
Kind = Certificate.Kind
TWO_SIGN = (Kind.MILL_32.value,)
NO_INSPECTOR: Mapping[str, str] = dict.fromkeys(
    ("name", "of", "reference", "on", "at", "page", "entered_by"), ""
)


@dataclass(frozen=True, slots=True)
class Signed:
    """Who signed as the maker's representative, when, and with which post on paper."""

    person: int
    name: str
    post: str
    at: datetime


def seen_as(found: Prepared, there: Certificate | None) -> str:
    """A digest of what somebody was shown; signing asks for it, so that nobody signs what was not seen."""
    return _digest([*_substance(found, there), found.on.isoformat()])


def holds_as(found: Prepared, there: Certificate | None) -> str:
    """The same without the day: between two signatures a night may pass, but nothing of what is signed may change."""
    return _digest(_substance(found, there))


def _substance(found: Prepared, there: Certificate | None) -> list[Any]:
    what: list[Any] = [
        [one.pk for one in found.lots], found.kind, found.customer and found.customer.pk, found.rows, found.origins,
        found.unknown_share, found.paper.language, found.paper.standard, dict(found.paper.statement),
        there.version if there else 0,
    ]  # fmt: skip
    return [*what, found.orders] if found.orders else what  # drafts of before orders were named still hold


def _digest(what: list[Any]) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def certificate_of(
    lot: Lot, kind: str, customer: Customer | None, more: Iterable[Lot] = ()
) -> Certificate | None:
    """The certificate of just these lots."""
    lots = [lot.pk, *(one.pk for one in more)]
    rows = Certificate.objects.filter(lot=min(lots), further=further_of(lots), kind=kind, customer=customer)
    return rows.first()


@transaction.atomic
def issue(
    *,
    actor: Actor,
    lot: Lot,
    kind: str,
    customer: Customer | None = None,
    more: Sequence[Lot] = (),
    seen: str,
    post: str = "",
    reason: str = "",
    recipients: Sequence[Contact] = (),
    base: str = "",
    now: datetime,
) -> CertificateVersion:
    """Sign a certificate as the actor; `seen` is what `seen_as` gave for what was shown. A next version needs a `reason`.

    `more`: the lots beside `lot`. `post`: the signer's, as it is printed. `base`: how our pages are reached from outside, for the QR
    code. Raises ``Http404``, ``NotAllowed``, `NotCertifiable` with all reasons, ``LotError`` with code seen, reason, recipient, and
    second for a kind that two sign.
    """
    if kind in TWO_SIGN:
        raise LotError(
            _("A 3.2 certificate is signed by two: it is issued with the second signature."), "second"
        )
    found, there = ready_to_sign(
        actor=actor, lot=lot, kind=kind, customer=customer, more=more, seen=seen, reason=reason, recipients=recipients,
        now=now,
    )  # fmt: skip
    signed = Signed(actor.user_id or 0, actor.name[:150], post.strip()[:80], now)
    return append_version(
        actor=actor, found=found, there=there, signed=signed, reason=reason, recipients=recipients, base=base, now=now
    )  # fmt: skip


def ready_to_sign(
    *,
    actor: Actor,
    lot: Lot,
    kind: str,
    customer: Customer | None,
    more: Sequence[Lot],
    seen: str,
    reason: str,
    recipients: Sequence[Contact],
    now: datetime,
) -> tuple[Prepared, Certificate | None]:
    """What the actor may sign now, with its lots locked, and the certificate of which it is the next version. Raises as `issue`."""
    if actor.user_id is None:
        raise NotAllowed("certificate", "sign")  # a person signs, no machine
    lock_lots([lot, *more])
    found = prepare(actor=actor, lot=lot, kind=kind, customer=customer, now=now, more=more)
    if found.reasons:
        raise NotCertifiable(found.reasons)
    there = certificate_of(lot, kind, customer, more)
    if seen != seen_as(found, there):
        raise LotError(
            _("What the certificate says has changed since you looked at it. Look again, then sign."), "seen"
        )
    if there is not None and not reason.strip():
        raise LotError(_("Say why the version before is superseded."), "reason", "reason")
    _check_recipients(actor, customer, recipients)
    return found, there


def append_version(
    *,
    actor: Actor,
    found: Prepared,
    there: Certificate | None,
    signed: Signed,
    reason: str,
    recipients: Sequence[Contact],
    base: str,
    now: datetime,
    inspector: Mapping[str, str] | None = None,
) -> CertificateVersion:
    """The next version, after all signatures that it needs; to be called with the lots locked. `inspector`: the second of them."""
    row = there or _first(found, now)
    version = row.version + 1 if there is not None else 1
    log = evidence_log()
    if not log.exists():
        log.create(now=now)
    head = log.head().head
    said = {
        **said_by(found, row.number, version, now),
        "signer": {"name": signed.name, "title": signed.post, "at": signed.at.astimezone(company_zone()).isoformat()},
        "inspector": dict(inspector or NO_INSPECTOR),
        "supersedes": str(row.version) if there is not None else "",
        "reason": reason.strip()[:300] if there is not None else "",
        "link": address_of(found.lot, base),
        "log": {"origin": head.origin, "size": str(head.size), "root": head.root.hex()[:ROOT_SHOWN]},
    }  # fmt: skip
    made = CertificateVersion.objects.create(
        certificate=row, version=version, issued_at=now, signer_id=signed.person, signer_name=signed.name,
        reason=said["reason"], language=said["language"], said=said, sha256=keep(paper_of(said, now)),
        log_size=head.size, log_root=head.root.hex(),
    )  # fmt: skip
    CertificateRecipient.objects.bulk_create(
        CertificateRecipient(version=made, contact=one) for one in recipients
    )
    row.version, row.issued_at, row.changed_at, row.updated_at = version, now, None, now
    row.save(update_fields=["version", "issued_at", "changed_at", "updated_at"])
    what = "certificate.superseded" if there is not None else "certificate.issued"
    record(
        actor,
        now,
        what,
        row,
        object_name=f"{row.number}-{version}",
        after={"sha256": made.sha256},
        note=said["reason"],
    )
    publish(
        "certificate.issued",
        {"version": made.pk, "certificate": row.pk, "is_next": there is not None},
        now=now,
    )
    return made


def paper_of(said: dict[str, Any], at: datetime) -> bytes:
    """The PDF of what a certificate says."""
    try:
        return render_pdf(TEMPLATE, {**said, "qr": qr_svg(said["link"]) if said["link"] else ""}, at=at)
    except FontMissing as fault:
        raise LotError(str(fault), "font") from fault


def preview(*, found: Prepared, signer: str, post: str, base: str, now: datetime) -> bytes:
    """The paper as it would be, with no number and no head of the log; that of two signatures has no code either."""
    said = {
        **said_by(found, _("PREVIEW – NOT VALID"), 0, now),
        "signer": {"name": signer, "title": post},
        "inspector": dict(NO_INSPECTOR),
        "supersedes": "",
        "reason": "",
        "link": address_of(found.lot, base),
        "log": {"origin": "—", "size": "—", "root": "—"},
        "draft": found.kind in TWO_SIGN,
    }
    return paper_of(said, now)


def lock_lots(lots: Iterable[Lot]) -> None:
    """Whoever signs for one of these waits for the other; in the order of their ids, so that nobody waits for each other."""
    rows = Lot.objects.filter(pk__in=[one.pk for one in lots]).order_by("pk")
    if connection.features.has_select_for_update:
        list(rows.select_for_update())


def _check_recipients(actor: Actor, customer: Customer | None, recipients: Sequence[Contact]) -> None:
    if not recipients:
        return
    allowed = CONTACT.visible_to(actor).filter(customer=customer, is_active=True).exclude(email="")
    known = set(allowed.filter(pk__in=[one.pk for one in recipients]).values_list("pk", flat=True))
    if customer is None or any(one.pk not in known for one in recipients):
        raise LotError(
            _("A certificate goes to contacts of its customer that have a mail address."),
            "recipient",
            "recipients",
        )


def _first(found: Prepared, now: datetime) -> Certificate:
    lots = [one.pk for one in found.lots]
    row = Certificate.objects.create(
        number=f"new-{uuid.uuid4().hex}", kind=found.kind, lot=found.lot, customer=found.customer, version=1, issued_at=now,
        further=further_of(lots), created_at=now, updated_at=now,
    )  # fmt: skip
    row.number = f"{PREFIXES[found.kind]}-{local_date(now):%y%m}-{row.pk:06d}"
    row.save(update_fields=["number"])
    if len(lots) > 1:
        CertificateLot.objects.bulk_create(CertificateLot(certificate=row, lot_id=one) for one in lots)
    return row


def said_by(found: Prepared, number: str, version: int, now: datetime) -> dict[str, Any]:
    """What the paper says before anybody signed it. `lots` and `lines` are empty where it is of one lot; `orders` is not there
    where it names none."""
    lot = found.lot
    is_one = len(found.lots) == 1
    return {
        "number": number,
        "version": str(version),
        "kind": found.kind,
        "language": found.paper.language,
        "title": dict(found.paper.title),
        "standard": found.paper.standard,
        "statement": dict(found.paper.statement),
        "company": company_name(),
        "on": found.on.isoformat(),
        "at": now.astimezone(company_zone()).isoformat(),
        "lot": {
            **_dated(lot),
            "product": lot.product.name,
            "product_en": lot.product.name_en or lot.product.name,
            "code": lot.product.code,
            "grade": lot.product.grade,
        },
        "lots": [] if is_one else [_dated(one) for one in found.lots],
        "lines": found.lines,
        "customer": found.customer.name if found.customer else "",
        **({"orders": found.orders} if found.orders else {}),
        "rows": found.rows,
        "origins": found.origins,
        "unknown_share": found.unknown_share,
    }


def _dated(lot: Lot) -> dict[str, str]:
    expires = lot.expires_on.isoformat() if lot.expires_on else ""
    return {"number": lot.number, "made_on": local_date(lot.made_at).isoformat(), "expires_on": expires}
