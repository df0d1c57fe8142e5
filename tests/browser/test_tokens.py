"""Access tokens of a person and what the journal says of them, on a laptop and on a phone, light and dark."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from .looking import check_page

LONG = "承运商运输管理系统接口（华东区域仓储与干线运输一体化平台）"
CALM = "* { transition: none !important; }"  # a colour that is still changing has no contrast yet


def check_both(page: Any) -> None:
    page.add_style_tag(content=CALM)
    check_page(page)
    page.evaluate("document.documentElement.dataset.bsTheme = 'dark'")
    check_page(page)
    page.evaluate("document.documentElement.dataset.bsTheme = 'light'")


@pytest.mark.parametrize("width", [1440, 390])
def test_a_token_is_made_revoked_and_told_of(open_as: Callable[..., Any], width: int):
    page = open_as("admin", width)
    page.goto("/staff/")
    links = page.evaluate("[...document.querySelectorAll('main a[href]')].map(a => a.pathname)")
    person = next(one for one in links if re.fullmatch(r"/staff/\d+/", one))
    page.goto(f"{person}tokens/")
    check_both(page)
    name = f"{LONG}{width}"
    page.fill("[name=name]", name)
    page.click("form[action$='tokens/'] .btn-primary")
    page.wait_for_selector(".field-error")
    assert "请选择" in page.inner_text(".field-error")
    check_both(page)

    page.check("[name=scopes] >> nth=0")
    page.click("form[action$='tokens/'] .btn-primary")
    page.wait_for_selector("[role=status] code")
    key = page.inner_text("[role=status] code >> nth=0")
    assert re.fullmatch(r"bh_[\w-]{43}", key)
    check_both(page)
    page.goto(f"{person}tokens/")
    assert name in page.inner_text("main") and key not in page.content()
    page.click(f"li:has-text('{name}') .btn-outline-danger")
    page.wait_for_load_state()
    assert "已吊销" in page.inner_text(f"li:has-text('{name}')")
    check_both(page)

    page.goto("/journal/?action=token.revoked")
    assert "吊销访问令牌" in page.inner_text("tbody tr >> nth=0")
    check_both(page)
    page.click("tbody a >> nth=0")
    page.wait_for_url("**/journal/*/")
    assert name in page.inner_text("main") and key not in page.content()
    check_both(page)
