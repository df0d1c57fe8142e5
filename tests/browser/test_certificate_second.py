"""A 3.2 certificate of two lots: signed by the first, entered for the inspector by another, found by whoever scans either lot."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from .conftest import Company
from .looking import check_page
from .test_certificate import run

PLANT = """
from decimal import Decimal
from bihuan.catalog.models import Product
from bihuan.catalog.queries import limits_of
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import local_date, now
from bihuan.quality.deciding import decide, enter_result
from bihuan.quality.models import Lot
from bihuan.quality.moving import ship
from bihuan.quality.posting import post
from bihuan.quality.postings import Make, Take
from bihuan.quality.published.publishing import save_publication
at = now()
product = Product.objects.get(code="ATP-998")
takes = []
for number in ("演示/0321", "演示/0322"):
    post(actor=SYSTEM, number=number, kind="receive", at=at, makes=[Make(product, number, Decimal(5), unit="t")], now=at)
    lot = Lot.objects.get(product=product, number=number)
    for one in limits_of(product, local_date(at)):
        value = (one.lower if one.lower is not None else one.upper)
        enter_result(actor=SYSTEM, lot=lot, characteristic=one.characteristic, said=f"{value:f}", value=float(value), at=at, now=at)
    decide(actor=SYSTEM, lot=lot, to="released", reason="演示", now=at)
    takes.append(Take(lot, Decimal(1)))
ship(actor=SYSTEM, number="演示/S032", at=at, takes=takes, customer=Customer.objects.earliest("pk"), now=at)
save_publication(actor=SYSTEM, product=product, gtin="06901234567892", shows_dates=True, shows_certificate=True, now=at)
"""
SCANNED = "/01/06901234567892/10/%E6%BC%94%E7%A4%BA%2F032"


def test_two_sign_for_two_lots_and_only_then_it_is_there(
    company: Company, open_as: Callable[..., Any], tmp_path: Path
):
    run(company, PLANT)
    page = open_as("quality")
    page.goto("/certificates/issue/?lot=ATP-998/演示/0321&kind=mill_32")
    page.check("label:has-text('演示/0322') input")
    page.click("text=重新查看")
    page.wait_for_selector("th:has-text('演示/0322')")
    page.set_viewport_size({"width": 390, "height": 844})
    check_page(page)  # a column for each lot, and nothing sideways
    page.fill("[name=post]", "授权检验代表")
    page.click(".certificate-side form .btn-primary")
    page.wait_for_url("**/certificates/drafts/*/")
    assert "无效" in page.inner_text(".page-head")
    assert page.locator("[name=page]").count() == 0  # not for who signed first
    check_page(page)
    draft = page.url
    page.goto(f"{SCANNED}1")
    assert "质量证明书 3.2" not in page.inner_text("main")

    other = open_as("director")
    other.goto(draft)
    check_page(other)
    given = {
        "name": "演示验船师", "organisation": "演示船级社", "reference": "INS-1", "inspected_on": "2026-01-05",
    }  # fmt: skip
    for name, value in given.items():
        other.fill(f"[name={name}]", value)
    scan = tmp_path / "签字页.pdf"
    scan.write_bytes(b"%PDF-1.7\n")
    other.set_input_files("[name=page]", str(scan))
    other.click(".certificate-side form .btn-primary")
    other.wait_for_selector("text=演示船级社")
    assert "MTC2" in other.inner_text(".page-head")
    check_page(other)
    for end in ("1", "2"):
        page.goto(f"{SCANNED}{end}")
        assert "质量证明书 3.2" in page.inner_text("main")
