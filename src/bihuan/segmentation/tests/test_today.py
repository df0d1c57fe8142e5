"""What Today tells: a salesperson about own customers, a manager about all that the team has."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.test import Client

from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.people.actors import actor_for
from bihuan.people.models import User
from bihuan.people.services import create_team, create_user
from bihuan.segmentation.deciding.queries import tiers_held
from bihuan.segmentation.models import MetricRow, Standing
from bihuan.segmentation.queries import debtors_of

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 7, 1, 4, tzinfo=UTC)


@pytest.fixture
def people() -> dict[str, User]:
    east = create_team(actor=SYSTEM, name="演示华东", now=NOON)
    return {
        role: create_user(actor=SYSTEM, username=role, name=f"演示{role}", roles=[role], team=east, now=NOON)
        for role in ("salesperson", "manager", "director", "quality")
    }


@pytest.fixture
def customers(people: dict[str, User]) -> list[Customer]:
    """Owing 100, 200, 300 and nothing; the salesperson owns the first, the team the first two."""
    seller = people["salesperson"]
    made = []
    for number, (owner, team, owed, tier) in enumerate(
        [
            (seller, seller.team, 100, "A"),
            (None, seller.team, 200, "B"),
            (None, None, 300, "B"),
            (None, None, 0, ""),
        ]
    ):
        row = Customer.objects.create(
            name=f"演示{number}号", owner_a=owner, team=team, created_at=NOON, updated_at=NOON
        )
        MetricRow.objects.create(
            customer=row, as_of=date(2026, 6, 30), overdue_amount=Decimal(owed), revenue_12m=Decimal(owed * 10),
            values={"overdue_days_max": number + 1},
        )  # fmt: skip
        Standing.objects.create(customer=row, tier=tier, **({"tier_rank": ord(tier) - 64} if tier else {}))
        made.append(row)
    return made


def owing(user: User) -> list[Decimal]:
    return [one.amount for one in debtors_of(actor_for(user), 8)]


def test_a_salesperson_is_told_of_own_debtors_and_a_manager_of_the_teams(
    people: dict[str, User], customers: list[Customer]
):
    assert owing(people["salesperson"]) == [100]
    assert owing(people["manager"]) == [200, 100]
    assert owing(people["director"]) == [300, 200, 100]
    assert owing(people["quality"]) == []  # not who sees money


def test_a_manager_who_owns_a_customer_is_told_of_that_one(
    people: dict[str, User], customers: list[Customer]
):
    Customer.objects.filter(pk=customers[1].pk).update(owner_b=people["manager"])
    assert owing(people["manager"]) == [200]


def test_tiers_are_counted_over_what_one_reaches(people: dict[str, User], customers: list[Customer]):
    counted = {
        role: [(one.tier, one.customers, one.revenue) for one in tiers_held(actor_for(people[role]))]
        for role in ("manager", "director")
    }
    assert counted == {
        "manager": [("A", 1, 1000), ("B", 1, 2000)],
        "director": [("A", 1, 1000), ("B", 2, 5000)],
    }


def test_today_shows_tiers_to_the_director_and_not_to_the_salesperson(
    people: dict[str, User], customers: list[Customer]
):
    seen = {}
    for role in ("director", "salesperson"):
        client = Client()
        client.force_login(people[role])
        seen[role] = client.get("/").content.decode()
    assert "?tier=B" in seen["director"] and "演示2号" in seen["director"]
    assert "?tier=" not in seen["salesperson"] and "演示2号" not in seen["salesperson"]
    assert "演示0号" in seen["salesperson"]
