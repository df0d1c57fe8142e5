"""The settlement that is proposed: its versions, and who approves it up to which amount."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.fields import UNIT
from bihuan.people.models import User

from ..errors import CaseError
from ..matrix import ServiceMatrix, may_approve
from ..models import (
    Case,
    Objection,
    ObjectionAgreement,
    ObjectionApproval,
    ObjectionOffer,
    ObjectionRemedy,
)
from .facts import matrix_now, stands
from .step import append_to, open_to_work, settle_objection

COMMERCIAL = FieldClass.COMMERCIAL
MOST = Decimal(10) ** 12
# There is no post of an executive: a director stands in, as where warnings go, yet never for what is the director's own.
STANDS_IN = ("director", "executive")


@dataclass(frozen=True, slots=True)
class Part:
    """One remedy: what it concerns, and what it is worth."""

    amount: Decimal
    quantity: Decimal | None = None


@transaction.atomic
def draft_offer(
    *,
    actor: Actor,
    objection: Objection,
    quantity_accepted: Decimal,
    remedies: Mapping[str, Part],
    now: datetime,
    text: str = "",
) -> ObjectionOffer:
    """Draft the settlement, or change it: then it is another version, and what was approved or put on paper before no longer
    counts. The same once more changes nothing.

    Refused: no remedy, one that is unknown, negative or fractions of a cent, more accepted than objected to.
    """
    row = open_to_work(actor, objection, "edit", COMMERCIAL)
    now_stands = stands(row)
    if "admitted" not in now_stands.facts.done:
        raise CaseError(_("A settlement is drafted once the objection is admitted."))
    if "signed" in now_stands.facts.done:
        raise CaseError(_("The agreement is signed. Reopen the objection to change it."))
    _refuse_parts(remedies, quantity_accepted, row)
    amount = sum((one.amount for one in remedies.values()), Decimal(0))
    last = now_stands.offer
    if last is not None and _same(last, quantity_accepted, remedies, text):
        return last
    made = ObjectionOffer.objects.create(
        objection=row, version=last.version + 1 if last else 1, quantity_accepted=quantity_accepted, amount=amount,
        text=text.strip()[:1000], proposer_id=actor.user_id, proposer_name=actor.name[:150], at=now,
    )  # fmt: skip
    ObjectionRemedy.objects.bulk_create(
        ObjectionRemedy(offer=made, remedy=name, quantity=one.quantity, amount=one.amount)
        for name, one in remedies.items()
    )
    ObjectionAgreement.objects.filter(objection=row, superseded_at=None).update(superseded_at=now)
    row.quantity_accepted, row.amount_accepted = quantity_accepted, amount
    told = {"version": made.version, "amount": str(amount), "remedies": sorted(remedies)}
    append_to(row, actor, "offered", now, told, COMMERCIAL)
    settle_objection(row, now, "quantity_accepted", "amount_accepted")
    return made


def _refuse_parts(remedies: Mapping[str, Part], accepted: Decimal, row: Objection) -> None:
    known = {one.id for one in matrix_now().approvals.remedies}
    if not remedies:
        raise CaseError(_("Pick at least one remedy."))
    for name, one in remedies.items():
        if name not in known:
            raise CaseError(_("There is no such choice."))
        if (
            not one.amount.is_finite()
            or not 0 <= one.amount < MOST
            or one.amount * 100 != int(one.amount * 100)
        ):
            raise CaseError(_("An amount is not negative and has two decimals at most."), f"amount_{name}")
        if one.quantity is not None and (
            one.quantity <= 0 or one.quantity * UNIT != int(one.quantity * UNIT)
        ):
            raise CaseError(_("The quantity is more than nothing."), f"quantity_{name}")
    if accepted < 0 or (row.quantity_claimed is not None and accepted > row.quantity_claimed):
        raise CaseError(_("More is accepted than was objected to."), "quantity_accepted")


def _same(last: ObjectionOffer, accepted: Decimal, remedies: Mapping[str, Part], text: str) -> bool:
    parts = {one.remedy: Part(one.amount, one.quantity) for one in last.remedies.all()}
    return (last.quantity_accepted, parts, last.text) == (accepted, dict(remedies), text.strip()[:1000])


def parties_of(actor: Actor, case: Case) -> frozenset[str]:
    """As which of the matrix's parties somebody stands to a case: posts, its owner and deputy, the customer's owner A."""
    found = set(actor.roles)
    if actor.user_id is not None:
        if case.owner_id == actor.user_id:
            found.add("owner")
        if case.customer.owner_a_id == actor.user_id:
            found.add("account_owner")
        if (
            case.owner_id is not None
            and User.objects.filter(pk=case.owner_id, deputy_id=actor.user_id).exists()
        ):
            found.add("deputy")
    return frozenset(found)


def approving_party(actor: Actor, case: Case, offer: ObjectionOffer, matrix: ServiceMatrix) -> str:
    """As which party the actor's limit is enough for the whole amount by every remedy of it; "" if as none.

    The whole amount counts for each remedy: what is split into several is not approved in pieces.
    """
    wanted = [one.remedy for one in offer.remedies.all()]
    own = sorted(parties_of(actor, case))
    post, other = STANDS_IN
    if post in own and offer.proposer_id != actor.user_id:
        own.append(other)
    return next(
        (party for party in own if all(may_approve(matrix, party, one, offer.amount) for one in wanted)), ""
    )


@transaction.atomic
def approve_offer(*, actor: Actor, objection: Objection, version: int, now: datetime) -> Objection:
    """Approve the settlement as it was read: `version` names it, so that nobody approves what another changed meanwhile.

    Refused above one's limit, one's own proposal included. Twice is once.
    """
    row = open_to_work(actor, objection, "approve", COMMERCIAL)
    offer = stands(row).offer
    if offer is None or actor.user_id is None:
        raise CaseError(_("There is no settlement to propose yet."))
    if offer.version != version:
        raise CaseError(_("The settlement was changed meanwhile. Read it again."))
    party = approving_party(actor, row.case, offer, matrix_now())
    if not party:
        raise CaseError(_("This amount is above your limit. Somebody with the limit has to approve it."))
    if not ObjectionApproval.objects.filter(offer=offer, user_id=actor.user_id).exists():
        ObjectionApproval.objects.create(
            offer=offer, user_id=actor.user_id, name=actor.name[:150], party=party, at=now
        )
        append_to(row, actor, "approved", now, {"version": version, "party": party}, COMMERCIAL)
    return settle_objection(row, now)
