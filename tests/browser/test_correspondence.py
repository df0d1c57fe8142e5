"""Naming a colleague in a note, by keyboard, and answering from the case's page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .looking import check_page


def test_a_colleague_is_named_by_sound_and_told_on_today(open_as: Callable[..., Any]):
    page = open_as("service")
    page.goto("/customers/")
    page.click("table a[href^='/customers/']")
    page.wait_for_url("**/customers/*/*")
    customer = page.url.split("/customers/")[1].split("/")[0]
    page.goto(f"/cases/new/?customer={customer}")
    page.fill("main textarea", "演示：罐内有结晶")
    page.click("main form .btn-primary")
    page.wait_for_url("**/cases/*/")
    address = page.url

    area = page.locator("textarea[data-mentions]")
    area.press_sequentially("请看 @jsgc", delay=30)  # 技术工程师
    page.wait_for_selector(".mention[data-name='演示·技术工程师']")
    check_page(page)
    area.press("Enter")
    assert area.input_value() == "请看 @演示·技术工程师 "
    page.click(".note-form .btn:has-text('添加')")
    page.wait_for_selector(".case-lines:has-text('请看 @演示·技术工程师')")

    page.click("[hx-get$='/step/respond/']")
    page.wait_for_selector("#dialog textarea")
    page.fill("#dialog textarea", "演示：下午到现场")
    check_page(page)
    page.click("#dialog .btn-primary")
    page.wait_for_selector(".turn-ours:has-text('下午到现场')")
    check_page(page)

    other = open_as("technical")
    other.goto("/")
    line = other.locator("#case-news li:has-text('提到了您')").first
    line.locator("a").click()
    other.wait_for_url(f"{address}*")
