"""Who looks round in the made company scans a drum: its public page on a phone says what it is, and the check that nothing was altered."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from .conftest import Company
from .looking import check_page
from .test_certificate import CHANGES, hand_on


def test_the_code_on_a_made_drum_leads_to_a_page_that_proves_itself(
    company: Company, chromium: Any, open_as: Callable[..., Any], tmp_path: Path
):
    page = open_as("quality", width=390)
    page.goto("/certificates/?q=ORG-")
    page.locator("main a:has-text('ORG-2')").first.click()
    page.wait_for_url(re.compile(r"/certificates/\d+/"))
    check_page(page)
    number = page.inner_text(".page-head h1").split()[-1]
    with page.expect_download() as saved:
        page.click(".page-actions a:has-text('PDF')")
    paper = tmp_path / "report.pdf"
    saved.value.save_as(paper)
    drum = page.get_attribute("a:has-text('批次公开页')", "href")
    assert drum and "/01/0952" in drum

    context = chromium.new_context(
        viewport={"width": 390, "height": 844}, locale="zh-CN", timezone_id="Asia/Shanghai", base_url=company.address
    )  # fmt: skip
    phone = context.new_page()
    phone.goto(drum)  # without signing in
    said = phone.inner_text("main")
    for word in (
        "演示·闽北松化",
        "生产日期",
        "有效期至",
        "避光密封贮存",
        "检验报告（COA）",
        number,
        "松节油（原料）",
    ):
        assert word in said, word
    check_page(phone)
    phone.click("text=核验记录未被改动")
    phone.wait_for_selector("[data-state=good]:visible")
    said = phone.inner_text("#check")
    assert "含量（GC）" in said and "放行" in said and number in said and "UTC" not in said
    assert "演示·闽北松化" in phone.inner_text(".brand")
    check_page(phone)
    phone.set_input_files("#paper", str(paper))
    phone.wait_for_selector("[data-paper=same]:visible")
    for change, finding in CHANGES:
        phone.route("**/b/bundle/**", partial(hand_on, change))
        phone.reload()
        phone.wait_for_selector("[data-state=bad]:visible")
        assert finding in phone.inner_text("[data-findings]")
        phone.unroute("**/b/bundle/**")
    context.close()
