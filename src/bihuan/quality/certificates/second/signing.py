"""The two signatures of a mill certificate 3.2. It is issued with the second; until then nothing of it is valid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.customers.models import Contact, Customer
from bihuan.kernel.actor import Actor, NotAllowed, require
from bihuan.kernel.files import FileRefused, Kept, keep_upload
from bihuan.kernel.time import company_zone, local_date
from bihuan.people.company import company_name

from ...errors import LotError
from ...models import CertificateDraft, CertificateVersion, DraftRecipient, Lot, SecondSignature
from ..errors import NotCertifiable
from ..issuing import (
    NO_INSPECTOR,
    Signed,
    append_version,
    certificate_of,
    holds_as,
    lock_lots,
    ready_to_sign,
    said_by,
)
from ..preparing import Prepared, prepare
from ..several.choosing import orders_of
from ..several.rules import further_of
from . import rules
from .queries import drafts_seen, lots_of_draft, waiting_draft

KIND = "mill_32"
MARK = 16  # hex digits on each page of a draft, so that the page that comes back signed is known to be of it


@transaction.atomic
def sign_first(
    *,
    actor: Actor,
    lot: Lot,
    customer: Customer | None = None,
    more: Sequence[Lot] = (),
    seen: str,
    post: str = "",
    reason: str = "",
    recipients: Sequence[Contact] = (),
    now: datetime,
) -> CertificateDraft:
    """Sign as the maker's representative what then waits for the second signature. Raises as `issuing.issue`, and ``LotError`` with
    code waiting while one for the same lots and customer waits."""
    found, there = ready_to_sign(
        actor=actor, lot=lot, kind=KIND, customer=customer, more=more, seen=seen, reason=reason, recipients=recipients,
        now=now,
    )  # fmt: skip
    if waiting_draft(found.lots, customer) is not None:
        raise LotError(_("One that says the same waits for its second signature already."), "waiting")
    said = {
        **said_by(found, "", there.version + 1 if there else 1, now),
        "signer": {"name": actor.name[:150], "title": post.strip()[:80], "at": now.astimezone(company_zone()).isoformat()},
        "inspector": dict(NO_INSPECTOR),
        "supersedes": str(there.version) if there else "",
        "reason": reason.strip()[:300] if there else "",
        "link": "",
        "log": {"origin": "", "size": "", "root": ""},
        "draft": True,
        "mark": holds_as(found, there)[:MARK],
    }  # fmt: skip
    made = CertificateDraft.objects.create(
        kind=KIND, lot=found.lot, further=further_of(one.pk for one in found.lots), customer=customer,
        follows=there.version if there else 0, reason=said["reason"], signer_id=actor.user_id or 0, signer_name=actor.name[:150],
        signer_post=post.strip()[:80], signed_at=now, said=said, digest=holds_as(found, there),
    )  # fmt: skip
    DraftRecipient.objects.bulk_create(DraftRecipient(draft=made, contact=one) for one in recipients)
    record(actor, now, "certificate.first_signed", made.lot, object_name=_name(made), note=said["reason"])
    return made


@transaction.atomic
def sign_second(
    *,
    actor: Actor,
    draft: CertificateDraft,
    name: str,
    organisation: str,
    reference: str,
    inspected_on: date | None,
    page: Any,
    base: str = "",
    now: datetime,
) -> CertificateVersion:
    """Enter the inspector's signature, with the signed page as PDF or photo: the certificate is issued.

    `page`: Django's `UploadedFile`. Raises ``Http404``, ``NotAllowed``, `NotCertifiable` where what was signed may not be issued any
    more, ``LotError`` with code ended, changed, file, or one of `rules.against_second`.
    """
    row, found = _open(actor, draft, now)
    if found.reasons:
        raise NotCertifiable(found.reasons)
    there = certificate_of(found.lot, KIND, found.customer, found.lots[1:])
    if holds_as(found, there) != row.digest:
        raise LotError(
            _("What the first signed does not hold any more. Decline this one and sign it anew."), "changed"
        )
    inspector = rules.Inspector(
        name.strip()[:80], organisation.strip()[:120], reference.strip()[:80], inspected_on
    )
    first = rules.First(row.signer_id, row.signer_name, company_name())
    against = rules.against_second(
        first, inspector, person=actor.user_id or 0, person_name=actor.name, today=local_date(now)
    )
    if against:
        raise _refusal(against[0])
    kept = _signed_page(page)
    made = append_version(
        actor=actor, found=found, there=there, signed=Signed(row.signer_id, row.signer_name, row.signer_post, row.signed_at),
        reason=row.reason, recipients=[one.contact for one in row.recipients.select_related("contact")], base=base, now=now,
        inspector={
            "name": inspector.name, "of": inspector.organisation, "reference": inspector.reference,
            "on": inspected_on.isoformat() if inspected_on else "", "at": now.astimezone(company_zone()).isoformat(),
            "page": kept.sha256, "entered_by": actor.name[:150],
        },
    )  # fmt: skip
    SecondSignature.objects.create(
        draft=row, version=made, person_id=actor.user_id or 0, person_name=actor.name[:150], at=now, inspector=inspector.name,
        organisation=inspector.organisation, reference=inspector.reference, inspected_on=inspected_on,
        page_sha256=kept.sha256, page_name=kept.name, page_type=kept.content_type,
    )  # fmt: skip
    return made


@transaction.atomic
def decline(*, actor: Actor, draft: CertificateDraft, reason: str, now: datetime) -> SecondSignature:
    """It gets no second signature, and the reason why; also where the first withdraws it. Raises ``Http404``, ``NotAllowed``, ``LotError``."""
    row = _mine(actor, draft)
    if not reason.strip():
        raise LotError(_("Say why it is declined."), "reason", "reason")
    made = SecondSignature.objects.create(
        draft=row,
        person_id=actor.user_id or 0,
        person_name=actor.name[:150],
        at=now,
        reason=reason.strip()[:300],
    )
    record(actor, now, "certificate.declined", row.lot, object_name=_name(row), note=made.reason)
    return made


def _mine(actor: Actor, draft: CertificateDraft) -> CertificateDraft:
    """The draft, with its lots locked, as long as it waits."""
    require(actor, "certificate", "sign")
    if actor.user_id is None:
        raise NotAllowed("certificate", "sign")
    lock_lots(lots_of_draft(draft))
    row = drafts_seen(actor).filter(pk=draft.pk).first()
    if row is None:
        raise Http404("draft")
    if hasattr(row, "second"):
        raise LotError(_("It has its second signature, or was declined."), "ended")
    return row


def _open(actor: Actor, draft: CertificateDraft, now: datetime) -> tuple[CertificateDraft, Prepared]:
    row = _mine(actor, draft)
    return row, prepared_again(actor, row, now)


def prepared_again(actor: Actor, row: CertificateDraft, now: datetime) -> Prepared:
    """What it would say today."""
    lots = lots_of_draft(row)
    return prepare(
        actor=actor, lot=lots[0], kind=KIND, customer=row.customer, now=now, more=lots[1:], orders=orders_of(row.said)
    )  # fmt: skip


def _signed_page(page: Any) -> Kept:
    if page is None:
        raise LotError(_("Attach the page that the inspector signed."), "file", "page")
    try:
        kept = keep_upload(page)
    except FileRefused as refusal:
        raise LotError(str(refusal), "file", "page") from refusal
    if not (kept.content_type == "application/pdf" or kept.is_image):
        raise LotError(_("The signed page is a PDF or a photo."), "file", "page")
    return kept


def _name(row: CertificateDraft) -> str:
    return f"{row.lot.product.code}/{row.lot.number}"


def _refusal(code: str) -> LotError:
    said = {
        rules.NAMELESS: (_("Name the inspector who signed."), "name"),
        rules.SAME_PERSON: (_("The two signatures are of two people: the inspector is neither who signed first nor who enters this."), "name"),
        rules.HOUSELESS: (_("Say on whose behalf the inspector signed."), "organisation"),
        rules.SAME_HOUSE: (_("The inspector acts for the purchaser or the authorities, not for us."), "organisation"),
        rules.UNREFERRED: (_("Give the inspector's reference of the inspection."), "reference"),
        rules.UNDATED: (_("Say on which day it was inspected."), "inspected_on"),
        rules.NOT_YET: (_("This day has not come yet."), "inspected_on"),
        rules.SAME_ENTRY: (_("You signed it first. Somebody else enters the second signature."), ""),
    }  # fmt: skip
    words, field = said[code]
    return LotError(words, code, field)
