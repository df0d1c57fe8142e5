"""Quality objections: one for each post as own, team's and another's, and every way to look at them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.files import keep
from bihuan.kernel.pages.lists import lists
from bihuan.people.models import User
from bihuan.service.models import (
    Objection,
    ObjectionAgreement,
    ObjectionApproval,
    ObjectionEvent,
    ObjectionOffer,
    ObjectionRemedy,
    ObjectionSample,
)
from bihuan.service.objection.showing import STEPS

from . import world as planting
from .company import plant
from .doors import client_of, neighbours, ordered, page, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World

PUBLIC, TECHNICAL, COMMERCIAL = FieldClass.PUBLIC, FieldClass.TECHNICAL, FieldClass.COMMERCIAL


def plant_objection(world: World, filler: Filler, whose: str, product: Any) -> None:
    """An objection that was admitted, of the case of the same person, with a sample, an offer and an agreement."""
    row = Objection()
    given: dict[str, Any] = {
        "case": world.rows["case", whose], "product": product, "settlement": world.rows["order", whose], "cost": None,
        "closed_at": None, "papers": [],
    }  # fmt: skip
    filler.fill(row, given).save()
    world.rows["objection", whose] = row
    for kind, field_class in (("admitted", PUBLIC), ("sampled", TECHNICAL), ("offered", COMMERCIAL)):
        said = filler.word()
        ObjectionEvent.objects.create(
            objection=row, at=planting.NOON, kind=kind, actor="staff:0", actor_name="x", data={"text": said},
            field_class=field_class.value,
        )  # fmt: skip
        plant(world, "objection", f"event.{kind}", field_class, said, row.pk, whose)
    words = {
        name: filler.word()
        for name in ("number", "place", "ours_present", "theirs_present", "retained_number", "laboratory", "result",
                     "countersigned_by_us", "countersigned_by_them")
    }  # fmt: skip
    ObjectionSample.objects.create(
        objection=row,
        taken_on=date(2026, 3, 1),
        is_sealed=True,
        is_conforming=False,
        result_on=date(2026, 3, 2),
        **words,
    )
    # A second one, whose result was disputed and whose retained sample has been tested.
    more = {name: filler.word() for name in ("number", "dispute", "first_result", "result")}
    ObjectionSample.objects.create(
        objection=row, taken_on=date(2026, 3, 1), is_sealed=True, is_conforming=True, result_on=date(2026, 3, 2),
        disputed_at=planting.NOON, retested_at=planting.NOON, place="x", ours_present="x", theirs_present="x",
        retained_number="x", **more,
    )  # fmt: skip
    words |= {f"second.{name}": text for name, text in more.items()}
    for name, text in words.items():
        plant(world, "objection", f"sample.{name}", TECHNICAL, text, row.pk, whose)
    plant_settlement(world, filler, whose, row)


def plant_settlement(world: World, filler: Filler, whose: str, row: Objection) -> None:
    amount, other = (Decimal(8_100_003 + 7919 * filler.number()) for _two in range(2))
    offer = ObjectionOffer.objects.create(
        objection=row, version=1, quantity_accepted=1, amount=amount + other, text=filler.word(),
        proposer_name=filler.word(), at=planting.NOON,
    )  # fmt: skip
    for remedy, worth in (("replacement", amount), ("rework", other)):
        ObjectionRemedy.objects.create(offer=offer, remedy=remedy, amount=worth)
    approval = ObjectionApproval.objects.create(
        offer=offer, user=world.people["director"], name=filler.word(), party="director", at=planting.NOON
    )
    content, signed = filler.word(), filler.word()
    agreement = ObjectionAgreement.objects.create(
        objection=row, offer=offer, version=1, sha256=keep(content.encode()), made_at=planting.NOON,
        made_by=filler.word(), signed_sha256=keep(signed.encode()), signed_name=filler.word(),
        signed_type="application/pdf", signed_on=date(2026, 3, 2),
    )  # fmt: skip
    said = {
        "offer.amount": str(int(offer.amount)), "remedy.amount": str(int(amount)), "offer.text": offer.text,
        "offer.proposer": offer.proposer_name, "approval.name": approval.name, "agreement.made_by": agreement.made_by,
        "agreement.signed_name": agreement.signed_name, "agreement.content": content, "agreement.signed": signed,
    }  # fmt: skip
    for name, text in said.items():
        plant(world, "objection", name, COMMERCIAL, text, row.pk, whose)


def objection_doors(world: World) -> list[Door]:
    shown = {
        "number", "customer", "case", "product", "lot", "specification", "contract", "defect", "location", "amount_claimed",
        "quantity_claimed", "event.admitted", "event.sampled", "event.offered", "sample.number", "sample.result", "sample.second.dispute", "sample.second.first_result",
        "offer.amount", "remedy.amount", "approval.name", "agreement.signed_name",
    }  # fmt: skip
    return [
        Door("page objection", "page", "objection", page("objection"), promises=frozenset(shown)),
        Door("steps of objection", "page", "objection", steps, action="edit"),
        Door("approval of objection", "page", "objection", approval, action="approve"),
        Door("settling of objection", "page", "objection", settling, action="settle"),
        Door("agreement of objection", "page", "objection", agreement, promises=frozenset({"agreement.content", "agreement.signed"})),
        Door("objection of case", "page", "case", page("objection_create")),
        Door("neighbours of objection", "search", "objection", neighbours(lists["objections"])),
        Door("guess by order of objections", "search", "objection", ordered(world, lists["objections"]), many=True),
    ]  # fmt: skip


def dialog(what: str) -> Callable[[User, Any], str]:
    return lambda user, row: read(client_of(user).get(reverse("objection_step", args=[row.pk, what])))


approval, settling = dialog("approve"), dialog("settled")


def steps(user: User, row: Any) -> str:
    """The dialogs of all steps that ask for the right to edit."""
    return "\n".join(dialog(what)(user, row) for what in sorted(STEPS) if STEPS[what][0] == "edit")


def agreement(user: User, row: Any) -> str:
    """The agreement as it was made, and as it was signed."""
    identity = ObjectionAgreement.objects.get(objection=row).pk
    names = ("objection_agreement", "objection_signed")
    return "\n".join(read(client_of(user).get(reverse(name, args=[identity]))) for name in names)


A_WRITE = "guards a change, which shows nothing; its room's tests try it as others"
# As in `removing`: (file, function, guard) → why the matrix stays green without it.
SECOND_WALLS = {
    ("service/objection/forms.py", "intake_fields", "visible_to"): "whoever enters here sees all products",
}
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE = {
    ("service/objection/intake.py", "open_objection", "visible_to"): A_WRITE,
    ("service/objection/step.py", "live_objection", "visible_to"): A_WRITE,
    ("sales/services.py", "post_credit_note", "visible_to"): A_WRITE,
    ("sales/services.py", "reverse_document", "visible_to"): A_WRITE,
}
