"""From a complaint to its lot, what deviates, where it comes from, and on hold; on a laptop, then on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import Company
from .looking import check_page

MAPPING = """
lot: {product: ATP-998, number: batch, quantity: size, unit: t, status: released, made: made}
files:
  batches.csv:
    raw: [{product: DEMO-TURP, name: 演示·松节油, number: turpentine, tests: [turpentine_density]}]
    tests: [hazen, acid_value]
    readings: {精馏: [top_temperature, reflux]}
    set_points: {top_temperature: {set_point: 158, lower: 156, upper: 160}}
units: {hazen: Hazen, acid_value: mg KOH/g, top_temperature: ℃}
"""
ROWS = """batch,size,made,turpentine,turpentine_density,hazen,acid_value,top_temperature,reflux
演示A1,20,2026-02-01,演示T7,0.86,45,0.1,163,4
演示A2,20,2026-02-02,演示T7,0.86,8,0.1,158,4
"""


@pytest.fixture
def plant(company: Company, tmp_path: Path) -> None:
    (tmp_path / "batches.csv").write_text(ROWS, encoding="utf-8")
    mapping = tmp_path / "mapping.yaml"
    mapping.write_text(MAPPING, encoding="utf-8")
    company.command("plant", "import", str(tmp_path), "--mapping", str(mapping))


def test_from_a_complaint_to_its_lot_and_on_hold(open_as: Callable[..., Any], plant: None):
    page = open_as("quality")
    page.goto("/cases/new/?customer=1")
    page.fill("[name=text]", "演示：色泽发黄")
    page.fill("[name=references]", "atp-998/演示a1")
    page.locator("main form .btn-primary, form.card .btn-primary").first.click()
    page.wait_for_url("**/cases/*/")
    page.wait_for_selector("#panel-lots .chip-red")
    check_page(page)
    page.click("#panel-lots a:text-is('ATP-998/演示A1')")
    page.wait_for_url("**/lots/**")
    page.wait_for_load_state("networkidle")
    check_page(page)
    deviations = page.inner_text(".deviations")
    assert "45" in deviations and "≤ 10" in deviations and "163" in deviations and "156 – 160" in deviations
    assert "演示：色泽发黄" in page.inner_text("#panel-cases")
    assert "DEMO-TURP/演示T7" in page.inner_text(".lot-sources")
    assert "ATP-998/演示A2" in page.inner_text(".lot-customers")
    page.click(".page-actions a:has-text('追溯')")
    page.wait_for_url("**/trace/")
    for width, picture in ((1440, "is-wide"), (390, "is-narrow")):
        page.set_viewport_size({"width": width, "height": 900})
        page.wait_for_selector(f".trace-picture.{picture} .is-outside")
        check_page(page)
    page.locator(".trace-picture.is-narrow a:has-text('DEMO-TURP')").click()
    page.wait_for_url("**/lots/*/")
    assert "DEMO-TURP/演示T7" in page.inner_text("h1")
    page.go_back()
    page.click(".page-actions a:has-text('批次页')")
    page.wait_for_url("**/lots/*/")
    page.wait_for_load_state("networkidle")
    check_page(page)
    page.click(".page-actions button:has-text('冻结')")
    page.wait_for_selector("#dialog-content [name=reason]")
    check_page(page)
    page.fill("#dialog-content [name=reason]", "演示：色号超限")
    with page.expect_navigation():
        page.click("#dialog-content .btn-primary")
    assert "演示：色号超限" in page.inner_text("main .note-orange")
    page.goto("/lots/?status=held")
    check_page(page)
    assert "ATP-998/演示A1" in page.inner_text("main")
