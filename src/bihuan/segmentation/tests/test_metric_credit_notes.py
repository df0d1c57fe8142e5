"""What revenue, margin and volume see of a credit note that a settlement posted, and of its reversal."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from bihuan.catalog.models import Product
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.sales.errors import SalesError
from bihuan.sales.models import Order
from bihuan.sales.services import CreditLine, post_credit_note, reverse_document

from .made_lake import Values
from .made_sales import NOW
from .test_metric_examples import DAY, customer, sold

D = Decimal
pytestmark = pytest.mark.django_db(transaction=True)


def credited(number: str, buyer: Customer, product: Product, quantity: Decimal | None = None) -> Order:
    lines = [CreditLine(product, D(30), quantity)]
    return post_credit_note(
        actor=SYSTEM, number=number, customer=buyer, lines=lines, on=DAY, now=NOW, currency="CNY"
    )


def figures(values: Values, key: int) -> dict[str, Decimal]:
    names = ("revenue_12m", "margin_12m", "volume_12m", "orders_12m")
    return {name: D(values[key][name]) for name in names}


def test_a_price_reduction_lowers_revenue_and_margin_and_no_volume(metrics_at: Callable[[date], Values]):
    reduced, returned, reversed_ = customer("reduced"), customer("returned"), customer("reversed")
    for one in (reduced, returned, reversed_):
        line = sold(one, date(2024, 2, 1), 10, 20, cost=150)
    credited("YY-1", reduced, line.product)
    credited("YY-2", returned, line.product, quantity=D("1.5"))
    reverse_document(
        actor=SYSTEM, order=credited("YY-3", reversed_, line.product), on=DAY, reason="x", now=NOW
    )
    found = metrics_at(DAY)
    assert figures(found, reduced.pk) == {
        "revenue_12m": 170, "margin_12m": 20, "volume_12m": 10, "orders_12m": 1,
    }  # fmt: skip
    # What the goods that came back had cost is not known here.
    assert figures(found, returned.pk) == {
        "revenue_12m": 170, "margin_12m": 50, "volume_12m": D("8.5"), "orders_12m": 1,
    }  # fmt: skip
    assert figures(found, reversed_.pk) == {
        "revenue_12m": 200, "margin_12m": 50, "volume_12m": 10, "orders_12m": 1,
    }  # fmt: skip


def test_posted_or_reversed_again_it_is_the_same_document():
    buyer = customer("buyer")
    product = sold(buyer, date(2024, 2, 1), 10, 20).product
    first = credited("YY-1", buyer, product)
    assert credited("YY-1", buyer, product).pk == first.pk
    back = reverse_document(actor=SYSTEM, order=first, on=DAY, reason="x", now=NOW)
    assert reverse_document(actor=SYSTEM, order=first, on=DAY, reason="x", now=NOW).pk == back.pk
    assert (back.amount, back.kind) == (D(30), "adjustment")
    assert Order.objects.count() == 3
    with pytest.raises(SalesError):
        credited("YY-1", customer("another"), product)
    with pytest.raises(SalesError):
        post_credit_note(actor=SYSTEM, number="YY-9", customer=buyer, lines=[], on=DAY, now=NOW)
    with pytest.raises(SalesError):
        reverse_document(actor=SYSTEM, order=back, on=DAY, reason="x", now=NOW)
