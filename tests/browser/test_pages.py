"""Every page that the menu leads to, on a laptop and on a phone, in Chinese."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from .looking import check_page


@pytest.mark.parametrize("width", [1440, 390, 360])
def test_the_pages_of_the_menu_hold_together(open_as: Callable[..., Any], width: int):
    page = open_as("director", width)
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    links = page.evaluate(
        "[...new Set([...document.querySelectorAll('.sidebar a[href]')].map(a => a.pathname))]"
    )
    assert len(links) >= 8, links
    for link in links:
        page.goto(link)
        assert page.locator("h1").first.is_visible(), link
        check_page(page)
    assert not errors, errors


def test_the_language_can_be_switched(open_as: Callable[..., Any]):
    page = open_as("director")
    for language, spoken, word in (
        ("en", "en", "Proposals"),
        ("zh-hant", "zh-hant", "提案"),
        ("zh-hans", "zh-hans", "提案"),
    ):
        page.goto("/proposals/")
        page.click("[aria-label=语言], [aria-label=語言], [aria-label=Language]")
        page.click(f"button[name=language][value={language}]")
        page.wait_for_load_state()
        assert page.locator("html").get_attribute("lang").lower() in (
            spoken,
            spoken.replace("zh-hans", "zh-cn"),
        )
        assert word in page.inner_text("main")


def test_dark_mode_holds_its_contrast(open_as: Callable[..., Any]):
    page = open_as("director")
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    for link in ("/", "/policies/", "/proposals/"):
        page.goto(link)
        page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
        check_page(page)
