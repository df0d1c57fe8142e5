"""Certificates of two signatures and of several lots: a draft and a signed page for each, and a paper that shows a stranger's lot, too."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.urls import reverse

from bihuan.kernel.actor import FieldClass
from bihuan.kernel.files import keep
from bihuan.people.models import User
from bihuan.quality.models import Certificate, CertificateDraft, CertificateLot, Lot, SecondSignature

from . import world as planting
from .company import plant
from .doors import client_of, read
from .matrix import Door

if TYPE_CHECKING:
    from .world import Filler, World

PUBLIC = FieldClass.PUBLIC
FIELDS = ("draft.signer", "draft.result")


def plant_second(world: World, filler: Filler, whose: str, row: Certificate) -> None:
    """The next version of the certificate waits as a draft; the page that an inspector signed belongs to this one."""
    person = world.people.get(whose) or world.people["mate" if whose == "team" else "stranger"]
    words = {name: filler.word() for name in FIELDS}
    lines = [{"characteristic": 0, "name": "x", "said": words["draft.result"]}]
    given = {"kind": "mill_32", "lot": row.lot, "customer": row.customer, "signer": person}
    CertificateDraft.objects.create(
        **given, signer_name=words["draft.signer"], signed_at=planting.NOON, said={"rows": lines}, digest=""
    )
    signed = CertificateDraft.objects.create(
        **given, signer_name=filler.word(), signed_at=planting.NOON, said={}, digest=""
    )
    paper = filler.word()
    SecondSignature.objects.create(
        draft=signed, version=row.versions.get(), person=person, person_name=filler.word(), at=planting.NOON, inspector="x",
        page_sha256=keep(paper.encode()), page_name="page.txt", page_type="text/plain",
    )  # fmt: skip
    for name, text in {**words, "page": paper}.items():
        plant(world, "certificate", name, PUBLIC, text, row.pk, whose)


def plant_several(
    world: World, filler: Filler, make: Callable[..., Certificate], lot: Lot, stranger: Lot
) -> None:
    """For nobody in particular, of this lot and the stranger's: only for who sees both."""
    first, second = sorted((lot, stranger), key=lambda one: one.pk)
    row = make(world, filler, "other", first, None, further=str(second.pk))
    CertificateLot.objects.bulk_create(CertificateLot(certificate=row, lot=one) for one in (first, second))
    plant(world, "certificate", "number", PUBLIC, row.number, row.pk, "other")


def second_doors(world: World) -> list[Door]:
    return [
        Door("page certificate draft", "page", "certificate", of_draft("certificate_draft"), action="sign"),
        Door("decline certificate draft", "page", "certificate", of_draft("certificate_draft_decline"), action="sign"),
        Door("signed page of certificate", "page", "certificate", signed_page, promises=frozenset({"page"})),
    ]  # fmt: skip


def of_draft(name: str) -> Callable[[User, Any], str]:
    def ask(user: User, row: Certificate) -> str:
        draft = CertificateDraft.objects.get(lot=row.lot_id, customer=row.customer_id, second=None)
        return read(client_of(user).get(reverse(name, args=[draft.pk])))

    return ask


def signed_page(user: User, row: Certificate) -> str:
    return read(client_of(user).get(reverse("certificate_signed_page", args=[row.versions.get().pk])))


SIGNERS = "who signs sees all lots and customers in both tables; its room's tests narrow it"
# As in `removing`: (file, function, guard) → why the matrix stays green without it.
SECOND_WALLS: dict[tuple[str, str, str], str] = {
    (
        "quality/certificates/several/choosing.py",
        "together",
        "visible_to",
    ): "the lots were looked up among what the actor sees; signing asks again",
    ("quality/certificates/several/choosing.py", "lots_offered", "visible_to"): SIGNERS,
    ("quality/certificates/several/choosing.py", "_for_orders", "visible_to"): SIGNERS,
    ("quality/certificates/second/queries.py", "drafts_seen", "visible_to"): SIGNERS,
    ("quality/certificates/second/queries.py", "_whole", "visible_to"): SIGNERS,
}
# (file, function, guard) → why no door of the matrix comes by.
ELSEWHERE: dict[tuple[str, str, str], str] = {
    (
        "quality/certificates/queries.py",
        "lots_asked",
        "visible_to",
    ): "no door puts further lots on a certificate; its room's tests do, as somebody who does not see one",
}
