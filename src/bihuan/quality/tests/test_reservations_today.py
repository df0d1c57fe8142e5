"""Today says which reservations run out soon, to whose customer it is and to who made it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import local_date
from bihuan.people.models import User
from bihuan.people.services import actor_for
from bihuan.quality.models import Lot, LotReservation
from bihuan.quality.shipping.reserving import end_due, release
from bihuan.quality.shipping.today import MOST, my_reservations
from bihuan.sales.models import OrderLine

from .plants import NOON, receive
from .test_shipping import customer, order, person
from .test_stock import keep, line_of

pytestmark = pytest.mark.django_db
TODAY = local_date(NOON)
IN_DAYS = [TODAY + timedelta(days=number) for number in range(6)]


@pytest.fixture
def plant() -> tuple[Lot, User]:
    """100 kg; three orders of a customer with an owner, one of somebody else's."""
    owner = person("salesperson")
    mine, theirs = customer("演示·甲", owner_a=owner), customer("演示·乙")
    order("SO1", mine), order("SO2", theirs), order("SO3", mine), order("SO4", mine)
    return receive("A", "1", 100), owner


def told(user: User) -> list[tuple[str, int]]:
    """(order, days left), asked in one query."""
    actor = actor_for(user)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        rows, is_more = my_reservations(actor, TODAY)
    assert len(asked) == 1 and not is_more
    return [(one.row.order.number, one.days) for one in rows]


def test_the_owner_is_told_of_what_ends_within_three_days_the_first_in_front(plant: tuple[Lot, User]) -> None:
    row, owner = plant
    keep(row, "SO1", 10, until=IN_DAYS[3])
    keep(row, "SO2", 10, until=IN_DAYS[1])  # another's customer
    last = keep(row, "SO3", 10, until=IN_DAYS[0])
    keep(row, "SO4", 10, until=IN_DAYS[4])  # not yet
    assert told(owner) == [("SO3", 0), ("SO1", 3)]
    release(actor=SYSTEM, reservation=last, reason="改单", now=NOON)
    assert told(owner) == [("SO1", 3)]
    OrderLine.objects.filter(pk=line_of("SO1").pk).update(delivered_on=TODAY)
    assert told(owner) == []


def test_one_without_end_and_one_that_ran_out_are_not_on_the_list(plant: tuple[Lot, User]) -> None:
    row, owner = plant
    keep(row, "SO1", 10)
    made = keep(row, "SO3", 10, until=IN_DAYS[0])
    assert told(owner) == [("SO3", 0)]
    LotReservation.objects.filter(pk=made.pk).update(until=TODAY - timedelta(days=1))
    assert told(owner) == []
    assert end_due(NOON) == 1


def test_who_reserved_for_another_ones_customer_is_told_as_well(plant: tuple[Lot, User]) -> None:
    row, owner = plant
    planner, other = person("production"), person("dispatcher")
    keep(row, "SO2", 10, until=IN_DAYS[2], actor=actor_for(planner))
    assert (told(planner), told(owner), told(other)) == ([("SO2", 2)], [], [])


def test_more_than_the_list_shows_is_said(plant: tuple[Lot, User]) -> None:
    row, owner = plant
    mine = Customer.objects.get(name="演示·甲")
    for number in range(MOST + 1):
        order(f"M{number:02}", mine)
        keep(row, f"M{number:02}", 1, until=IN_DAYS[1])
    rows, is_more = my_reservations(actor_for(owner), TODAY)
    assert (len(rows), is_more) == (MOST, True)


def card_of(user: User) -> str:
    User.objects.filter(pk=user.pk).update(language="zh-hans")
    browser = Client()
    browser.force_login(User.objects.get(pk=user.pk))
    page = browser.get("/").content.decode()
    return page[page.index('id="reservations-today"') :].partition("</section>")[0]


def link(name: str, key: int) -> str:
    return f'href="{reverse(name, args=[key])}"'


def test_today_names_lot_order_and_the_day_in_chinese_as_far_as_one_sees_them(
    plant: tuple[Lot, User],
) -> None:
    row, owner = plant
    planner = person("production")
    made = keep(row, "SO1", 10, until=IN_DAYS[0], actor=actor_for(planner))
    LotReservation.objects.filter(pk=made.pk).update(until=local_date(timezone.now()))
    card = card_of(owner)
    assert "即将到期的预留" in card and "今天到期" in card
    assert re.search(r"\b10\s+(kg|千克)", card)
    assert link("order", made.order_id) in card and link("customer", made.customer_id) in card
    assert (
        link("lot", row.pk) not in card and "A/1" not in card
    )  # nothing of it was shipped to customers of theirs
    assert link("lot", row.pk) in card_of(planner)
