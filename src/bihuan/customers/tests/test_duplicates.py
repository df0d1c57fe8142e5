"""Duplicates in the database: found, warned of, reviewed, merged and taken apart."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import models
from django.utils import translation

from bihuan.audit.models import Entry
from bihuan.customers.duplicates.finding import find_duplicates
from bihuan.customers.duplicates.merging import MergeRefused, merge_cluster, merge_clusters, merge_records
from bihuan.customers.duplicates.queries import (
    clusters_visible_to,
    merges_visible_to,
    open_clusters,
    review,
    why_alike,
)
from bihuan.customers.duplicates.references import references_to
from bihuan.customers.duplicates.reviewing import dismiss_clusters, reopen_cluster
from bihuan.customers.duplicates.similar import find_similar
from bihuan.customers.duplicates.undoing import undo_merge
from bihuan.customers.models import (
    Contact,
    Customer,
    CustomerRelation,
    CustomerTag,
    DuplicateCluster,
    Merge,
    Site,
    Tag,
)
from bihuan.customers.services import refresh_completeness
from bihuan.kernel.actor import ALL_CLASSES, SYSTEM, Actor, FieldClass, Grant, NotAllowed, Scope
from bihuan.people.models import User

from .rows import LATER, NOW, contact, customer, merge

pytestmark = pytest.mark.django_db


def staff(user: User, scope: Scope) -> Actor:
    grants = {
        (name, action): Grant(scope, ALL_CLASSES)
        for name in ("customer", "duplicate")
        for action in ("view", "merge", "undo")
    }
    return Actor(kind="staff", name="演示员工", user_id=user.pk, grants=grants)


def state_of_everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of the customers' room, without what tells when it was touched."""
    kept = {}
    for model in (Customer, Contact, CustomerTag, CustomerRelation, Site):
        rows: Any = model._default_manager.order_by("pk").values()
        kept[model.__name__] = [
            {k: v for k, v in row.items() if k not in ("version", "updated_at")} for row in rows
        ]
    return kept


@pytest.fixture
def pair() -> tuple[Customer, Customer]:
    return customer("江苏三木化工有限公司", external_id="K1"), customer(
        "江蘇三木化工", external_id="K2", phone="0512-66601234"
    )


# --- merging ---------------------------------------------------------------------------------------------------------


def test_a_merge_moves_what_refers_to_the_loser_and_leaves_a_pointer(pair: tuple[Customer, Customer]) -> None:
    winner, loser = pair
    person, site = (
        contact(loser, "张演示"),
        Site.objects.create(customer=loser, name="一厂", created_at=NOW, updated_at=NOW),
    )
    merge(winner, loser)
    for one in (winner, loser, person, site):
        one.refresh_from_db()
    assert loser.merged_into == winner
    assert person.customer == site.customer == winner
    assert winner.phone == "0512-66601234"  # it was blank
    assert winner.phone_key == "051266601234"
    assert winner.name == "江苏三木化工有限公司"
    assert Entry.objects.filter(action="duplicate.merge", object_id=str(winner.pk)).count() == 1


def test_orders_of_a_room_above_move_too(pair: tuple[Customer, Customer]) -> None:
    winner, loser = pair
    referring = {(one.model._meta.label, one.column) for one in references_to(Customer)}
    assert {
        ("sales.Order", "customer_id"),
        ("customers.Contact", "customer_id"),
        ("customers.CustomerRelation", "other_id"),
    } <= referring
    from bihuan.sales.models import Order

    needed: dict[str, Any] = {"customer": loser}
    for one in Order._meta.concrete_fields:
        if one.null or one.has_default() or one.primary_key or one.name == "customer":
            continue
        needed[one.name] = (
            NOW
            if isinstance(one, models.DateTimeField)
            else NOW.date()
            if isinstance(one, models.DateField)
            else "1"
        )
    order = Order.objects.create(**needed)
    done = merge(winner, loser)
    order.refresh_from_db()
    assert order.customer_id == winner.pk
    undo_merge(actor=SYSTEM, merge_id=done.pk, now=LATER)
    order.refresh_from_db()
    assert order.customer_id == loser.pk


def test_the_surviving_value_of_each_field_can_be_chosen(pair: tuple[Customer, Customer]) -> None:
    winner, loser = pair
    done = merge(winner, loser, choices={"name": loser.pk})
    winner.refresh_from_db()
    assert winner.name == "江蘇三木化工"
    assert done.values_before["name"] == "江苏三木化工有限公司"
    with pytest.raises(MergeRefused):
        merge(customer("甲"), customer("乙"), choices={"id": loser.pk})


def test_what_both_have_stays_with_the_pointer(pair: tuple[Customer, Customer]) -> None:
    winner, loser = pair
    shared, other = Tag.objects.create(code="vip", label="重点"), Tag.objects.create(code="new", label="新客")
    for who, tag in ((winner, shared), (loser, shared), (loser, other)):
        CustomerTag.objects.create(customer=who, tag=tag)
    CustomerRelation.objects.create(customer=winner, other=loser, kind="same_owner")
    merge(winner, loser)
    assert sorted(winner.tags.values_list("tag__code", flat=True)) == ["new", "vip"]
    assert list(loser.tags.values_list("tag__code", flat=True)) == ["vip"]
    assert CustomerRelation.objects.get().other == loser  # a firm is not related to itself


def test_many_losers_with_the_same_tag_give_it_once() -> None:
    winner, *losers = [customer(f"演示{n}有限公司") for n in range(4)]
    tag = Tag.objects.create(code="vip", label="重点")
    for one in losers:
        CustomerTag.objects.create(customer=one, tag=tag)
    merge(winner, *losers)
    assert winner.tags.count() == 1
    assert CustomerTag.objects.count() == 3


def test_what_was_merged_is_not_merged_again(pair: tuple[Customer, Customer]) -> None:
    winner, loser = pair
    merge(winner, loser)
    with pytest.raises(MergeRefused):
        merge(customer("第三家"), loser)
    with pytest.raises(MergeRefused):
        merge(winner, winner)


# --- undoing ---------------------------------------------------------------------------------------------------------


def test_an_undone_merge_leaves_nothing_behind(pair: tuple[Customer, Customer]) -> None:
    winner, loser = pair
    contact(loser, "张演示")
    CustomerTag.objects.create(customer=loser, tag=Tag.objects.create(code="vip", label="重点"))
    refresh_completeness()
    before = state_of_everything()
    result = undo_merge(actor=SYSTEM, merge_id=merge(winner, loser, choices={"name": loser.pk}).pk, now=LATER)
    assert result["kept"] == []
    assert state_of_everything() == before


def test_an_undo_after_edits_keeps_and_lists_what_was_changed(pair: tuple[Customer, Customer]) -> None:
    winner, loser = pair
    third = customer("浙江绿源食品有限公司")
    stays, goes, gone = contact(loser, "张演示"), contact(loser, "李演示"), contact(loser, "王演示")
    done = merge(winner, loser)
    new = contact(winner, "赵演示")
    Contact.objects.filter(pk=stays.pk).update(customer=third)
    gone.delete()
    Contact.objects.filter(pk=goes.pk).update(title="采购")
    Customer.objects.filter(pk=winner.pk).update(phone="13800001111")
    result = undo_merge(actor=SYSTEM, merge_id=done.pk, now=LATER)
    holders = dict(Contact.objects.values_list("name", "customer_id"))
    assert holders == {"张演示": third.pk, "李演示": loser.pk, "赵演示": winner.pk}
    assert len(result["kept"]) == 3
    assert any("张演示" in one["object"] for one in result["kept"])
    winner.refresh_from_db()
    loser.refresh_from_db()
    new.refresh_from_db()
    assert winner.phone == "13800001111"
    assert loser.merged_into is None
    with pytest.raises(MergeRefused):
        undo_merge(actor=SYSTEM, merge_id=done.pk, now=LATER)


@pytest.mark.parametrize("first_undone", ["first", "second"])
def test_a_chain_of_merges_is_undone_in_any_order(first_undone: str) -> None:
    a, b, c = (customer(f"演示{name}有限公司") for name in "甲乙丙")
    for who in (a, b, c):
        contact(who, f"联系人{who.name}")
    refresh_completeness()
    before = state_of_everything()
    first = merge(a, b)
    second = merge(c, a)
    b.refresh_from_db()
    assert b.merged_into == c  # pointers lead straight to the survivor
    assert c.contacts.count() == 3
    order = [first, second] if first_undone == "first" else [second, first]
    undo_merge(actor=SYSTEM, merge_id=order[0].pk, now=LATER)
    if first_undone == "first":
        assert (b.contacts.count(), a.contacts.count(), c.contacts.count()) == (1, 0, 2)
    else:
        assert (b.contacts.count(), a.contacts.count(), c.contacts.count()) == (0, 2, 1)
    result = undo_merge(actor=SYSTEM, merge_id=order[1].pk, now=LATER)
    assert result["kept"] == []
    assert state_of_everything() == before


def test_contacts_are_merged_and_parted_too(pair: tuple[Customer, Customer]) -> None:
    one, two = contact(pair[0], "张演示"), contact(pair[0], "张演示", phone="13800001111")
    done = merge_records(actor=SYSTEM, profile="person", winner_id=one.pk, loser_ids=[two.pk], now=NOW)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.phone, two.is_active) == ("13800001111", False)
    undo_merge(actor=SYSTEM, merge_id=done.pk, now=LATER)
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.phone, two.is_active) == ("", True)


# --- finding and reviewing ---------------------------------------------------------------------------------------------


@pytest.fixture
def found(pair: tuple[Customer, Customer]) -> list[dict[str, Any]]:
    customer("浙江绿源食品有限公司", external_id="K3")
    return find_duplicates(actor=SYSTEM, now=NOW)


def test_duplicates_are_found_by_the_matcher(found: list[dict[str, Any]]) -> None:
    assert [(one["members"], one["probability"] > 0.97) for one in found] == [(["K1", "K2"], True)]
    laid_open = review(SYSTEM, found[0]["cluster"])
    assert laid_open.pairs[0].evidence["name"] == "equal"
    assert laid_open.pairs[0].evidence["phone"] == "missing"
    names = next(row for row in laid_open.fields if row.name == "name")
    assert names.differs
    assert names.values == ("江苏三木化工有限公司", "江蘇三木化工")


def test_a_cluster_is_merged_into_whom_most_refer_to_and_opens_again_with_the_undo(
    found: list[dict[str, Any]],
) -> None:
    second = Customer.objects.get(external_id="K2")
    contact(second, "张演示")
    done = merge_cluster(actor=SYSTEM, cluster_id=found[0]["cluster"], now=NOW)
    assert done.winner_id == second.pk
    assert not open_clusters(SYSTEM).exists()
    assert find_duplicates(actor=SYSTEM, now=LATER) == []
    undo_merge(actor=SYSTEM, merge_id=done.pk, now=LATER)
    assert open_clusters(SYSTEM).count() == 1
    assert len(merge_clusters(actor=SYSTEM, cluster_ids=[found[0]["cluster"]], now=LATER)) == 1


def test_what_was_dismissed_is_not_proposed_again(found: list[dict[str, Any]]) -> None:
    number = found[0]["cluster"]
    assert dismiss_clusters(actor=SYSTEM, cluster_ids=[number], now=NOW) == 1
    assert find_duplicates(actor=SYSTEM, now=LATER) == []
    with pytest.raises(MergeRefused):
        merge_cluster(actor=SYSTEM, cluster_id=number, now=LATER)
    reopen_cluster(actor=SYSTEM, cluster_id=number, now=LATER)
    assert len(find_duplicates(actor=SYSTEM, now=LATER)) == 1


def test_who_does_not_reach_every_member_does_not_see_the_cluster(
    found: list[dict[str, Any]], pair: tuple[Customer, Customer]
) -> None:
    user = User.objects.create(username="demo-seller")
    seller = staff(user, Scope.OWN)
    number = found[0]["cluster"]
    Customer.objects.filter(pk=pair[0].pk).update(owner_a=user)
    assert not clusters_visible_to(seller).exists()
    for act in (
        lambda: review(seller, number),
        lambda: merge_cluster(actor=seller, cluster_id=number, now=NOW),
        lambda: dismiss_clusters(actor=seller, cluster_ids=[number], now=NOW),
    ):
        with pytest.raises(DuplicateCluster.DoesNotExist):
            act()
    with pytest.raises(Customer.DoesNotExist):
        merge_records(actor=seller, profile="company", winner_id=pair[0].pk, loser_ids=[pair[1].pk], now=NOW)
    with pytest.raises(NotAllowed):
        find_duplicates(actor=Actor(kind="staff", name="无权"), now=NOW)
    Customer.objects.filter(pk=pair[1].pk).update(owner_b=user)
    assert clusters_visible_to(seller).count() == 1
    done = merge_cluster(actor=seller, cluster_id=number, now=NOW)
    assert merges_visible_to(seller).get() == done
    stranger = staff(User.objects.create(username="demo-other"), Scope.OWN)
    assert not merges_visible_to(stranger).exists()
    with pytest.raises(Merge.DoesNotExist):
        undo_merge(actor=stranger, merge_id=done.pk, now=LATER)
    undo_merge(actor=seller, merge_id=done.pk, now=LATER)


# --- warning -----------------------------------------------------------------------------------------------------------


def test_a_new_customer_is_warned_of_by_name_sound_code_and_phone(pair: tuple[Customer, Customer]) -> None:
    def reasons(name: str, **more: Any) -> list[list[str]]:
        return [one.reasons for one in find_similar(SYSTEM, name=name, **more)]

    assert reasons("三木化工（江苏）有限责任公司") == [["name"], ["name"]]
    assert reasons("江苏三沐化工") == [["pinyin"], ["pinyin"]]
    assert reasons("完全不同有限公司", phone="+86 512 6660 1234") == [["phone"]]
    assert reasons("浙江三木化工有限公司") == []
    assert reasons("江苏三木化工有限公司苏州分公司") == []
    assert find_similar(SYSTEM, name="江苏三木化工", besides=pair[0].pk)[0].customer == pair[1]


def test_a_warning_does_not_tell_of_customers_out_of_reach(pair: tuple[Customer, Customer]) -> None:
    user = User.objects.create(username="demo-seller")
    assert find_similar(staff(user, Scope.OWN), name="江苏三木化工") == []
    Customer.objects.filter(pk=pair[1].pk).update(owner_a=user)
    assert [one.customer for one in find_similar(staff(user, Scope.OWN), name="江苏三木化工")] == [pair[1]]


def test_whoever_looks_for_duplicates_is_told_of_those_within_reach(pair: tuple[Customer, Customer]) -> None:
    """All are compared; those of others wait for others."""
    own = [customer("四川演示化肥有限公司", external_id="K3"), customer("四川演示化肥公司", external_id="K4")]
    manager = User.objects.create(username="m", name="演示经理")
    Customer.objects.filter(pk__in=[one.pk for one in own]).update(owner_a=manager)
    found = find_duplicates(actor=staff(manager, Scope.TEAM), now=NOW)
    assert [sorted(one["members"]) for one in found] == [["K3", "K4"]]
    assert DuplicateCluster.objects.count() == 2


def test_evidence_speaks_only_of_what_may_be_read() -> None:
    one, two = (
        customer("江苏三木化工", phone="0512-66601234"),
        customer("江苏三木化工厂", phone="0512-66601234"),
    )
    find_duplicates(actor=SYSTEM, now=NOW)
    cluster = DuplicateCluster.objects.get()
    assert review(SYSTEM, cluster.pk).pairs[0].evidence["phone"] == "equal"
    plain = frozenset({FieldClass.PUBLIC})
    blind = Actor(
        kind="staff", name="演示员工", user_id=0,
        grants={(name, "view"): Grant(Scope.ALL, plain) for name in ("customer", "duplicate")},
    )  # fmt: skip
    shown = review(blind, cluster.pk)
    assert {"phone", "email", "address"}.isdisjoint(shown.pairs[0].evidence)
    assert "name" in shown.pairs[0].evidence
    with translation.override("en"):
        said = {
            str(label): str(word) for label, word, _tone in why_alike(shown.pairs, shown.members)[0]["fields"]
        }
    assert said == {"Name": "the same", "Place in the name": "the same"}
    assert {one, two} == set(shown.members)
