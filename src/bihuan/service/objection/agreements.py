"""The agreement on paper: made as PDF of what was approved, superseded where that changes, signed by both sides."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.documents import FontMissing, render_pdf
from bihuan.kernel.fields import plain
from bihuan.kernel.files import FileRefused, keep, keep_upload
from bihuan.kernel.time import local_date

from ..errors import CaseError
from ..models import Objection, ObjectionAgreement, ObjectionOffer
from .capitals import capital_amount
from .facts import matrix_now, stands
from .step import append_to, open_to_work, settle_objection

COMMERCIAL = FieldClass.COMMERCIAL
TEMPLATE = "service/objection_agreement"


@transaction.atomic
def make_agreement(*, actor: Actor, objection: Objection, now: datetime, seller: str) -> ObjectionAgreement:
    """Put the settlement on paper. Refused until it is proposed and approved. The same day's once more is the one that is there."""
    row = open_to_work(actor, objection, "edit", COMMERCIAL)
    found = stands(row)
    facts, offer = found.facts, found.offer
    if "proposal" not in facts.done or offer is None:
        raise CaseError(_("The settlement is proposed before it is put on paper."))
    if "signed" in facts.done:
        raise CaseError(_("The agreement is signed. Reopen the objection to change it."))
    if not facts.is_approved:
        raise CaseError(_("Nobody with the limit has approved this settlement."))
    if not seller.strip():
        raise CaseError(_("Say in whose name we sign."), "seller")
    there = found.agreement
    version = (found.agreements[-1].version if found.agreements else 0) + 1
    wanted = there.version if there is not None and there.signed_on is None else version
    try:
        content = render_pdf(TEMPLATE, agreement_data(row, offer, wanted, seller.strip(), local_date(now)))
    except FontMissing as fault:
        raise CaseError(str(fault)) from fault
    digest = keep(content)
    if there is not None and there.sha256 == digest:
        return there
    if wanted != version:
        content = render_pdf(TEMPLATE, agreement_data(row, offer, version, seller.strip(), local_date(now)))
        digest = keep(content)
    ObjectionAgreement.objects.filter(objection=row, superseded_at=None).update(superseded_at=now)
    made = ObjectionAgreement.objects.create(
        objection=row, offer=offer, version=version, sha256=digest, made_at=now, made_by=actor.name[:150]
    )
    append_to(
        row,
        actor,
        "agreement",
        now,
        {"version": version, "sha256": digest, "seller": seller.strip()},
        COMMERCIAL,
    )
    settle_objection(row, now)
    return made


@transaction.atomic
def add_signed_copy(
    *, actor: Actor, objection: Objection, upload: Any, signed_on: date, now: datetime
) -> ObjectionAgreement:
    """The copy that both sides signed, as a scan or photo, to the agreement that counts."""
    row = open_to_work(actor, objection, "edit", COMMERCIAL)
    found = stands(row)
    agreement = found.agreement
    if agreement is None or not found.facts.has_agreement:
        raise CaseError(_("There is no agreement on this settlement yet."))
    if "signed" in found.facts.done:
        raise CaseError(_("The agreement is signed. Reopen the objection to change it."))
    if upload is None:
        raise CaseError(_("Pick a file or take a photo."), "file")
    if signed_on > local_date(now):
        raise CaseError(_("This day has not come yet."), "signed_on")
    if signed_on < local_date(agreement.made_at):
        raise CaseError(_("It is made before it is signed."), "signed_on")
    try:
        kept = keep_upload(upload)
    except FileRefused as refusal:
        raise CaseError(str(refusal), "file") from refusal
    if not (kept.content_type == "application/pdf" or kept.is_image):
        raise CaseError(_("A signed copy is a PDF or a photo."), "file")
    agreement.signed_sha256, agreement.signed_name = kept.sha256, kept.name
    agreement.signed_type, agreement.signed_on = kept.content_type, signed_on
    agreement.save(update_fields=["signed_sha256", "signed_name", "signed_type", "signed_on"])
    told = {"version": agreement.version, "sha256": kept.sha256, "on": signed_on.isoformat()}
    append_to(row, actor, "copied", now, told, COMMERCIAL)
    settle_objection(row, now)
    return agreement


def agreement_data(
    row: Objection, offer: ObjectionOffer, version: int, seller: str, on: date
) -> Mapping[str, Any]:
    """What the template is given. In Chinese, whoever makes it."""
    matrix = matrix_now()
    words = {one.id: one.label["zh-Hans"] for one in matrix.approvals.remedies}
    blames = {one.id: one.label["zh-Hans"] for one in matrix.objections.liabilities}
    with translation.override("zh-hans"):
        about = str(Objection.About(row.about).label)
    is_yuan = matrix.approvals.currency == "CNY"
    return {
        "number": f"{row.number}-{version}",
        "version": str(version),
        "on": on,
        "seller": seller,
        "buyer": row.case.customer.name,
        "case": row.case.number,
        "objection": row.number,
        "contract": row.contract,
        "product": row.product.name if row.product else "",
        "lot": row.lot,
        "specification": row.specification,
        "about": about,
        "defect": row.defect,
        "received_on": row.received_on,
        "raised_on": row.raised_on,
        "unit": row.unit,
        "delivered": _text(row.quantity_delivered),
        "claimed": _text(row.quantity_claimed),
        "accepted": _text(offer.quantity_accepted),
        "shares": [
            [blames.get(name, name), f"{plain(share)} %"] for name, share in stands(row).facts.shares.items()
        ],
        "remedies": [
            [words.get(one.remedy, one.remedy), _text(one.quantity), f"{one.amount:.2f}"]
            for one in sorted(offer.remedies.all(), key=lambda one: one.pk)
        ],
        "currency": matrix.approvals.currency,
        "amount": f"{offer.amount:.2f}",
        "capitals": f"人民币{capital_amount(offer.amount)}" if is_yuan else "",
        "text": offer.text,
    }


def _text(value: Any) -> str:
    return "" if value is None else plain(value)
