"""A technician on the phone: from Today to the visit, checks in, writes, photographs, samples, lets the customer sign, is done."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from PIL import Image

from .looking import check_page


def photo() -> dict[str, Any]:
    out = io.BytesIO()
    Image.effect_noise((800, 600), 90).convert("RGB").save(out, "JPEG")
    return {"name": "现场.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def send_somebody(open_as: Callable[..., Any]) -> str:
    """A complaint of an A customer in Shanghai's reach; the dispatcher sends the engineer who signs in. The case's address."""
    page = open_as("service")
    page.goto("/customers/?tier=A&industry=医药")
    page.wait_for_load_state("networkidle")
    links = page.eval_on_selector_all(
        "a[href^='/customers/']", "all => all.map((one) => one.getAttribute('href'))"
    )
    customer = next(found[1] for one in links if (found := re.match(r"/customers/(\d+)/", one)))
    page.goto(f"/cases/new/?customer={customer}")
    page.fill("[name=text]", "演示：纯度偏低，反应釜结晶")
    page.select_option("[name=kind]", "complaint")
    page.click("main button.btn-primary")
    page.wait_for_url("**/cases/*/")
    address = page.url
    dispatcher = open_as("dispatcher", width=390)
    dispatcher.goto(address)
    dispatcher.click("#panel-visits button:has-text('派人上门')")
    dispatcher.wait_for_selector("#dialog .offer")
    check_page(dispatcher)
    assert "医药行业" in dispatcher.inner_text(".plan-needs")
    dispatcher.click("#dialog .offer button[aria-label*='技术工程师']")
    dispatcher.wait_for_selector("#panel-visits li:has-text('技术工程师')")
    for where in ("/dispatch/", "/stations/", "/technicians/", "/coverage/", "/visits/"):
        dispatcher.goto(where)
        check_page(dispatcher)
    return address


def sign(page: Any, name: str) -> None:
    page.fill("#signed_by", name)
    page.locator(".signature-box").scroll_into_view_if_needed()
    box = page.locator(".signature-box").bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 60)
    page.mouse.down()
    for step in range(1, 8):
        page.mouse.move(box["x"] + 40 + 30 * step, box["y"] + 60 + 25 * (step % 2))
    page.mouse.up()
    with page.expect_navigation():
        page.click("#signature button.btn-primary")


def test_a_technician_reports_a_visit_from_the_phone(open_as: Callable[..., Any]):
    case = send_somebody(open_as)
    page = open_as("technical", width=390)
    page.click("section.card:has-text('我的上门服务') a")
    page.wait_for_url("**/visits/*/")
    check_page(page)
    with page.expect_navigation():
        page.click("button:has-text('到场签到')")
    page.wait_for_selector("#report")
    check_page(page)
    # Refused in place; what was typed stays.
    page.fill("#unsigned", "演示：负责人不在")
    page.click("button:has-text('完成上门')")
    page.wait_for_selector(".visit-end .note-red:has-text('现场发现')")
    assert page.input_value("#unsigned") == "演示：负责人不在"
    page.fill("#unsigned", "")
    # Without the network what was typed stays, over a reload, too.
    page.fill("#findings", "演示：回流比偏低，釜内有结晶")
    page.fill("#readings", "演示读数 1.478")
    page.context.set_offline(True)
    page.click("#report button.btn-primary")
    page.wait_for_selector("#toasts :text('没有连上服务器')")
    page.context.set_offline(False)
    page.reload()
    assert page.input_value("#findings") == "演示：回流比偏低，釜内有结晶"
    with page.expect_navigation():
        page.click("#report button.btn-primary")
    page.set_input_files("#photo-files", files=[photo()])
    with page.expect_navigation():
        page.click("#photos button.btn")
    page.wait_for_selector("#photos .file-list img")
    page.fill("#samples [name=number]", "YS-001")
    with page.expect_navigation():
        page.click("#samples button:has-text('现在取样')")
    assert "还剩" in page.inner_text("#samples .sample")
    page.fill("#samples [name=result]", "纯度 99.1 %")
    with page.expect_navigation():
        page.click("#samples .sample button")
    assert "按时出结果" in page.inner_text("#samples .sample")
    sign(page, "演示·王工")
    check_page(page)
    with page.expect_navigation():
        page.click("button:has-text('完成上门')")
    page.wait_for_selector(".chip-ok:has-text('已完成')")
    assert "回流比偏低" in page.inner_text("#report")
    check_page(page)
    page.goto(case)
    assert "已达成" in page.inner_text("details.clock:has-text('到现场') summary")
    assert "现场.jpg" in page.inner_text("#files")
    assert "上门完成" in page.inner_text(".case-lines >> nth=0")
