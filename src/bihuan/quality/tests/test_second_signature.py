"""A mill certificate 3.2 is issued with its second signature, and nothing of it is valid before."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.http import Http404
from pypdf import PdfReader

from bihuan.kernel.actor import ALL_CLASSES, SYSTEM, Actor, Grant, NotAllowed, Scope
from bihuan.kernel.files import read
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user
from bihuan.quality.certificates.errors import NotCertifiable
from bihuan.quality.certificates.issuing import issue, paper_of
from bihuan.quality.certificates.second.queries import (
    declined_of_mine,
    drafts_of_lot,
    drafts_waiting,
    get_draft,
)
from bihuan.quality.certificates.second.signing import decline, sign_first, sign_second
from bihuan.quality.deciding import decide
from bihuan.quality.errors import LotError
from bihuan.quality.models import Certificate, CertificateDraft, CertificateVersion, Lot, SecondSignature
from bihuan.quality.published.publishing import save_publication
from bihuan.quality.published.showing import shown

from .certifying import Plant, look, make_plant, result, work
from .plants import NOON

pytestmark = pytest.mark.django_db
PDF = b"%PDF-1.7\n%demo\n"


@pytest.fixture
def plant(settings, tmp_path) -> Plant:
    settings.HOME = tmp_path
    return make_plant()


@pytest.fixture
def director() -> Actor:
    return actor_for(create_user(actor=SYSTEM, username="d", name="演示总监", roles=["director"], now=NOON))


def first(plant: Plant, **more: Any) -> CertificateDraft:
    given = {"seen": look(plant, "mill_32", more.get("customer")), "post": "质检主管"} | more
    return sign_first(actor=plant.signer, lot=plant.lot, now=NOON, **given)


def second(actor: Actor, draft: CertificateDraft, **more: Any) -> CertificateVersion:
    given: dict[str, Any] = {
        "name": "演示验船师", "organisation": "演示船级社", "reference": "INS-26-007", "inspected_on": NOON.date(),
        "page": SimpleUploadedFile("签字页.pdf", PDF, "application/pdf"), "base": "https://example.com/",
        "now": NOON + timedelta(days=1),
    }  # fmt: skip
    return sign_second(actor=actor, draft=draft, **given | more)


def text_of(data: bytes) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)


def test_it_is_issued_with_the_second_signature_and_says_both(plant: Plant, director: Actor) -> None:
    save_publication(actor=SYSTEM, product=plant.lot.product, shows_certificate=True, now=NOON)
    with pytest.raises(LotError) as refused:  # one alone does not issue it
        issue(actor=plant.signer, lot=plant.lot, kind="mill_32", seen=look(plant, "mill_32", None), now=NOON)
    assert refused.value.code == "second"
    draft = first(plant)
    work()
    assert not Certificate.objects.exists()
    assert shown(plant.lot).certificate is None
    paper = text_of(paper_of(draft.said, NOON))
    assert "无效" in paper
    assert "https://" not in paper  # no code leads to it
    made = second(director, draft)
    work()
    assert (made.version, made.signer_name, made.said["inspector"]["of"]) == (1, "演示质检", "演示船级社")
    assert shown(plant.lot).certificate == made
    text = text_of(read(made.sha256)).replace("\u200b", "")
    for word in (
        "EN 10204:2004",
        "演示质检",
        "质检主管",
        "演示验船师",
        "演示船级社",
        "INS-26-007",
        made.certificate.number,
    ):
        assert word in text, word
    assert "无效" not in text
    page = SecondSignature.objects.get(version=made)
    assert read(page.page_sha256) == PDF  # outside the database
    assert page.page_sha256 in text.replace("\n", "").replace(
        " ", ""
    )  # the leaf of the log binds the page through the paper
    assert drafts_waiting(director) == []
    with pytest.raises(LotError) as refused:
        second(director, draft)
    assert refused.value.code == "ended"


def test_superseding_asks_both_signatures_anew(plant: Plant, director: Actor) -> None:
    made = second(director, first(plant, customer=plant.customer, recipients=[plant.contact]))
    assert [one.contact for one in made.recipients.all()] == [plant.contact]
    with pytest.raises(LotError) as refused:
        first(plant, customer=plant.customer)
    assert refused.value.code == "reason"
    again = first(plant, customer=plant.customer, reason="改正炉号")
    assert Certificate.objects.get().version == 1  # the one before is valid as long as the next waits
    assert second(director, again).version == 2


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"name": "演示质检"}, "same_person", "name"),
        ({"organisation": "演示化工"}, "same_house", "organisation"),
        ({"inspected_on": (NOON + timedelta(days=2)).date()}, "not_yet", "inspected_on"),
        ({"page": None}, "file", "page"),
        ({"page": SimpleUploadedFile("a.pdf", b"<script>", "application/pdf")}, "file", "page"),
        ({"page": SimpleUploadedFile("a.txt", b"signed", "text/plain")}, "file", "page"),
    ],
)
def test_what_is_no_second_signature_issues_nothing(
    plant: Plant, director: Actor, change: dict, code: str, field: str
) -> None:
    with pytest.raises(LotError) as refused:
        second(director, first(plant), **change)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert not Certificate.objects.exists()


def test_who_signed_first_or_may_not_sign_does_not_enter_the_second(plant: Plant, director: Actor) -> None:
    draft = first(plant)
    with pytest.raises(LotError) as refused:
        second(plant.signer, draft)
    assert refused.value.code == "same_entry"
    seller = actor_for(
        create_user(actor=SYSTEM, username="s", name="演示销售", roles=["salesperson"], now=NOON)
    )
    for actor in (seller, SYSTEM):
        with pytest.raises(NotAllowed):
            second(actor, draft)
        with pytest.raises(NotAllowed):
            decline(actor=actor, draft=draft, reason="x", now=NOON)
    with pytest.raises(LotError) as refused:  # another tab
        first(plant)
    assert refused.value.code == "waiting"


def test_it_waits_for_nothing_once_declined(plant: Plant, director: Actor) -> None:
    draft = first(plant)
    with pytest.raises(LotError) as refused:
        decline(actor=director, draft=draft, reason=" ", now=NOON)
    assert refused.value.code == "reason"
    decline(actor=director, draft=draft, reason="炉号不符", now=NOON)
    assert declined_of_mine(plant.signer, NOON - timedelta(days=1)) == [draft]
    assert declined_of_mine(director, NOON - timedelta(days=1)) == []
    with pytest.raises(LotError) as refused:
        second(director, draft)
    assert refused.value.code == "ended"
    assert first(plant) != draft


def test_what_changed_between_the_signatures_is_not_issued(plant: Plant, director: Actor) -> None:
    draft = first(plant)
    result(plant.lot, "purity", 99.8)
    with pytest.raises(LotError) as refused:
        second(director, draft)
    assert refused.value.code == "changed"
    decide(actor=SYSTEM, lot=plant.lot, to="held", reason="客诉", now=NOON)
    with pytest.raises(NotCertifiable):
        second(director, draft)


def test_drafts_are_for_who_sees_lot_and_customer(plant: Plant) -> None:
    draft = first(plant, customer=plant.customer)
    all_of_it, own = Grant(Scope.ALL, ALL_CLASSES), Grant(Scope.OWN, ALL_CLASSES)

    def seen(**narrowed: Grant | None) -> bool:
        grants = {
            ("certificate", "sign"): all_of_it,
            ("lot", "view"): all_of_it,
            ("customer", "view"): all_of_it,
        }
        for name, grant in narrowed.items():
            grants[("certificate", "sign") if name == "sign" else (name, "view")] = grant  # type: ignore[assignment]
        kept = {key: one for key, one in grants.items() if one is not None}
        actor = Actor(kind="staff", name="x", user_id=0, grants=kept)
        found = [drafts_waiting(actor), drafts_of_lot(actor, plant.lot)]
        try:
            found.append([get_draft(actor, draft.pk)])
        except Http404:
            found.append([])
        assert found in ([[draft]] * 3, [[]] * 3)
        return bool(found[0])

    assert seen()
    assert not seen(lot=own)
    assert not seen(customer=own)
    assert not seen(sign=None)
    other = Lot.objects.create(
        product=plant.lot.product, number="hidden", kind="finished", made_at=NOON, created_at=NOON, updated_at=NOON
    )  # fmt: skip
    several = CertificateDraft.objects.create(
        kind="mill_32", lot=plant.lot, further=str(other.pk), signer=User.objects.get(username="q"), signer_name="x",
        signed_at=NOON, said={}, digest="",
    )  # fmt: skip
    assert get_draft(plant.signer, several.pk) == several


def test_the_database_keeps_both_signatures(plant: Plant, director: Actor) -> None:
    draft = first(plant)
    decline(actor=director, draft=draft, reason="炉号不符", now=NOON)
    rows = CertificateDraft.objects.filter(pk=draft.pk)
    for change in (
        lambda: rows.update(signer_name="y"),
        lambda: rows.delete(),
        lambda: SecondSignature.objects.update(reason="y"),
        lambda: SecondSignature.objects.all().delete(),
        lambda: SecondSignature.objects.create(
            draft=draft, person=plant.user, person_name="x", at=NOON, reason="again"
        ),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    assert rows.update(customer=plant.customer) == 1  # customers are merged


def test_the_pages_lead_from_the_first_to_the_second(plant: Plant, director: Actor, client) -> None:
    client.force_login(plant.user)
    asked = "/certificates/issue/?lot=ATP/260302-1&kind=mill_32"
    client.post(asked, {"seen": look_now(client, asked)})
    draft = CertificateDraft.objects.get()
    address = f"/certificates/drafts/{draft.pk}/"
    assert "multipart" not in client.get(address).content.decode()  # not hers to enter
    assert client.get(f"{address}paper/")["Content-Type"] == "application/pdf"
    client.force_login(User.objects.get(username="d"))
    given: dict[str, Any] = {
        "name": "演示验船师",
        "organisation": "演示船级社",
        "reference": "R-1",
        "inspected_on": "2026-03-01",
    }
    assert client.post(address, given).status_code == 422  # no page
    page = SimpleUploadedFile("p.pdf", PDF, "application/pdf")
    answer = client.post(address, {**given, "page": page})
    assert answer.status_code == 302
    made = CertificateVersion.objects.get()
    assert client.get(answer["Location"]).status_code == 200
    signed = client.get(f"/certificates/signed/{made.pk}/")
    assert b"".join(signed.streaming_content) == PDF
    assert client.get(f"/certificates/signed/{made.pk + 1}/").status_code == 404


def look_now(client: Any, address: str) -> str:
    return str(client.get(address).context["form"]["seen"].value())
