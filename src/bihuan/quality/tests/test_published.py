"""What anybody sees who scans the code on a drum: what the product publishes, and never customers, prices or people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from bihuan.kernel.actor import SYSTEM
from bihuan.quality.deciding import decide
from bihuan.quality.errors import LotError
from bihuan.quality.evidence.bihuan_verify import check
from bihuan.quality.models import Lot
from bihuan.quality.published.limits import PER_MINUTE
from bihuan.quality.published.publishing import save_publication

from .certifying import Plant, make_plant, result, sign, work
from .plants import NOON, lot, move, receive

pytestmark = pytest.mark.django_db
GTIN = "06901234567892"


@pytest.fixture
def plant(settings, tmp_path: Path) -> Plant:
    settings.HOME = tmp_path
    cache.clear()
    plant = make_plant()
    decide(actor=SYSTEM, lot=plant.lot, to="held", reason="演示", now=NOON)
    decide(actor=SYSTEM, lot=plant.lot, to="released", reason="演示", now=NOON)
    return plant


def publish(plant: Plant, **shown: Any) -> None:
    save_publication(actor=SYSTEM, product=plant.lot.product, now=NOON, **shown)


def page(address: str = "/b/?p=ATP&n=260302-1", status: int = 200) -> str:
    answer = Client().get(address)
    assert answer.status_code == status, address
    return answer.content.decode()


EVERYTHING = {
    "shows_dates": True,
    "shows_storage": True,
    "storage": "5–25 ℃",
    "shows_certificate": True,
    "shows_origin": True,
}


def test_without_a_publication_it_shows_number_and_product_alone(plant: Plant) -> None:
    sign(plant)
    work()
    text = page()
    assert "260302-1" in text
    for word in ("2026-03-02", "COA-", "5–25", plant.customer.name, plant.signer.name, plant.contact.name):
        assert word not in text


def test_a_publication_shows_dates_storage_certificate_and_origin(plant: Plant) -> None:
    receive("TP", "1", 30, make={"kind": Lot.Kind.RAW, "origin": "演示·梧州"})
    move("produce", {("TP", "1"): 30}, {("ATP", "260303-1"): 30})
    plant.lot = lot("ATP", "260303-1")
    for code, value in (("purity", 99.9), ("water", 9.0)):
        result(plant.lot, code, value)
    made, report = sign(plant), sign(plant, "origin")
    publish(plant, gtin=GTIN, **EVERYTHING)
    text = page(f"/01/{GTIN}/10/260303-1")
    for word in (
        "2026-03-02",
        "5–25 ℃",
        made.certificate.number,
        report.certificate.number,
        "演示·梧州",
        "100.00 %",
    ):
        assert word in text
    paper: Any = Client().get("/b/certificate/?p=ATP&n=260303-1")
    assert (paper.status_code, b"".join(paper.streaming_content)[:4]) == (200, b"%PDF")
    assert Client().get("/b/certificate/?p=ATP&n=260303-1&kind=origin").status_code == 200


@pytest.mark.parametrize(
    "address",
    [
        f"/01/{GTIN}/10/260302-1",
        f"/01/{GTIN[1:]}/10/260302-1/",
        f"/01/{GTIN}/22/2A/10/260302-1/21/7",
        "/b/?p=ATP&n=260302-1",
    ],
)
def test_a_lot_is_found_by_its_digital_link_with_and_without_qualifiers(plant: Plant, address: str) -> None:
    publish(plant, gtin=GTIN[1:])
    assert "260302-1" in page(address)


def test_a_lot_number_with_a_slash_is_found(plant: Plant) -> None:
    receive("ATP", "A/12#3 甲", 1)
    publish(plant, gtin=GTIN)
    assert "A/12#3 甲" in page(f"/01/{GTIN}/10/A%2F12%233%20%E7%94%B2")


def test_what_nobody_may_know_of_is_not_there(plant: Plant) -> None:
    receive("TP", "raw", 1, make={"kind": Lot.Kind.RAW})
    receive("ATP", "quarantined", 1, make={"is_released": False})
    for address in (
        "/b/?p=TP&n=raw",
        "/b/?p=ATP&n=quarantined",
        "/b/?p=ATP&n=none",
        "/b/",
        "/01/12345670/10/x",
    ):
        page(address, 404)


def test_a_certificate_for_a_customer_or_overtaken_by_results_is_not_published(plant: Plant) -> None:
    publish(plant, shows_certificate=True)
    sign(plant, customer=plant.customer)
    page("/b/certificate/?p=ATP&n=260302-1", 404)
    sign(plant)
    assert Client().get("/b/certificate/?p=ATP&n=260302-1").status_code == 200
    result(plant.lot, "purity", 99.9)
    work()
    page("/b/certificate/?p=ATP&n=260302-1", 404)


def test_the_check_names_characteristics_and_the_company_and_none_that_is_not_published(plant: Plant) -> None:
    sign(plant)
    plain = page("/b/check/?p=ATP&n=260302-1")
    assert "data-name-of" not in plain and "演示化工" in plain
    publish(plant, shows_certificate=True)
    assert '<span data-name-of="purity">含量</span>' in page("/b/check/?p=ATP&n=260302-1")


def test_the_bundle_holds_what_is_published_and_leads_on_from_the_printed_head(plant: Plant) -> None:
    page("/b/bundle/?p=ATP&n=260302-1", 404)  # nothing logged yet
    work()
    sign(plant, customer=plant.customer)
    made = sign(plant)
    receive("ATP", "other", 1)
    work()

    def kinds() -> list[str]:
        data = Client().get("/b/bundle/?p=ATP&n=260302-1").content
        assert check(data)["findings"] == []
        return [json.loads(one["event"])["kind"] for one in json.loads(data)["leaves"]]

    assert kinds() == ["lot_released"]  # neither what went in, nor the hold, nor results
    publish(plant, shows_certificate=True)
    assert kinds() == ["lot_tested", "lot_tested", "lot_released", "certificate_issued"]
    data = json.loads(Client().get("/b/bundle/?p=ATP&n=260302-1").content)
    assert f"\n{made.log_size}\n" in data["kept"][0]["head"]
    event = json.loads(data["leaves"][-1]["event"])
    assert (event["certificate"], event["document"]) == (made.certificate.number, made.sha256)


def test_one_address_asks_sixty_times_a_minute_at_most(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIHUAN_NOW", "2026-03-02T12:00:00Z")
    asked = [Client().get("/b/?p=ATP&n=none").status_code for _number in range(PER_MINUTE + 2)]
    assert asked == [404] * PER_MINUTE + [429] * 2
    assert Client(REMOTE_ADDR="192.0.2.7").get("/b/?p=ATP&n=260302-1").status_code == 200
    monkeypatch.setenv("BIHUAN_NOW", "2026-03-02T12:01:00Z")
    assert Client().get("/b/?p=ATP&n=260302-1").status_code == 200


@pytest.mark.parametrize(
    ("given", "code"),
    [({"gtin": "6901234567891"}, "gtin"), ({"gtin": "123"}, "gtin"), ({"shows_storage": True}, "storage")],
)
def test_a_publication_that_is_wrong_is_refused(plant: Plant, given: dict[str, Any], code: str) -> None:
    with pytest.raises(LotError) as refused:
        publish(plant, **given)
    assert refused.value.code == code


def test_a_gtin_belongs_to_one_product(plant: Plant) -> None:
    publish(plant, gtin=GTIN)
    publish(plant, gtin=GTIN)
    with pytest.raises(LotError) as refused:
        save_publication(actor=SYSTEM, product=receive("B", "1", 1).product, gtin=GTIN, now=NOON)
    assert refused.value.code == "gtin_twice"
