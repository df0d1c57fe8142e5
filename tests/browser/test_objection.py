"""A quality objection is written down from its case, lacks what it says, and is admitted; on a laptop, then on a phone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .looking import check_page

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def take(page: Any, what: str, file: Path | None = None, **given: str) -> None:
    """Open the dialog of a step, fill it, save it: the page comes anew."""
    page.locator(f".step-column [hx-get$='/{what}/']").first.click()
    page.wait_for_selector("#dialog-content form")
    for name, value in given.items():
        field = page.locator(f"#dialog-content [name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value, force=True)
        else:
            field.fill(value)
    if file is not None:
        page.set_input_files("#dialog-content [type=file]", str(file))
    check_page(page)
    with page.expect_navigation():
        page.click("#dialog-content .btn-primary")
    page.wait_for_load_state("networkidle")


def test_an_objection_from_its_case_to_admission(open_as: Callable[..., Any], tmp_path: Path):
    page = open_as("director")
    page.goto("/cases/new/?customer=1")
    page.fill("[name=text]", "演示：色泽发黄")
    page.select_option("[name=kind]", "quality_objection", force=True)
    page.locator("main form .btn-primary, form.card .btn-primary").first.click()
    page.wait_for_url("**/cases/*/")
    page.wait_for_selector("#panel-objection")
    check_page(page)
    page.click("#panel-objection button")
    page.wait_for_selector("#dialog-content [name=defect]")
    page.fill("#dialog-content [name=lot]", "演示B-0311")
    page.click("#dialog-content .btn-primary")
    page.wait_for_url("**/objections/*/")
    page.wait_for_load_state("networkidle")
    check_page(page)
    assert "请填写客户收货日期" in page.inner_text(".step-column")
    today = page.locator("time").first.inner_text()[:10]
    product = page.evaluate(
        "fetch(location.href + 'change/').then(one => one.text()).then(text => new DOMParser()"
        ".parseFromString(text, 'text/html').querySelectorAll('[name=product] option')[1].value)"
    )
    take(
        page, "change", received_on=today, product=product, quantity_claimed="200", contract="演示HT-7", location="演示仓库",
    )  # fmt: skip
    take(page, "submitted")
    assert "资料不全" in page.inner_text(".step-column")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.wait_for_load_state("networkidle")
    check_page(page)
    for paper in ("letter", "coa", "seal", "test_report"):
        path = tmp_path / f"{paper}.pdf"
        path.write_bytes(PDF + paper.encode())
        take(page, "paper", path, paper=paper)
    take(page, "admitted")
    assert "已受理" in page.inner_text("nav.rail li:nth-child(2)")
    assert page.locator("nav.rail [aria-current=step]").inner_text().strip().startswith("3")
    page.goto("/objections/")
    page.wait_for_load_state("networkidle")
    check_page(page)
    assert "演示B-0311" in page.inner_text("main")
