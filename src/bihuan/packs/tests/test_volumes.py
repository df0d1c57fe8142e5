"""Volumes add up in the company's base unit, in the metric and in the arithmetic that a figure opens."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from bihuan.catalog.models import Product, Unit
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.models import LakeChange
from bihuan.packs.pack import read_pack
from bihuan.packs.services import install_units
from bihuan.sales.models import Order, OrderLine
from bihuan.segmentation.explaining.rows import CustomerRows
from bihuan.segmentation.refreshing import values_at
from bihuan.segmentation.tests.made_lake import lake, read_values_file  # noqa: F401  (lake is a fixture)
from bihuan.segmentation.tests.made_sales import NOW

DAY = date(2026, 6, 30)


# Committed: the lake is filled by a process of its own.
@pytest.mark.django_db(transaction=True)
def test_kilograms_and_tonnes_add_up_in_tonnes_and_other_units_count_as_they_stand(lake):  # noqa: F811
    install_units(read_pack("sulfuric_acid"), NOW)
    assert dict(Unit.objects.values_list("code", "in_base_units")) == {"t": 1, "kg": Decimal("0.001")}
    buyer = Customer.objects.create(external_id="K1", name="演示客户", created_at=NOW, updated_at=NOW)
    order = Order.objects.create(
        number="S1",
        kind="order",
        customer=buyer,
        ordered_on=DAY,
        ordered_at=NOW,
        created_at=NOW,
        updated_at=NOW,
    )
    for ordinal, (unit, quantity) in enumerate([("t", "2.5"), ("kg", "1500"), ("kg", "-250"), ("桶", "3")]):
        product = Product.objects.create(
            code=f"P{ordinal}", name="演示产品", unit=unit, created_at=NOW, updated_at=NOW
        )
        OrderLine.objects.create(
            order=order, ordinal=ordinal, customer=buyer, ordered_on=DAY, product=product,
            kind=OrderLine.Kind.SALE, quantity=Decimal(quantity), price=1, amount=Decimal(quantity),
        )  # fmt: skip
    wanted = Decimal("2.5") + Decimal("1.5") - Decimal("0.25") + 3
    values = read_values_file(values_at(actor=SYSTEM, as_of=DAY, now=NOW))
    assert values[buyer.pk]["volume_12m"] == wanted
    (document,) = CustomerRows(buyer, DAY).documents
    assert document.volume == wanted


@pytest.mark.django_db
def test_another_packs_units_take_the_place_and_the_same_ones_change_nothing():
    install_units(read_pack("sulfuric_acid"), NOW)
    LakeChange.objects.all().delete()
    install_units(read_pack("terpene"), NOW)
    assert not LakeChange.objects.exists()
    install_units(read_pack("daily_chemical"), NOW)
    assert dict(Unit.objects.values_list("code", "in_base_units")) == {"kg": 1}
    assert list(LakeChange.objects.values_list("dataset", flat=True)) == ["order_lines"]
