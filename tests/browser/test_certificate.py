"""A certificate is looked at, signed and superseded; who scans the code on the drum checks it on a phone, and finds a copy that was altered."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from .conftest import Company
from .looking import check_page

# What the plant and the laboratory would have entered: a lot with its results, released; what its page shows.
PLANT = """
from datetime import timedelta
from decimal import Decimal
from bihuan.catalog.models import Characteristic, Product
from bihuan.catalog.queries import limits_of
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import local_date, now
from bihuan.quality.deciding import decide, enter_result
from bihuan.quality.models import Lot
from bihuan.quality.posting import post
from bihuan.quality.postings import Make
from bihuan.quality.published.publishing import save_publication
at = now()
product = Product.objects.get(code="ATP-998")
post(actor=SYSTEM, number="演示-P1", kind="receive", at=at, makes=[Make(product, "演示/0311", Decimal(5), unit="t")], now=at)
lot = Lot.objects.get(product=product, number="演示/0311")
for one in limits_of(product, local_date(at)):
    value = (one.lower if one.lower is not None else one.upper)
    enter_result(actor=SYSTEM, lot=lot, characteristic=one.characteristic, said=f"{value:f}", value=float(value), at=at, now=at)
decide(actor=SYSTEM, lot=lot, to="released", reason="演示", now=at)
save_publication(actor=SYSTEM, product=product, gtin="06901234567892", shows_dates=True, shows_certificate=True, now=at)
"""
ADDRESS = "/01/06901234567892/10/%E6%BC%94%E7%A4%BA%2F0311"


def run(company: Company, program: str) -> None:
    told = os.environ | {"BIHUAN_HOME": str(company.home), "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
    told.pop("BIHUAN_DATABASE_URL", None)
    subprocess.run([sys.executable, "-c", f"import django; django.setup()\n{program}"], env=told, check=True)


def sign(page: Any, **given: str) -> None:
    for name, value in given.items():
        page.fill(f"[name={name}]", value)
    check_page(page)
    page.click(".certificate-side form .btn-primary")
    page.wait_for_url("**/certificates/*/")


def test_a_certificate_is_signed_superseded_and_checked_on_a_phone(
    company: Company, chromium: Any, open_as: Callable[..., Any], tmp_path: Path
):
    run(company, PLANT)
    page = open_as("quality")
    page.goto("/certificates/issue/")
    page.fill("[name=lot]", "ATP-998/演示/0311")
    check_page(page)
    page.click("main .btn-primary")
    page.wait_for_selector("text=证书内容")
    sign(page, post="质检主管")
    assert "有效" in page.inner_text(".page-head")
    page.click("text=签发新版")
    page.wait_for_selector("[name=reason]")
    sign(page, reason="演示：改正水分")
    check_page(page)
    assert "已被替代" in page.inner_text(".certificate-side")
    paper = tmp_path / "certificate.pdf"
    with page.expect_download() as saved:
        page.click(".page-actions a:has-text('PDF')")
    saved.value.save_as(paper)
    company.command("evidence", "bundle", "ATP-998/演示/0311", "--out", str(tmp_path / "lot.json"))
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    check_page(page)

    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", base_url=company.address
    )
    phone = context.new_page()
    phone.goto(ADDRESS)
    assert "演示/0311" in phone.inner_text("main")
    check_page(phone)
    phone.click("text=核验记录未被改动")
    phone.wait_for_selector("[data-state=good]:visible")
    assert phone.locator("[data-events] li").count() >= 3
    check_page(phone)
    phone.set_input_files("#paper", str(paper))
    phone.wait_for_selector("[data-paper=same]:visible")
    forged = tmp_path / "forged.pdf"
    forged.write_bytes(paper.read_bytes() + b" ")
    phone.set_input_files("#paper", str(forged))
    phone.wait_for_selector("[data-paper=other]:visible")
    for change, said in CHANGES:
        phone.route("**/b/bundle/**", partial(hand_on, change))
        phone.reload()
        phone.wait_for_selector("[data-state=bad]:visible")
        assert said in phone.inner_text("[data-findings]")
        phone.unroute("**/b/bundle/**")
    check_page(phone)
    context.close()


def _value(bundle: Any) -> None:
    leaf = next(one for one in bundle["leaves"] if "lot_tested" in one["event"])
    leaf["event"] = leaf["event"].replace('"value":"', '"value":"1')


def _head(bundle: Any) -> None:
    lines = bundle["head"].split("\n")
    bundle["head"] = "\n".join([lines[0], str(int(lines[1]) + 1), *lines[2:]])


def _proof(bundle: Any) -> None:
    bundle["leaves"][0]["proof"] = [*bundle["leaves"][0]["proof"][::-1], "0" * 64]


def _kept(bundle: Any) -> None:
    bundle["kept"][0]["proof"] = [*bundle["kept"][0]["proof"][:-1], "0" * 64]


# What somebody between us and the phone might do, and what the page says to it.
CHANGES = [(_value, "事件被改动"), (_head, "树头被改动"), (_proof, "推不出"), (_kept, "与证书上的树头不一致")]


def hand_on(change: Callable[[Any], None], route: Any) -> None:
    """The evidence as it came, altered on the way."""
    bundle = json.loads(route.fetch().body())
    change(bundle)
    route.fulfill(body=json.dumps(bundle, ensure_ascii=False))
