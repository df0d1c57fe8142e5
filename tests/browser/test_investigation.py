"""A quality engineer works through an 8D in place, on a laptop and on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .looking import check_page


def enter(page: Any, step: str, button: str, **given: str) -> None:
    """Open a form in its step, fill it, save it: the page comes anew."""
    page.click(f"#{step} button:has-text('{button}')")
    page.wait_for_selector(f"#form-{step} form")
    for name, value in given.items():
        field = page.locator(f"#form-{step} [name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value, force=True)
        else:
            field.fill(value)
    check_page(page)
    with page.expect_navigation():
        page.click(f"#form-{step} button.btn-primary")


def test_an_8d_is_worked_through_in_place(open_as: Callable[..., Any]):
    page = open_as("quality")
    page.goto("/investigations/")
    check_page(page)
    page.click("button:has-text('新建调查')")
    page.wait_for_selector("#dialog-content [name=title]")
    page.fill("#dialog-content [name=title]", "演示：黑色颗粒")
    page.click("#dialog-content .btn-primary")
    page.wait_for_url("**/investigations/*/")
    check_page(page)
    # Refused in place, in words.
    page.click("#d2 button:has-text('完成此步')")
    page.wait_for_selector("#form-d2 .note-red:has-text('D2 需要')")
    enter(page, "d2", "不是", text="演示：吨袋没有")
    page.click("#d2 button:text-is('是')")
    page.wait_for_selector("#form-d2 [name=text]")
    page.fill("#form-d2 [name=text]", "演示：袋装品有")
    with page.expect_navigation():
        page.click("#form-d2 button.btn-primary")
    with page.expect_navigation():
        page.click("#d2 button:has-text('完成此步')")
    page.wait_for_selector("#d2 .step-number.is-done")
    enter(page, "d4", "为什么会发生？", text="演示：输送带掉屑")
    enter(page, "d4", "发生的根本原因", text="演示：没有保养", factor="method", evidence="演示：台账")
    page.set_viewport_size({"width": 390, "height": 844})
    page.reload()
    page.wait_for_load_state("networkidle")
    check_page(page)
    enter(page, "d3", "填写", text="演示：在库品隔离")
    page.click("nav.step-nav a[href='#d3']")
    assert "在库品隔离" in page.inner_text("#d3")
