"""A raw lot is recalled from its trace: who is to be told, one told and answered on a phone, one out of reach, what came of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conftest import Company
from .looking import check_page
from .test_certificate import run

# What the plant entered: a raw lot in two finished ones, each with a customer who has some of it.
PLANT = """
from decimal import Decimal
from bihuan.catalog.models import Product
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import now
from bihuan.quality.models import Lot
from bihuan.quality.moving import ship
from bihuan.quality.posting import post
from bihuan.quality.postings import Make, Take
at = now()
raw = Product.objects.create(code="演示-RC", name="演示·召回原料", unit="t", created_at=at, updated_at=at)
made = Product.objects.get(code="ATP-998")
post(actor=SYSTEM, number="演示-RC1", kind="receive", at=at, makes=[Make(raw, "R1", Decimal(20), unit="t", kind="raw", is_released=True)], now=at)
buyers = Customer.objects.order_by("pk")[:2]
for number, buyer in enumerate(buyers):
    taken = [Take(Lot.objects.get(product=raw, number="R1"), Decimal(8))]
    post(actor=SYSTEM, number=f"演示-RC2{number}", kind="produce", at=at, takes=taken,
         makes=[Make(made, f"演示RC{number}", Decimal(8), unit="t", is_released=True)], now=at)
    lot = Lot.objects.get(product=made, number=f"演示RC{number}")
    ship(actor=SYSTEM, number=f"演示-RC3{number}", at=at, takes=[Take(lot, Decimal(5))], customer=buyer, now=at)
"""


def step(page: Any, button: Any, **given: str) -> None:
    """Open a dialog, look at it, fill it in, send it."""
    button.click()
    page.wait_for_selector("#dialog-content form")
    check_page(page)
    for name, value in given.items():
        field = page.locator(f"#dialog-content [name={name}]")
        if field.evaluate("one => one.tagName") == "SELECT":
            field.select_option(value)
        else:
            field.fill(value)
    with page.expect_navigation():
        page.click("#dialog-content .btn-primary")
    page.wait_for_load_state("networkidle")


def test_a_lot_is_recalled_and_the_recall_closed(company: Company, open_as: Callable[..., Any]):
    run(company, PLANT)
    page = open_as("quality")
    page.goto("/lots/?q=演示-RC/R1")
    page.click("tbody a")
    page.wait_for_url("**/lots/*/**")
    page.click(".page-actions a:has-text('追溯')")
    page.wait_for_url("**/trace/**")
    assert "演示RC0" in page.inner_text("main") and "演示RC1" in page.inner_text("main")
    page.click(".page-actions a:has-text('批次页')")
    page.wait_for_url("**/lots/*/")
    step(
        page,
        page.locator(".page-actions button:has-text('召回')"),
        reason="演示：异物",
        level="1",
        asked="stop",
    )
    page.wait_for_url("**/recalls/*/")
    check_page(page)
    address, rows = page.url, page.locator("#recall-list tbody tr")
    assert rows.count() == 2 and "0 / 2" in page.inner_text("main")
    assert page.locator("main .grid-table a:has-text('ATP-998/演示RC')").count() == 2  # both are on hold

    phone = open_as("quality", width=390)
    phone.goto(address)
    check_page(phone)
    first = phone.locator("#recall-list tbody tr").first
    step(phone, first.locator("button:has-text('记录已通知')"), whom="演示·仓管", note="已停用")
    assert "1 / 2" in phone.inner_text("main") and "演示·仓管" in phone.inner_text("#recall-list")
    answered = phone.locator("#recall-list tbody tr", has_text="演示·仓管")
    step(phone, answered.locator("button:has-text('记录答复')"), found="3", returned="1", used_up="1")
    check_page(phone)
    assert "5 / 10" in phone.inner_text("main")  # tonnes accounted for, of those shipped

    page.reload()
    waiting = page.locator("#recall-list tbody tr:has(button:has-text('联系不上'))")
    step(page, waiting.first.locator("button:has-text('联系不上')"), note="演示：电话停机")
    step(page, page.locator(".page-actions button:has-text('关闭召回')"), summary="演示：一家追回，一家停业")
    assert "演示：一家追回，一家停业" in page.inner_text("main .note")
    check_page(page)
    page.goto("/recalls/?status=closed")
    assert "演示：异物" in page.inner_text("main")
