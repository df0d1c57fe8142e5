"""While a case is being written down on a phone, the one that is there already is named; nothing typed is lost by looking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .looking import check_page

TEXT = "演示：四号釜出料口结晶，阀门打不开"


def test_a_case_that_is_there_already_is_named_while_it_is_written_again(open_as: Callable[..., Any]):
    page = open_as("service", width=390)
    page.goto("/customers/")
    page.click("table a[href^='/customers/']")
    page.wait_for_url("**/customers/*/*")
    customer = page.url.split("/customers/")[1].split("/")[0]
    page.goto(f"/cases/new/?customer={customer}")
    page.fill("main textarea", TEXT)
    page.click("main form .btn-primary")
    page.wait_for_url("**/cases/*/")
    first = page.url

    # Found again by two of its characters.
    page.goto("/cases/?q=阀门")
    assert page.locator("main a", has_text=TEXT).count() == 1
    page.goto(f"/customers/{customer}/")
    page.click(f"button[hx-get='/cases/new/?customer={customer}']")
    page.wait_for_selector("#dialog-content textarea[name=text]")
    page.fill("#dialog-content [name=text]", "出料口结晶，阀门又打不开了")
    link = page.locator("#case-alike a", has_text=TEXT)
    page.wait_for_selector("#case-alike:has-text('相近的词')")
    check_page(page)
    with page.context.expect_page() as opened:
        link.click()
    opened.value.wait_for_load_state()
    assert opened.value.url == first
    assert page.input_value("#dialog-content [name=text]") == "出料口结晶，阀门又打不开了"
    page.click("#dialog-content .btn-primary")
    page.wait_for_url("**/cases/*/")
    assert page.url != first
    page.wait_for_selector(f"#panel-similar a:has-text('{TEXT}')")
    check_page(page)
    page.click("#bell button")
    page.wait_for_selector("#bell-list .bell-foot")
    check_page(page)
