"""What one does all day: find, filter, pick, change many and take it back, look at a customer, add one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .looking import check_page


def test_the_palette_finds_by_initials_and_goes_there(open_as: Callable[..., Any]):
    page = open_as("director")
    page.keyboard.press("Control+k")
    page.wait_for_selector("#palette[open] [role=option]")
    check_page(page)
    page.keyboard.type("shty", delay=30)  # 上海泰云
    page.wait_for_selector("#palette [role=option]:has-text('上海泰云')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers/*/")
    assert "上海泰云" in page.inner_text("h1")
    page.keyboard.press("g")
    page.keyboard.press("c")
    page.wait_for_url("**/customers/")
    page.keyboard.press("/")
    page.keyboard.type("gc")  # typing, not a shortcut
    assert page.input_value("[data-list-search]") == "gc"
    assert page.url.endswith("/customers/")


def test_light_and_dark_stay_as_chosen(open_as: Callable[..., Any]):
    page = open_as("manager1")
    theme = page.evaluate("document.documentElement.dataset.bsTheme")
    with page.expect_response("**/theme/"):
        page.click("[data-theme-switch] button")
    page.reload()
    assert page.evaluate("document.documentElement.dataset.bsTheme") != theme
    for link in ("/customers/", "/orders/"):
        page.goto(link)
        page.wait_for_load_state("networkidle")
        check_page(page)
    with page.expect_response("**/theme/"):
        page.click("[data-theme-switch] button")


def test_a_list_is_narrowed_kept_as_a_view_and_changed_as_a_whole(open_as: Callable[..., Any]):
    page = open_as("director")
    page.goto("/customers/")
    page.click("button[data-bs-target='#filters']")
    page.wait_for_selector("#filters .ts-wrapper")
    page.select_option("#filter-region", "江苏省", force=True)
    page.click("#filters button.btn-primary")
    page.wait_for_url("**region=**")
    page.wait_for_selector(".filter-pills .chip:has-text('江苏省')")
    check_page(page)

    page.click("[aria-label=更多]")
    page.click("[data-open-save-view]")
    page.fill("#view-name", "江苏客户")
    page.click("[data-save-view] .btn-primary")
    page.wait_for_selector(".view-tabs a[aria-current]:has-text('江苏客户')")

    page.check("[data-pick-all]")
    page.click("[data-pick-whole]") if page.is_visible("[data-pick-whole]") else None
    page.click("[data-bulk-bar] button:has-text('改状态')")
    page.wait_for_selector("#dialog[open] select[name=status]")
    check_page(page)
    page.select_option("#dialog select[name=status]", "dormant")
    page.click("#dialog .btn-primary")
    page.wait_for_selector("#dialog button:has-text('撤销')", timeout=60_000)
    page.goto("/customers/?region=江苏省&columns=name,status")
    assert set(page.locator("tbody td[data-label=状态]").all_inner_texts()) == {"休眠"}


def test_an_action_is_taken_back_from_the_dialog_that_reported_it(open_as: Callable[..., Any]):
    page = open_as("director")
    page.goto("/customers/?region=福建省&columns=name,status,region")
    before = page.locator("tbody td[data-label=状态]").all_inner_texts()
    page.check("[data-pick-all]")
    page.click("[data-bulk-bar] button:has-text('改状态')")
    page.select_option("#dialog select[name=status]", "lost")
    page.click("#dialog .btn-primary")
    page.click("#dialog button:has-text('撤销')", timeout=60_000)
    page.wait_for_selector("#dialog .job:has-text('已恢复')", timeout=60_000)
    page.reload()
    assert page.locator("tbody td[data-label=状态]").all_inner_texts() == before


def test_columns_are_chosen_and_records_walked_one_by_one(open_as: Callable[..., Any]):
    page = open_as("director")
    page.goto("/customers/?region=上海市")
    page.click("[aria-label=列]")
    page.check("[data-column][value=credit_code]")
    page.click("[data-apply-columns]")
    page.wait_for_url("**columns=**")
    assert page.locator("th:has-text('统一社会信用代码')").count() == 1
    names = page.locator("tbody td.main a").all_inner_texts()
    page.click("tbody td.main a >> nth=0")
    for name in names[1:3]:
        page.wait_for_selector("[data-keys=']']")
        page.keyboard.press("]")
        page.locator("h1", has_text=name).wait_for()
    check_page(page)


def test_a_customer_tells_its_story_on_a_phone(open_as: Callable[..., Any]):
    page = open_as("sales1", 390)
    page.goto("/customers/?mine=1&sort=-revenue_12m")
    page.click("tbody td.main a >> nth=0")
    page.wait_for_selector("#panel-happened .timeline-list li time")
    page.wait_for_load_state("networkidle")
    check_page(page)
    lines = page.locator("#panel-happened li").count()
    page.click("#panel-happened button:has-text('更早的记录')")
    page.locator("#panel-happened li").nth(lines).wait_for()
    page.click("#panel-happened .timeline-filter button:has-text('收款')")
    page.wait_for_selector("#panel-happened .chip-accent:has-text('收款')")
    assert "订单 " not in page.inner_text("#panel-happened .timeline-list")
    page.click(".thumb-bar [data-toggle-sidebar]")
    page.wait_for_selector("body.sidebar-open .sidebar a")
    page.keyboard.press("Escape")
    page.wait_for_selector("body:not(.sidebar-open)")
    page.click(".thumb-bar a:has-text('今日')")
    page.wait_for_url("**/")


def test_a_new_customer_takes_one_box_and_a_twin_is_noticed_while_typing(open_as: Callable[..., Any]):
    page = open_as("sales1")
    page.goto("/customers/")
    name = page.inner_text("tbody td.main a >> nth=0").replace("（演示）", "")
    page.keyboard.press("n")
    page.wait_for_selector("#dialog[open] input[name=name]")
    page.keyboard.type(name)
    page.wait_for_selector("#dialog .similar-list li", timeout=10_000)
    check_page(page)
    page.fill("#dialog input[name=name]", "演示新客香料有限公司")
    page.click("#dialog button[type=submit], #dialog .btn-primary")
    page.wait_for_url("**/customers/*/")
    assert "演示新客香料有限公司" in page.inner_text("h1")
