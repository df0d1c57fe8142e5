"""Goods are reserved, held, and the owner hears of it on Today; released again, they leave and arrive, on a phone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .conftest import Company
from .looking import check_page
from .test_certificate import run
from .test_recall import step

# What the company entered: a released lot, and an open order of a customer of the salesperson's.
PLANT = """
from decimal import Decimal
from bihuan.catalog.models import Product
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import local_date, now
from bihuan.quality.posting import post
from bihuan.quality.postings import Make
from bihuan.sales.models import Order, OrderLine
at = now()
made = Product.objects.create(code="演示-YL", name="演示·预留", unit="t", created_at=at, updated_at=at)
post(actor=SYSTEM, number="演示-YL1", kind="receive", at=at, makes=[Make(made, "Y1", Decimal(20), unit="t", is_released=True)], now=at)
buyer = Customer.objects.filter(owner_a__username="sales1").order_by("pk").first()
order = Order.objects.create(number="演示-YL-SO", customer=buyer, ordered_at=at, ordered_on=local_date(at), created_at=at, updated_at=at)
OrderLine.objects.create(order=order, ordinal=1, customer=buyer, ordered_on=local_date(at), product=made, quantity=12, price=1, amount=12)
"""


def test_goods_are_reserved_held_released_shipped_and_arrive(company: Company, open_as: Callable[..., Any]):
    run(company, PLANT)
    plant = open_as("production")
    plant.goto("/lots/?q=演示-YL/Y1")
    plant.click("tbody a")
    plant.wait_for_url("**/lots/*/**")
    address = plant.url.partition("?")[0]
    plant.click(".page-actions button:has-text('预留')")
    with plant.expect_response(lambda one: "find=YL-SO" in one.url):
        plant.fill("#dialog-content [name=find]", "YL-SO")
    plant.wait_for_load_state("networkidle")
    assert plant.locator("#id_line option").count() == 2
    plant.select_option("#id_line", index=1)
    plant.fill("#dialog-content [name=quantity]", "12")
    check_page(plant)
    with plant.expect_navigation():
        plant.click("#dialog-content .btn-primary")
    plant.wait_for_selector("#panel-stock")
    assert "演示-YL-SO" in plant.inner_text("#panel-stock")

    lab = open_as("quality")
    lab.goto(address)
    step(lab, lab.locator(".page-actions button:has-text('冻结')"), reason="演示：色泽")
    owner = open_as("sales1", width=390)
    owner.goto("/")
    assert "演示-YL-SO" in owner.inner_text("#lot-notices")
    check_page(owner)
    step(lab, lab.locator(".page-actions button:has-text('放行')"), reason="演示：复检合格")
    owner.reload()
    assert owner.locator("#lot-notices:has-text('演示-YL-SO')").count() == 0

    phone = open_as("production", width=390)
    phone.goto(address)
    phone.wait_for_selector("#panel-stock")
    check_page(phone)
    step(phone, phone.locator("#panel-stock button:has-text('发货')"))
    phone.wait_for_selector("#panel-stock .chip:has-text('在途')")
    check_page(phone)
    step(phone, phone.locator("#panel-stock button:has-text('登记到货')"))
    phone.wait_for_selector("#panel-stock .chip-ok")
    assert "到货" in phone.inner_text("#panel-stock")

    owner.goto("/orders/?q=演示-YL-SO")
    owner.click("tbody a")
    owner.wait_for_selector("#panel-lots")
    assert "演示-YL/Y1" in owner.inner_text("#panel-lots")
    check_page(owner)
