"""The laboratory's pages, control charts, a partner's events and a large recall, on a desk and on a phone."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bihuan.quality.tests.epcis_samples import document

from .conftest import Company
from .looking import check_page
from .test_certificate import run

# What the plant entered: twelve lots that were measured, the last far from the others; one to be tested; one in a thousand packs.
PLANT = """
from datetime import timedelta
from decimal import Decimal
from bihuan.catalog.models import Characteristic, Product
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import now
from bihuan.quality.deciding import enter_result
from bihuan.quality.models import Lot, LotEdge
from bihuan.quality.moving import ship
from bihuan.quality.posting import post
from bihuan.quality.postings import Make, Take
at = now()
made, acid = Product.objects.get(code="ATP-998"), Characteristic.objects.get(code="acid_value")
def receive(number, amount, **more):
    post(actor=SYSTEM, number=f"演示-{number}", kind="receive", at=at, makes=[Make(made, number, Decimal(amount), unit="t", **more)], now=at)
    return Lot.objects.get(product=made, number=number)
for n in range(12):
    lot, value = receive(f"演示Q{n:02}", 5), 0.10 + 0.01 * (n % 2) if n < 11 else 0.18
    Lot.objects.filter(pk=lot.pk).update(made_at=at - timedelta(days=20 - n))
    enter_result(actor=SYSTEM, lot=lot, characteristic=acid, said=f"{value:.2f}", value=value, at=at, now=at)
receive("演示QL", 5)
bulk = receive("演示QB", 50, is_released=True)
post(actor=SYSTEM, number="演示-QS", kind="split", at=at, takes=[Take(bulk, Decimal(20))],
     makes=[Make(made, "演示QS", Decimal(20), unit="t", is_released=True)], now=at)
drum = Lot.objects.get(product=made, number="演示QS")
ship(actor=SYSTEM, number="演示-QD", at=at, takes=[Take(drum, Decimal(5))], customer=Customer.objects.order_by("pk")[3], now=at)
packs = Lot.objects.bulk_create(
    Lot(product=made, number=f"演示QP{n}", kind="finished", unit="t", quantity=0, disposition="released", status="released",
        made_at=at - timedelta(days=400), created_at=at, updated_at=at) for n in range(1100))
edge = LotEdge.objects.get(target=drum)
LotEdge.objects.bulk_create(LotEdge(source=drum, target=one, movement=edge.movement, quantity=0, weight=0) for one in packs)
"""
GTIN = "4012345777772"


@pytest.fixture(scope="module")
def plant(company: Company) -> None:
    run(company, PLANT)


def lot_page(page: Any, number: str) -> None:
    page.goto(f"/lots/?q=ATP-998/{number}")
    page.click("tbody a")
    page.wait_for_url("**/lots/*/**")


def test_what_one_enters_another_verifies_and_what_is_outside_stops_the_lot(
    plant: None, open_as: Callable[..., Any]
):
    page = open_as("quality", width=390)
    page.goto("/quality/laboratory/")
    check_page(page)
    page.locator("#to-test li", has_text="演示QL").locator("a.btn").click()
    page.wait_for_url("**/results/")
    check_page(page)
    page.locator(".result-row", has_text="≤ 10").locator("input[name$=_said]").fill("45")
    page.click("main form .btn-primary")
    page.wait_for_url("**/lots/*/")
    assert "另有 1 个结果" in page.inner_text("main")  # it does not count yet
    page.goto("/quality/laboratory/")
    mine = page.locator("#to-verify li", has_text="演示QL")
    assert mine.count() == 1 and mine.locator("a.btn").count() == 0  # not by whoever entered it

    head = open_as("director")
    head.goto("/quality/laboratory/")
    check_page(head)
    head.locator("#to-verify li", has_text="演示QL").locator("a.btn").click()
    head.wait_for_url("**/verify/")
    check_page(head)
    assert "45" in head.inner_text("tr.deviates")
    head.click("main form .btn-primary")
    head.wait_for_url("**/lots/*/")
    check_page(head)
    assert "45" in head.inner_text("main .note-orange") and "冻结" in head.inner_text(".page-head")
    head.goto("/quality/laboratory/")
    assert "演示QL" not in head.inner_text("#to-verify")


def test_a_chart_shows_the_lot_that_strayed_and_leads_to_it(plant: None, open_as: Callable[..., Any]):
    page = open_as("quality")
    page.goto("/quality/charts/")
    page.select_option("#chart-product", label=page.locator("#chart-product option", has_text="ATP-998").inner_text())  # fmt: skip
    page.wait_for_url("**product=**")
    check_page(page)
    page.locator("tbody tr", has_text="酸值").locator("a").first.click()
    page.wait_for_url("**/quality/charts/*/**")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        check_page(page)
    strayed = page.locator("tr.deviates", has_text="演示Q11")
    assert strayed.count() == 1 and "0.18" in strayed.inner_text()
    strayed.locator("a").click()
    page.wait_for_url("**/lots/*/")
    assert "演示Q11" in page.inner_text("h1")


def test_a_document_is_refused_at_its_path_then_captured_and_called_by_its_paper(
    plant: None, open_as: Callable[..., Any]
):
    event: dict[str, Any] = {
        "type": "TransformationEvent", "eventTime": "2026-03-01T08:00:00Z", "eventTimeZoneOffset": "+08:00",
        "inputQuantityList": [{"epcClass": f"https://id.gs1.org/01/0{GTIN}/10/Y1", "quantity": 4, "uom": "KGM"}],
        "outputQuantityList": [{"epcClass": f"https://id.gs1.org/01/0{GTIN}/10/Y2", "quantity": 4, "uom": "KGM"}],
        "bizTransactionList": [{"type": "po", "bizTransaction": f"urn:epcglobal:cbv:bt:{GTIN}:DEMO-4711"}],
    }  # fmt: skip
    page = open_as("quality")
    page.goto("/epcis/")
    check_page(page)

    def send(given: dict[str, Any]) -> None:
        file = {"name": "演示.json", "mimeType": "application/json", "buffer": json.dumps(document(given)).encode()}  # fmt: skip
        page.set_input_files("#epcis-file", [file])
        page.fill("#epcis-products", f"0{GTIN}=ATP-998")
        with page.expect_navigation():
            page.click("#epcis-capture .btn-primary")

    send(event | {"eventTime": "昨天"})
    assert "$.epcisBody.eventList[0].eventTime" in page.inner_text("#epcis-faults code")
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        check_page(page)
    send(event)
    check_page(page)
    lots = page.url
    for width in (390, 1440):
        page.set_viewport_size({"width": width, "height": 900})
        page.goto("/epcis/")
        said = [one.inner_text() for one in page.query_selector_all("#epcis-recent li")]
        assert (
            "已保存 1 个事件" in said[0]
            and "已拒收" in said[1]
            and all("演示.json" in one for one in said[:2])
        )
        page.click("#epcis-recent li >> nth=1 >> summary")
        assert page.is_visible("#epcis-recent code:has-text('$.epcisBody.eventList[0].eventTime')")
        check_page(page)
    send(event)  # nothing new, and its lots once more
    assert page.url == lots
    page.click("#epcis-lots a:has-text('Y2')")
    page.wait_for_url("**/lots/*/")
    paper = page.wait_for_selector("#panel-history a:has-text('TransformationEvent DEMO-4711')")
    check_page(page)
    paper.click()
    page.wait_for_url("**/epcis/events/*/")
    check_page(page)


def test_a_large_recall_is_asked_for_on_a_phone_and_the_bell_tells_when_it_is_done(
    plant: None, open_as: Callable[..., Any]
):
    page = open_as("quality", width=390)
    lot_page(page, "演示QB")
    page.click(".page-actions button:has-text('召回')")
    page.wait_for_selector("#dialog-content form")
    page.fill("#dialog-content [name=reason]", "演示：大批量")
    page.click("#dialog-content .btn-primary")
    page.wait_for_url("**/recalls/begun/*/")
    check_page(page)
    page.wait_for_url("**/recalls/*/", timeout=60_000)
    page.wait_for_selector("#recall-list")
    check_page(page)
    assert "演示：大批量" in page.inner_text("main .note") and "0 / 1" in page.inner_text("main")
    page.click("#bell button")
    page.wait_for_selector("#bell-list :text('已发起')")
    check_page(page)
