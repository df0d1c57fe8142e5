"""What changes customers: it writes, journals and keeps what follows from it, and refuses in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import Http404
from django.utils import translation

from bihuan.audit.models import Entry
from bihuan.customers import services
from bihuan.customers.duplicates.similar import find_similar
from bihuan.customers.errors import CustomerError
from bihuan.customers.models import Contact, Customer, CustomerFact, CustomerName, CustomerTag, Site, Tag
from bihuan.customers.queries import complete_of, get_customer
from bihuan.customers.rules import (
    FRESH_DAYS,
    STALE_DAYS,
    completeness,
    credit_code_fault,
    freshness,
    freshness_score,
    missing_parts,
)
from bihuan.customers.search import searched
from bihuan.kernel.actor import SYSTEM, Actor, FieldClass, Grant, NotAllowed, Scope
from bihuan.kernel.models import BulkStep, LakeChange
from bihuan.people.models import Team, User
from bihuan.people.services import actor_for, create_team, create_user

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LATER = datetime(2026, 3, 3, 12, tzinfo=UTC)
RIGHT_CODE = "91110000600037341L"
pytestmark = pytest.mark.django_db


def person(name: str, role: str, team: Team | None = None) -> User:
    return create_user(actor=SYSTEM, username=name, name=name.title(), roles=[role], team=team, now=NOON)


@pytest.fixture
def east() -> Team:
    return create_team(actor=SYSTEM, name="East", now=NOON)


@pytest.fixture
def seller(east: Team) -> Actor:
    return actor_for(person("seller", "salesperson", east))


@pytest.fixture
def director() -> Actor:
    return actor_for(person("director", "director"))


def made(actor: Actor, name: str = "三明示例化工有限公司", **more: Any) -> Customer:
    return services.create_customer(actor=actor, name=name, now=NOON, **more)


def found(actor: Actor, text: str) -> set[int]:
    return set(searched(actor, Customer.objects.all(), text).values_list("pk", flat=True))


def test_a_salesperson_becomes_owner_and_finds_the_new_customer_at_once(seller: Actor, east: Team):
    row = made(seller, " 三明示例\u200b化工 \n有限公司 ", contact_name="张三", phone="13800000001")
    assert row.name == "三明示例化工 有限公司"
    assert (row.owner_a_id, row.team_id, row.status) == (seller.user_id, east.pk, "prospect")
    contact = row.contacts.get()
    assert (contact.name, contact.phone, contact.is_primary, row.phone) == ("张三", "13800000001", True, "")
    assert row.pk in found(seller, "smslhg") and row.pk in found(seller, "张三")
    entry = Entry.objects.get(action="customer.created")
    assert entry.after is not None and entry.after["name"] == row.name and entry.actor_name == "Seller"
    assert LakeChange.objects.filter(dataset="customers").exists()
    row.refresh_from_db()
    assert row.completeness == complete_of(get_customer(seller, row.pk))[0] == 25


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("9111000060003734", "18"),
        ("91110000600037341M", "check digit"),
        ("9111000060003734IL", "without I"),
        (RIGHT_CODE, None),
    ],
)
def test_a_credit_code_is_checked_and_says_what_is_wrong(code: str, says: str | None):
    with translation.override("en"):
        fault = credit_code_fault(code)
        fault = fault and str(fault)
    assert fault is None if says is None else says in str(fault)


def test_a_code_is_taken_as_people_type_it_and_only_once(director: Actor):
    row = made(director, credit_code="９１110000-6000 37341l")
    assert row.credit_code == RIGHT_CODE
    with pytest.raises(CustomerError) as refused:
        made(director, "另一家", credit_code=RIGHT_CODE)
    assert refused.value.field == "credit_code"
    assert made(director, "另一家", credit_code=RIGHT_CODE, despite_similar=True).pk != row.pk


@pytest.mark.parametrize("name", ["", "   ", "\u200b\u0000", "x" * 201])
def test_a_name_that_is_none_or_too_long_is_refused_and_nothing_is_left(director: Actor, name: str):
    with pytest.raises(CustomerError) as refused:
        made(director, name)
    assert refused.value.field == "name"
    assert not Customer.objects.exists() and not Entry.objects.filter(action="customer.created").exists()


def test_renaming_keeps_the_former_name_and_both_are_found(director: Actor):
    row = made(director, "老名字香料厂")
    services.edit_customer(actor=director, customer=row, changes={"name": "新名字香料厂"}, now=LATER)
    row.refresh_from_db()
    former = CustomerName.objects.get(customer=row)
    assert (former.kind, former.name, former.valid_to) == ("former", "老名字香料厂", date(2026, 3, 3))
    assert row.version == 2 and row.updated_at == LATER and row.initials.startswith("xmz")
    assert found(director, "老名字") == found(director, "xmz") == {row.pk}
    entry = Entry.objects.get(action="customer.renamed")
    assert (entry.before, entry.after) == ({"name": "老名字香料厂"}, {"name": "新名字香料厂"})


def test_a_save_over_somebody_elses_change_is_refused_and_one_without_change_writes_nothing(director: Actor):
    row = made(director)
    services.edit_customer(actor=director, customer=row, changes={"city": "三明"}, version=1, now=LATER)
    with pytest.raises(CustomerError):
        services.edit_customer(actor=director, customer=row, changes={"city": "福州"}, version=1, now=LATER)
    before = Entry.objects.count()
    services.edit_customer(actor=director, customer=row, changes={"city": "三明"}, version=2, now=LATER)
    row.refresh_from_db()
    assert (row.city, row.version, Entry.objects.count()) == ("三明", 2, before)


def test_owners_change_only_by_whoever_hands_over_and_the_team_follows(
    director: Actor, seller: Actor, east: Team
):
    row = made(director)
    other = person("other", "salesperson", east)
    services.edit_customer(actor=director, customer=row, changes={"owner_a": other}, now=LATER)
    row.refresh_from_db()
    assert (row.owner_a, row.team) == (other, east)
    with pytest.raises(CustomerError):
        services.edit_customer(actor=director, customer=row, changes={"owner_b": other}, now=LATER)
    mine = made(seller, "我的客户")
    with pytest.raises(NotAllowed):
        services.edit_customer(actor=seller, customer=mine, changes={"owner_a": other}, now=LATER)


def test_somebody_elses_customer_is_not_there_and_a_reader_may_not_change(director: Actor, seller: Actor):
    row = made(director)
    with pytest.raises(Http404):
        services.edit_customer(actor=seller, customer=row, changes={"city": "x"}, now=LATER)
    reader = actor_for(person("reader", "dispatcher"))
    with pytest.raises(NotAllowed):
        services.edit_customer(actor=reader, customer=row, changes={"city": "x"}, now=LATER)
    with pytest.raises(Http404):
        services.add_contact(actor=seller, customer=row, values={"name": "x"}, now=LATER)


def test_one_contact_is_the_first_and_one_who_left_is_not(seller: Actor):
    row = made(seller, contact_name="甲")
    second = services.add_contact(
        actor=seller,
        customer=row,
        values={"name": "乙", "is_primary": True, "chain_role": "decider"},
        now=LATER,
    )
    assert list(row.contacts.filter(is_primary=True)) == [second]
    services.set_contact_active(actor=seller, contact=second, is_active=False, now=LATER)
    second.refresh_from_db()
    assert not second.is_primary and not second.is_active
    row.refresh_from_db()
    assert row.completeness == 25
    with pytest.raises(CustomerError):
        services.edit_contact(actor=seller, contact=second, changes={"email": "no mail"}, now=LATER)


def test_stored_completeness_is_the_rules_own(director: Actor):
    row = made(director, "完整", credit_code=RIGHT_CODE, industry="涂料", region="福建省", phone="1")
    Site.objects.create(customer=row, name="厂", created_at=NOON, updated_at=NOON)
    Contact.objects.create(customer=row, name="丙", chain_role="decider", created_at=NOON, updated_at=NOON)
    bare = made(director, "空白")
    assert services.refresh_completeness() == 2
    for one in (row, bare):
        one.refresh_from_db()
        assert one.completeness == complete_of(get_customer(director, one.pk))[0]
    assert row.completeness == 100 - sum(part.weight for part in missing_parts({})) + 75
    assert completeness({}) == bare.completeness == 0


def test_a_record_ages():
    today = date(2026, 3, 2)
    assert freshness(None, None, today) == "stale"
    assert freshness(date(2026, 1, 1), date(2020, 1, 1), today) == "fresh"
    assert freshness(None, date(2025, 6, 1), today) == "ageing"
    assert freshness(date(2025, 3, 1), None, today) == "stale"
    days = (0, FRESH_DAYS, STALE_DAYS, 2 * STALE_DAYS, 9 * STALE_DAYS)
    scores = [freshness_score(None, today - timedelta(days=one), today) for one in days]
    assert scores == [100, 75, 50, 0, 0]
    assert freshness_score(None, None, today) == 0


def test_facts_keep_their_days_and_secret_ones_stay_out_of_the_journal(director: Actor, seller: Actor):
    row = made(seller)
    services.record_fact(actor=director, customer=row, name="credit_limit", value="1,200", now=NOON)
    fact = CustomerFact.objects.get()
    assert (fact.section, fact.value) == ("credit", 1200)
    assert "1200" not in str(Entry.objects.get(action="customer.fact_recorded").after)
    with pytest.raises(NotAllowed):
        services.record_fact(actor=seller, customer=row, name="credit_limit", value="1", now=NOON)
    for name, value in (
        ("innovation", "101"),
        ("innovation", "good"),
        ("innovation", ""),
        ("", "1"),
        ("innovation", "NaN"),
    ):
        with pytest.raises(CustomerError):
            services.record_fact(actor=seller, customer=row, name=name, value=value, now=NOON)
    with pytest.raises(CustomerError):
        services.record_fact(
            actor=seller, customer=row, name="x", value="1", as_of=date(2026, 4, 1), now=NOON
        )
    assert LakeChange.objects.filter(dataset="customer_facts").exists()


def test_a_relation_is_kept_once_and_a_parent_is_no_child(director: Actor):
    a, b = made(director, "甲公司"), made(director, "乙公司")
    first = services.add_relation(actor=director, customer=a, other=b, kind="parent", now=NOON)
    assert services.add_relation(actor=director, customer=a, other=b, kind="parent", now=NOON) == first
    for customer, other, kind in ((b, a, "parent"), (a, a, "agent"), (a, b, "cousin")):
        with pytest.raises(CustomerError):
            services.add_relation(actor=director, customer=customer, other=other, kind=kind, now=NOON)
    services.remove_relation(actor=director, relation_id=first.pk, now=LATER)
    assert not a.relations.exists()


def test_a_rules_tag_stays_when_people_choose_theirs(director: Actor):
    row = made(director)
    ruled, chosen = (Tag.objects.create(code=code, label=code) for code in ("ruled", "chosen"))
    CustomerTag.objects.create(customer=row, tag=ruled, by_rule=True)
    services.set_tags(actor=director, customer=row, tags=[chosen], now=LATER)
    services.set_tags(actor=director, customer=row, tags=[], now=LATER)
    assert [one.tag for one in row.tags.all()] == [ruled]
    undo = services.tag_many(actor=director, ids=[row.pk], tag_id=chosen.pk, now=LATER)
    assert row.tags.count() == 2
    assert services.put_back_tags(director, undo, LATER) == 1 and row.tags.count() == 1


def test_a_competitors_share_is_a_share(director: Actor):
    row = made(director)
    services.record_competitor(actor=director, customer=row, name="对手", share_percent=Decimal(40), now=NOON)
    services.record_competitor(actor=director, customer=row, name="对手", share_percent=Decimal(60), now=NOON)
    assert [one.share_percent for one in row.competitors.all()] == [60]
    with pytest.raises(CustomerError):
        services.record_competitor(
            actor=director, customer=row, name="对手", share_percent=Decimal(101), now=NOON
        )


def test_all_customers_of_a_leaver_go_to_others_and_come_back(director: Actor, east: Team):
    leaver, one, two = (person(name, "salesperson", east) for name in ("leaver", "one", "two"))
    rows = [made(director, f"客户{number}") for number in range(5)]
    Customer.objects.filter(pk__in=[row.pk for row in rows]).update(owner_a=leaver, owner_b=one)
    deputy_of = made(director, "代管")
    Customer.objects.filter(pk=deputy_of.pk).update(owner_a=one, owner_b=leaver)
    run = services.hand_over(actor=director, from_id=leaver.pk, to_ids=[one.pk, two.pk], now=LATER)
    assert run.changed == 6
    assert (
        not Customer.objects.filter(owner_a=leaver).exists()
        and not Customer.objects.filter(owner_b=leaver).exists()
    )
    assert sorted(Customer.objects.filter(owner_a=two).values_list("owner_b__name", flat=True)) == [
        "One",
        "One",
    ]
    deputy_of.refresh_from_db()
    assert (deputy_of.owner_a, deputy_of.owner_b) == (one, None)
    services.edit_customer(actor=director, customer=rows[0], changes={"city": "三明"}, now=LATER)
    undo = BulkStep.objects.get(run=run).undo
    assert services.put_back(director, undo, LATER) == 5
    assert Customer.objects.filter(owner_a=leaver).count() == 4
    rows[0].refresh_from_db()
    assert rows[0].owner_a != leaver
    with pytest.raises(CustomerError):
        services.hand_over(actor=director, from_id=leaver.pk, to_ids=[leaver.pk], now=LATER)


def test_a_manager_hands_over_only_within_the_team(east: Team, director: Actor):
    west = create_team(actor=SYSTEM, name="West", now=NOON)
    manager = actor_for(person("manager", "manager", east))
    near, far = person("near", "salesperson", east), person("far", "salesperson", west)
    row = made(director)
    Customer.objects.filter(pk=row.pk).update(owner_a=near, team=east)
    with pytest.raises(CustomerError):
        services.assign_owner(actor=manager, ids=[row.pk], place="a", owner_id=far.pk, now=LATER)
    foreign = made(director, "西部客户")
    Customer.objects.filter(pk=foreign.pk).update(owner_a=far, team=west)
    undo = services.assign_owner(
        actor=manager, ids=[row.pk, foreign.pk], place="b", owner_id=manager.user_id, now=LATER
    )
    assert [line[0] for line in undo["rows"]] == [row.pk]


def test_a_telephone_number_is_not_found_out_by_trying(director: Actor):
    """Who sees no telephone numbers gets no warning by one; a name still warns."""
    row = made(director, phone="0512-66601234")
    assert [one.customer.pk for one in find_similar(director, name="另一家", phone="0512 6660 1234")] == [
        row.pk
    ]
    grants = {
        ("customer", action): Grant(Scope.ALL, frozenset({FieldClass.PUBLIC}))
        for action in ("view", "create")
    }
    blind = Actor(kind="staff", name="x", user_id=0, grants=grants)
    assert find_similar(blind, name="另一家", phone="0512 6660 1234") == []
    assert [one.reasons for one in find_similar(blind, name=row.name, phone="0512-66601234")] == [["name"]]
