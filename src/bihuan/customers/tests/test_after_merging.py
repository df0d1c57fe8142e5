"""What a merge means for search, completeness, owners, other groups, and an import that runs meanwhile."""

from __future__ import annotations

import pytest

from bihuan.customers.duplicates.merging import merge_clusters
from bihuan.customers.duplicates.queries import open_clusters, review
from bihuan.customers.duplicates.similar import find_similar
from bihuan.customers.duplicates.stragglers import follow_pointers
from bihuan.customers.duplicates.undoing import undo_merge
from bihuan.customers.models import Customer, CustomerTag, DuplicateCluster, DuplicateMember, Tag
from bihuan.customers.search import reindex_customers, searched
from bihuan.customers.services import refresh_completeness
from bihuan.kernel.actor import SYSTEM
from bihuan.people.models import User

from .rows import LATER, NOW, contact, customer, merge

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> tuple[Customer, Customer]:
    return customer("江苏三木化工有限公司", external_id="K1"), customer(
        "江蘇三木化工", external_id="K2", phone="0512-66601234"
    )


def test_who_was_merged_away_is_found_as_the_survivor_until_the_undo(pair: tuple[Customer, Customer]) -> None:
    winner, loser = pair
    contact(loser, "欧阳演示")
    other_name = customer("宜兴旧名化工厂", external_id="K3")
    reindex_customers([winner.pk, loser.pk, other_name.pk])

    def names(text: str) -> list[int]:
        rows = Customer.objects.filter(merged_into=None)
        return list(searched(SYSTEM, rows, text).values_list("pk", flat=True))

    first, second = merge(winner, loser), merge(winner, other_name)
    assert names("K2") == names("旧名化工") == names("欧阳") == names("jmhg") == [winner.pk]
    undo_merge(actor=SYSTEM, merge_id=first.pk, now=LATER)
    assert names("K2") == names("欧阳") == [loser.pk]
    undo_merge(actor=SYSTEM, merge_id=second.pk, now=LATER)
    assert names("旧名化工") == [other_name.pk]


def test_a_merge_leaves_the_survivor_as_complete_as_it_has_become(pair: tuple[Customer, Customer]) -> None:
    winner, loser = pair
    contact(loser, "张演示", chain_role="decider")
    refresh_completeness()
    done = merge(winner, loser)
    winner.refresh_from_db()
    assert winner.completeness == 35  # telephone, a contact, who decides
    undo_merge(actor=SYSTEM, merge_id=done.pk, now=LATER)
    winner.refresh_from_db()
    assert winner.completeness == 0


@pytest.mark.parametrize(("held", "filled"), [("owner_a", "owner_b"), ("owner_b", "owner_a")])
def test_a_merge_does_not_make_one_person_both_owners(
    pair: tuple[Customer, Customer], held: str, filled: str
) -> None:
    winner, loser = pair
    one = User.objects.create(username="demo-owner")
    Customer.objects.filter(pk=winner.pk).update(**{held: one})
    Customer.objects.filter(pk=loser.pk).update(**{filled: one})
    merge(winner, loser)
    winner.refresh_from_db()
    assert (winner.owner_a, winner.owner_b) == (one, None)


def test_what_an_import_brings_to_a_customer_merged_meanwhile_goes_to_the_survivor_and_back_with_the_undo() -> (
    None
):
    a, b, c = (customer(f"演示{name}有限公司") for name in "甲乙丙")
    tag = Tag.objects.create(code="vip", label="重点")
    for who in (a, b):
        CustomerTag.objects.create(customer=who, tag=tag)
    first = merge(a, b)
    second = merge(c, a)
    late = contact(b, "张演示")  # the import had looked b up before
    assert follow_pointers(now=LATER) == 1
    assert follow_pointers(now=LATER) == 0
    late.refresh_from_db()
    assert late.customer == c
    undo_merge(actor=SYSTEM, merge_id=second.pk, now=LATER)
    late.refresh_from_db()
    assert late.customer == a
    undo_merge(actor=SYSTEM, merge_id=first.pk, now=LATER)
    late.refresh_from_db()
    assert late.customer == b
    assert CustomerTag.objects.filter(customer=b).exists()


def test_a_group_that_shares_a_record_with_a_merged_one_can_still_be_merged() -> None:
    a, b, c, d = (customer(f"演示{name}有限公司") for name in "甲乙丙丁")
    clusters = []
    for members in ((a, b), (b, c), (a, b), (a, c, d)):
        row = DuplicateCluster.objects.create(
            profile="company", probability=0.9, size=len(members), found_at=NOW
        )
        row.members.bulk_create([DuplicateMember(cluster=row, object_id=one.pk) for one in members])
        clusters.append(row)
    made = merge_clusters(actor=SYSTEM, cluster_ids=[one.pk for one in clusters], now=NOW)
    assert [(one.winner_id, one.loser_ids) for one in made] == [
        (a.pk, [b.pk]), (a.pk, [c.pk]), (a.pk, [d.pk]),
    ]  # fmt: skip
    assert not open_clusters(SYSTEM).exists()


def test_a_new_customer_is_warned_of_by_whom_somebody_was_merged_into(
    pair: tuple[Customer, Customer],
) -> None:
    winner, loser = pair
    old = customer("宜兴旧名化工厂", phone="0510-87654321")
    merge(winner, loser, old)
    for name, phone in (("宜兴市旧名化工有限公司", ""), ("别家", "+86 510 8765 4321")):
        assert [one.customer for one in find_similar(SYSTEM, name=name, phone=phone)] == [winner]
    assert find_similar(SYSTEM, name="旧名化工厂")[0].reasons == ["other_name"]


def test_a_group_of_which_a_record_is_gone_is_there_no_more(pair: tuple[Customer, Customer]) -> None:
    """An import that was taken back took one of them along."""
    _winner, loser = pair
    row = DuplicateCluster.objects.create(profile="company", probability=0.9, size=2, found_at=NOW)
    row.members.bulk_create([DuplicateMember(cluster=row, object_id=one.pk) for one in pair])
    assert open_clusters(SYSTEM).get() == row
    loser.delete()
    assert not open_clusters(SYSTEM).exists()
    with pytest.raises(DuplicateCluster.DoesNotExist):
        review(SYSTEM, row.pk)
