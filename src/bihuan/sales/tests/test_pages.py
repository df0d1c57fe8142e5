"""Orders on pages: whose they are, and who sees the money in them."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse

from bihuan.catalog.models import Product
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.people.actors import actor_for
from bihuan.people.models import Team, User, UserRole
from bihuan.sales.models import Order, OrderLine, Receivable
from bihuan.sales.queries import owed_by

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, 3, tzinfo=UTC)


def person(username: str, role: str, team: Team | None = None) -> User:
    user = User.objects.create_user(username, name=username, team=team)
    UserRole.objects.create(user=user, role=role)
    return user


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def east(db: None) -> Team:
    return Team.objects.create(name="演示华东")


@pytest.fixture
def order(east: Team) -> Order:
    owner = person("seller", "salesperson", east)
    stamps = {"created_at": NOW, "updated_at": NOW}
    customer = Customer.objects.create(name="演示丰榴化工", owner_a=owner, team=east, **stamps)
    product = Product.objects.create(code="TX-1", name="松油烯甲", unit="kg", **stamps)
    found = Order.objects.create(
        number="XS-1", customer=customer, ordered_at=NOW, ordered_on=date(2026, 6, 1), amount=Decimal("7654.5"),
        line_count=1, **stamps,
    )  # fmt: skip
    OrderLine.objects.create(
        order=found, ordinal=1, customer=customer, ordered_on=found.ordered_on, product=product,
        quantity=Decimal("12.5"), price=Decimal("612.36"), amount=Decimal("7654.5"),
    )  # fmt: skip
    return found


def test_the_owner_sees_the_order_with_its_money(order: Order):
    page = signed_in(User.objects.get(username="seller")).get(reverse("order", args=[order.pk]))
    text = page.content.decode()
    assert "7,654.50" in text and "612.36" in text and "松油烯甲" in text


def test_somebody_elses_order_does_not_exist(order: Order):
    other = signed_in(person("other", "salesperson", Team.objects.create(name="演示华南")))
    assert other.get(reverse("order", args=[order.pk])).status_code == 404
    assert "XS-1" not in other.get(reverse("orders")).content.decode()


def test_dispatch_sees_quantities_and_no_money(order: Order):
    client = signed_in(person("dispatch", "dispatcher"))
    text = client.get(reverse("order", args=[order.pk])).content.decode()
    assert "12.5" in text and "7,654.50" not in text and "612.36" not in text
    listed = client.get(reverse("orders")).content.decode()
    assert "XS-1" in listed and "7,654.50" not in listed


def test_an_unassigned_sale_is_only_for_who_sees_all(order: Order, east: Team):
    Order.objects.filter(pk=order.pk).update(customer=None)
    assert (
        signed_in(person("boss", "manager", east)).get(reverse("order", args=[order.pk])).status_code == 404
    )
    assert signed_in(person("director", "director")).get(reverse("order", args=[order.pk])).status_code == 200


def test_what_is_owed_counts_open_and_overdue(order: Order):
    assert order.customer is not None
    for due, amount, settled, done in (
        (date(2026, 5, 1), 100, 40, None),
        (date(2026, 7, 1), 50, 0, None),
        (date(2026, 4, 1), 70, 70, date(2026, 4, 2)),
    ):
        Receivable.objects.create(
            customer=order.customer, amount=amount, settled_amount=settled, issued_on=date(2026, 3, 1), due_on=due,
            settled_on=done, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
    owed = owed_by(SYSTEM, order.customer, date(2026, 6, 1))
    assert (owed.open, owed.overdue, owed.overdue_count, owed.oldest) == (110, 60, 1, date(2026, 5, 1))
    stranger = actor_for(person("stranger", "salesperson"))
    assert owed_by(stranger, order.customer, date(2026, 6, 1)).open == 0


def test_a_product_page_shows_limits_and_hides_the_price_from_technicians(order: Order):
    Product.objects.update(list_price=Decimal("999.99"))
    product = Product.objects.get()
    technical = (
        signed_in(person("tech", "technical")).get(reverse("product", args=[product.pk])).content.decode()
    )
    assert "松油烯甲" in technical and "999.99" not in technical
    seller = (
        signed_in(User.objects.get(username="seller"))
        .get(reverse("product", args=[product.pk]))
        .content.decode()
    )
    assert "999.99" in seller
