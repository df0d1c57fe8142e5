"""A credit note lowers what the customer owes, and its reversal restores it. All names are made up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.catalog.models import Product
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.models import LakeChange
from bihuan.sales.models import Receivable
from bihuan.sales.owing import after_credits
from bihuan.sales.queries import Owed, owed_by
from bihuan.sales.services import CreditLine, post_credit_note, reverse_document

NOW = datetime(2026, 6, 10, 3, tzinfo=UTC)
TODAY = date(2026, 6, 10)
D = Decimal


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.integers(-9_000, 9_000), max_size=12))
def test_credits_cover_what_was_due_first_and_nothing_is_lost(cents: list[int]):
    items = [D(one) / 100 for one in cents]
    left = after_credits(items)
    owed, credit = sum((one for one in items if one > 0), D(0)), -sum((one for one in items if one < 0), D(0))
    assert sum(left, D(0)) == max(owed - credit, D(0))
    assert all(D(0) <= rest <= max(one, D(0)) for one, rest in zip(items, left, strict=True))
    # Once something is left of an item, all of every later one is.
    first = next((place for place, rest in enumerate(left) if rest), len(left))
    assert all(rest == max(one, D(0)) for one, rest in [*zip(items, left, strict=True)][first + 1 :])


@pytest.fixture
def customer(db: None) -> Customer:
    """Owes 100 since May and 40 due in July."""
    stamps = {"created_at": NOW, "updated_at": NOW}
    found = Customer.objects.create(name="演示丰榴化工", **stamps)
    for amount, due in ((D(100), date(2026, 5, 1)), (D(40), date(2026, 7, 1))):
        Receivable.objects.create(
            customer=found, amount=amount, issued_on=date(2026, 4, 1), due_on=due, **stamps
        )
    return found


def owed(customer: Customer, day: date = TODAY) -> Owed:
    return owed_by(SYSTEM, customer, day)


def credited(customer: Customer, amount: str, number: str = "演示CN-1"):
    product = Product.objects.filter(code="演示P").first() or Product.objects.create(
        code="演示P", name="演示板", created_at=NOW, updated_at=NOW
    )
    return post_credit_note(
        actor=SYSTEM, number=number, customer=customer, lines=[CreditLine(product, D(amount))], on=TODAY, now=NOW
    )  # fmt: skip


def test_a_credit_note_lowers_what_is_owed_and_its_reversal_restores_it(customer: Customer):
    before = owed(customer)
    assert (before.open, before.overdue, before.oldest) == (140, 100, date(2026, 5, 1))
    note = credited(customer, "30")
    assert (owed(customer).open, owed(customer).overdue) == (110, 70)
    assert credited(customer, "30") == note and Receivable.objects.filter(order=note).count() == 1
    for _again in range(2):
        reverse_document(actor=SYSTEM, order=note, on=TODAY + timedelta(days=5), reason="演示", now=NOW)
        assert owed(customer) == before
    assert set(LakeChange.objects.values_list("dataset", "part")) == {
        ("order_lines", "2026-06"),
        ("receivables", "2026-06"),
    }


def test_more_credit_than_is_owed_is_owed_to_the_customer(customer: Customer):
    credited(customer, "150.5")
    found = owed(customer)
    assert (found.open, found.overdue, found.overdue_count, found.oldest) == (D("-10.5"), 0, 0, None)


def test_what_was_paid_out_of_a_credit_is_owed_again_when_it_is_reversed(customer: Customer):
    note = credited(customer, "30")
    Receivable.objects.filter(order=note).update(settled_amount=D(-30), settled_on=TODAY)
    assert owed(customer).open == 140
    reverse_document(actor=SYSTEM, order=note, on=TODAY, reason="演示", now=NOW)
    assert owed(customer).open == 170
