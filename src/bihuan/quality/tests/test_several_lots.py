"""One certificate for the lots of a delivery: its table, its lots' pages, and who may see it."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404
from django.test import Client
from pypdf import PdfReader

from bihuan.customers.models import Customer
from bihuan.kernel.actor import ALL_CLASSES, SYSTEM, Actor, Grant, Scope
from bihuan.kernel.files import read
from bihuan.quality.certificates.errors import NotCertifiable
from bihuan.quality.certificates.queries import (
    certificates_of,
    get_certificate,
    lots_asked,
    search_certificates,
)
from bihuan.quality.certificates.records import CERTIFICATE
from bihuan.quality.certificates.second.queries import drafts_of_lot, drafts_waiting, get_draft
from bihuan.quality.certificates.second.signing import sign_first
from bihuan.quality.certificates.several.choosing import lots_offered, together
from bihuan.quality.errors import LotError
from bihuan.quality.evidence.bihuan_verify import check
from bihuan.quality.models import Certificate, CertificateNotice, EvidenceEntry, Lot, LotShipment
from bihuan.quality.moving import ship
from bihuan.quality.postings import Take
from bihuan.quality.published.publishing import save_publication

from .certifying import Plant, look, make_plant, result, sign, work
from .plants import NOON, receive

pytestmark = pytest.mark.django_db


@pytest.fixture
def plant(settings, tmp_path) -> Plant:
    settings.HOME = tmp_path
    return make_plant()


@pytest.fixture
def coils(plant: Plant) -> list[Lot]:
    """Three lots of a delivery to the customer, the plant's own in front."""
    lots = [plant.lot]
    for number in ("260302-2", "260302-3"):
        one = receive("ATP", number, 100)
        result(one, "purity", 99.9)
        result(one, "water", float(number[-1]))
        lots.append(one)
    send(plant.customer, lots, "S1")
    return lots


def send(customer: Customer, lots: list[Lot], number: str) -> None:
    ship(
        actor=SYSTEM, number=number, at=NOON, takes=[Take(one, Decimal(1)) for one in lots], customer=customer, now=NOON
    )  # fmt: skip


def text_of(sha256: str) -> str:
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(read(sha256))).pages)


def paper_at(asked: str) -> bytes:
    answer: Any = Client().get(f"/b/certificate/{asked}")
    return b"".join(answer.streaming_content)


def seller_of(plant: Plant) -> Actor:
    """Somebody to whom only the plant's customer belongs."""
    Customer.objects.filter(pk=plant.customer.pk).update(owner_a=plant.user)
    own = Grant(Scope.OWN, ALL_CLASSES)
    grants = {(one, "view"): own for one in ("lot", "certificate", "customer", "lot_shipment")}
    return Actor(kind="staff", name="x", user_id=plant.user.pk, grants=grants)


def test_it_lists_each_lot_once_and_is_one_whatever_lot_one_begins_with(
    plant: Plant, coils: list[Lot]
) -> None:
    made = sign(plant, customer=plant.customer, more=coils[1:])
    row = made.certificate
    assert [one["number"] for one in made.said["lots"]] == ["260302-1", "260302-2", "260302-3"]
    water = made.said["lines"][1]
    assert [[one["said"] for one in cell] for cell in water["cells"]] == [["80.0"], ["2.0"], ["3.0"]]
    text = text_of(made.sha256).replace("\u200b", "")
    for word in ("260302-1", "260302-2", "260302-3", "99.7", "99.9", "80.0", "≥ 99.6"):
        assert word in text, word
    assert [certificates_of(plant.signer, one) for one in coils] == [[row]] * 3
    assert list(search_certificates(plant.signer, Certificate.objects.all(), "260302-3")) == [row]
    begun_with_the_last = replace(plant, lot=coils[2])
    again = sign(begun_with_the_last, customer=plant.customer, more=coils[:2], reason="改正")
    assert (again.certificate, again.version) == (row, 2)
    alone = sign(begun_with_the_last, customer=plant.customer)  # of one of them alone it is another paper
    assert (alone.certificate == row, alone.said["lots"]) == (False, [])
    assert certificates_of(plant.signer, coils[2]) == [row, alone.certificate]


def test_what_stands_against_one_lot_stands_against_all_and_says_which(
    plant: Plant, coils: list[Lot]
) -> None:
    result(coils[1], "purity", 90.0)
    Lot.objects.filter(pk=coils[2].pk).update(disposition="held")
    with pytest.raises(NotCertifiable) as refused:
        sign(plant, customer=plant.customer, more=coils[1:])
    assert len(refused.value.reasons) == 3  # the bad result held its lot, and stands against it itself
    assert all(any(one.number in reason for reason in refused.value.reasons) for one in coils[1:])


def test_only_lots_of_one_delivery_are_offered_and_taken(plant: Plant, coils: list[Lot]) -> None:
    stranger = receive("ATP", "260302-9", 100)
    result(stranger, "purity", 99.9)
    result(stranger, "water", 1.0)
    offered = lots_offered(plant.signer, plant.lot, "coa", plant.customer, NOON.date())
    assert set(offered) == set(coils[1:])
    assert set(lots_offered(plant.signer, plant.lot, "coa", None, NOON.date())) == set(coils[1:])
    assert not lots_offered(plant.signer, plant.lot, "origin", plant.customer, NOON.date())
    assert not lots_offered(plant.signer, stranger, "coa", plant.customer, NOON.date())
    for customer, lots, kind in (
        (plant.customer, [stranger], "coa"), (None, [stranger], "coa"), (plant.customer, coils[1:], "origin"),
    ):  # fmt: skip
        with pytest.raises(NotCertifiable):
            sign(plant, kind, customer=customer, more=lots)
    with pytest.raises(LotError) as refused:  # what was seen was another set of lots
        sign(plant, customer=plant.customer, more=coils[1:], seen=look(plant, "coa", plant.customer))
    assert refused.value.code == "seen"


def test_a_changed_result_of_any_lot_is_noticed(plant: Plant, coils: list[Lot]) -> None:
    made = sign(plant, customer=plant.customer, more=coils[1:])
    work()
    assert Certificate.objects.get().changed_at is None  # the others' results are not taken for fallen ones
    result(coils[2], "water", 5.0)
    work()
    assert Certificate.objects.get().changed_at == NOON
    assert CertificateNotice.objects.get().version == made
    page = Client()
    page.force_login(plant.user)
    text = page.get(f"/certificates/{made.certificate_id}/").content.decode()
    assert "5.0" in text
    assert "260302-3" in text


def test_each_lots_public_page_finds_it_and_its_leaf_names_them_all(plant: Plant, coils: list[Lot]) -> None:
    save_publication(actor=SYSTEM, product=plant.lot.product, shows_certificate=True, now=NOON)
    made = sign(plant, more=coils[1:])
    work()
    entry = EvidenceEntry.objects.get(source="certified")
    told = json.loads(entry.body)
    assert [one["lot"] for one in told["lots"]] == [one.number for one in coils]
    assert told["document"] == made.sha256
    for one in coils:
        asked = f"?p=ATP&n={one.number}"
        assert made.certificate.number in Client().get(f"/b/{asked}").content.decode()
        assert paper_at(asked) == read(made.sha256)
        bundle = Client().get(f"/b/bundle/{asked}").content
        assert check(bundle)["findings"] == []
        events = [json.loads(leaf["event"]) for leaf in json.loads(bundle)["leaves"]]
        assert sum(event["kind"] == "certificate_issued" for event in events) == 1
        assert {event["lot"] for event in events if "lot" in event} == {one.number}  # no other lot's results


def test_who_may_not_see_one_of_the_lots_does_not_see_it(plant: Plant, coils: list[Lot]) -> None:
    named = sign(plant, customer=plant.customer, more=coils[1:]).certificate
    general = sign(plant, more=coils[1:]).certificate
    seller = seller_of(plant)
    assert get_certificate(seller, named.pk) == named
    assert get_certificate(seller, general.pk) == general
    draft = sign_first(
        actor=plant.signer, lot=plant.lot, more=coils[1:], seen=look(plant, "mill_32", None, coils[1:]), now=NOON
    )  # fmt: skip
    signing = replace(
        seller, grants={**seller.grants, ("certificate", "sign"): Grant(Scope.ALL, ALL_CLASSES)}
    )
    assert get_draft(signing, draft.pk) == draft
    LotShipment.objects.filter(lot=coils[1]).delete()  # it never went to her customer
    for row in (named, general):
        with pytest.raises(Http404):
            get_certificate(seller, row.pk)
    hidden = coils[1]
    with pytest.raises(Http404):
        lots_asked(seller, [str(hidden.pk)], plant.lot)
    with pytest.raises(Http404):
        together(seller, plant.lot, [hidden])
    assert lots_asked(seller, [str(coils[2].pk)], plant.lot) == together(seller, coils[2], [])
    assert list(lots_offered(seller, plant.lot, "coa", plant.customer, NOON.date())) == [coils[2]]
    assert not CERTIFICATE.visible_to(seller).exists()
    assert (drafts_waiting(signing), drafts_of_lot(signing, plant.lot)) == ([], [])
    with pytest.raises(Http404):
        get_draft(signing, draft.pk)


def test_it_is_chosen_and_signed_on_its_pages(plant: Plant, coils: list[Lot]) -> None:
    browser = Client()
    browser.force_login(plant.user)
    asked = f"/certificates/issue/?lot=ATP/260302-2&kind=coa&customer={plant.customer.pk}"
    assert "260302-3" in browser.get(asked).content.decode()  # offered
    asked += f"&more={coils[0].pk}&more={coils[2].pk}"
    assert browser.get(f"{asked}&more=x").status_code == 404
    assert browser.get(asked.replace("issue", "preview"))["Content-Type"] == "application/pdf"
    seen: Any = browser.get(asked).context["form"]["seen"].value()
    answer = browser.post(asked, {"seen": seen})
    assert answer.status_code == 302
    text = browser.get(answer["Location"]).content.decode()
    assert all(one.number in text for one in coils)
    assert f"more={coils[1].pk}" in text  # the next version is of the same lots
    assert "+2" in browser.get("/certificates/").content.decode()
