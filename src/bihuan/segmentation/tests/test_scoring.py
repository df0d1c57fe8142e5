"""Health and tags after new metric values: what holds is set, what does not is taken, what a person did stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from django.http import QueryDict
from django.utils import translation

from bihuan.audit.models import Entry
from bihuan.customers.lists import CUSTOMERS
from bihuan.customers.models import Customer, CustomerTag, Tag
from bihuan.kernel.actor import ALL_CLASSES, SYSTEM, Actor, FieldClass, Grant, NotAllowed, Scope
from bihuan.kernel.analytics.processes import AnalyticsFailed
from bihuan.kernel.pages.lists import ListState
from bihuan.people.models import User
from bihuan.rulebook.services import import_policy
from bihuan.segmentation.models import HealthChange, Standing
from bihuan.segmentation.scoring.queries import falls_of, health_of
from bihuan.segmentation.scoring.services import Scored, apply_scores

from .conftest import NOW, TODAY, staff

pytestmark = pytest.mark.django_db

ABOUT = {"version": 1, "subject": "customer", "owner": "销售部", "reason": "测试", "schedule": "monthly"}
HEALTH: dict[str, Any] = {
    **ABOUT,
    "id": "test_health",
    "kind": "health",
    "title": {"zh-Hans": "测试健康度", "en": "Test health"},
    "dimensions": [
        {
            "id": "spend",
            "label": {"zh-Hans": "采购", "en": "Spend"},
            "metric": "revenue_12m",
            "weight": 1,
            "missing": "exclude",
            "linear": [{"at": 0, "rating": 0}, {"at": 3000, "rating": 100}],
        }
    ],
    "score": {"label": {"zh-Hans": "健康分", "en": "Health"}, "scale": [0, 100]},
    "tiers": [
        {"id": "well", "label": {"zh-Hans": "健康", "en": "Well"}, "when": {"score": True, "gte": 50}},
        {"id": "ill", "label": {"zh-Hans": "高风险", "en": "Ill"}},
    ],
    "default": "ill",
    "hysteresis": {"points": 3},
    "cases": [
        {"name": "好", "given": {"revenue_12m": 3000}, "expect": {"tier": "well", "score": 100}},
        {"name": "差", "given": {"revenue_12m": 0}, "expect": {"tier": "ill", "score": 0}},
        {"name": "中", "given": {"revenue_12m": 1500}, "expect": {"tier": "well", "score": 50}},
    ],
}
TAGS: dict[str, Any] = {
    **ABOUT,
    "id": "test_tags",
    "kind": "tag",
    "title": {"zh-Hans": "测试标签", "en": "Test tags"},
    "tags": [
        {
            "id": "big",
            "group": "value",
            "label": {"zh-Hans": "大客户", "en": "Big"},
            "when": {"metric": "revenue_12m", "gte": 1000},
        },
        {"id": "dear", "group": "need", "label": {"zh-Hans": "亲近", "en": "Dear"}},
    ],
    "cases": [
        {"name": "大", "given": {"revenue_12m": 1000}, "expect": {"tags": ["big"]}},
        {"name": "小", "given": {"revenue_12m": 999}, "expect": {"tags": []}},
        {"name": "不知", "given": {}, "expect": {"tags": []}},
    ],
}
Apply = Callable[..., Scored | None]


@pytest.fixture
def policies(db: None) -> None:
    for document in (HEALTH, TAGS):
        import_policy(document=document, valid_from=date(2026, 1, 1), now=NOW)


@pytest.fixture
def apply(tmp_path: Path, customers: list[Customer], policies: None) -> Apply:
    """Applies the policies to these revenues, one a customer in order."""

    def run(*revenues: float, at: datetime = NOW) -> Scored | None:
        path = tmp_path / "scores.parquet"
        pairs = zip([one.pk for one in customers], revenues, strict=False)
        listed = ", ".join(f"({key}, {value}::DOUBLE)" for key, value in pairs)
        duckdb.sql(f"SELECT * FROM (VALUES {listed}) AS t(customer_id, revenue_12m)").write_parquet(str(path))
        return apply_scores(actor=SYSTEM, values=path, as_of=at.date(), now=at)

    return run


def healths() -> list[tuple[Any, ...]]:
    return list(Standing.objects.order_by("customer").values_list("health", "health_state", "health_since"))


def tagged(**wanted: Any) -> set[tuple[int, str]]:
    return set(CustomerTag.objects.filter(**wanted).values_list("customer_id", "tag__code"))


def test_each_gets_its_score_and_who_is_unknown_gets_none(apply):
    assert apply(3000, 1500, 1000, 0) == Scored(health=4, states=4, tagged=3, untagged=0)
    assert healths() == [
        (Decimal("100.00"), "well", TODAY),
        (Decimal("50.00"), "well", TODAY),
        (Decimal("33.33"), "ill", TODAY),
        (Decimal("0.00"), "ill", TODAY),
    ]


def test_the_same_values_again_change_nothing(apply):
    apply(3000, 1500, 1000)
    changes = list(HealthChange.objects.values_list("id", flat=True))
    assert apply(3000, 1500, 1000, at=NOW + timedelta(days=1)) == Scored(0, 0, 0, 0)
    assert list(HealthChange.objects.values_list("id", flat=True)) == changes


def test_a_state_is_kept_within_the_margin_and_each_change_of_it_is_remembered(apply, customers):
    apply(1500, 1500)
    later = NOW + timedelta(days=40)
    assert apply(1440, 1380, at=later) == Scored(health=2, states=1, tagged=0, untagged=0)
    assert healths() == [(Decimal("48.00"), "well", TODAY), (Decimal("46.00"), "ill", later.date())]
    told = HealthChange.objects.filter(customer=customers[1]).order_by("as_of")
    assert [(one.before, one.after, one.score) for one in told] == [
        ("", "well", Decimal("50.00")),
        ("well", "ill", Decimal("46.00")),
    ]


def test_what_becomes_unknown_has_neither_score_nor_state(apply):
    apply(3000, 1500)
    apply(3000)
    assert healths()[1][:2] == (None, "")


def test_tiers_stay_as_they_were_decided(apply, customers):
    Standing.objects.create(customer=customers[0], tier="A", tier_rank=0, tier_since=date(2026, 1, 1))
    apply(3000)
    kept = Standing.objects.get(customer=customers[0])
    assert (kept.tier, kept.tier_rank, kept.tier_since, kept.health) == ("A", 0, date(2026, 1, 1), 100)


def test_a_tag_goes_when_its_rule_holds_no_more_and_a_tag_set_by_hand_stays(apply, customers):
    first, second, third = (one.pk for one in customers[:3])
    apply(3000, 3000, 0)
    assert tagged(by_rule=True) == {(first, "big"), (second, "big")}
    big, dear = Tag.objects.get(code="big"), Tag.objects.create(code="dear", label="亲近")
    CustomerTag.objects.create(customer_id=third, tag=big)
    CustomerTag.objects.create(customer_id=second, tag=dear)
    done = apply(3000, 0, 3000)
    assert done is not None and (done.tagged, done.untagged) == (0, 1)
    assert tagged(by_rule=True) == {(first, "big")}
    assert tagged(by_rule=False) == {(third, "big"), (second, "dear")}
    apply(0, 0, 0)
    assert tagged() == {(third, "big"), (second, "dear")}


def test_a_tag_without_a_rule_any_more_goes_from_those_who_got_it_by_rule(apply, customers):
    dear = Tag.objects.create(code="dear", label="亲近")
    CustomerTag.objects.create(customer=customers[0], tag=dear, by_rule=True)
    apply(0)
    assert tagged() == set()


def test_who_was_merged_away_is_left_alone(apply, customers):
    apply(3000, 3000)
    Customer.objects.filter(pk=customers[1].pk).update(merged_into=customers[0])
    apply(0, 0)
    assert [one[1] for one in healths()] == ["ill", "well"]
    assert tagged() == {(customers[1].pk, "big")}


def test_a_run_is_one_entry_in_the_journal(apply):
    apply(3000, 1500, 1000, 0)
    (entry,) = Entry.objects.filter(action="customers.scored")
    assert entry.after == {
        "as_of": TODAY.isoformat(),
        "health": {"policy": "test_health 1", "changed": 4, "moved": 4, "well": 2, "ill": 2},
        "tags": {"policy": "test_tags 1", "added": {"big": 3}, "removed": {}},
    }


def test_without_such_policies_nothing_happens(customers, tmp_path):
    assert apply_scores(actor=SYSTEM, values=tmp_path / "none", as_of=TODAY, now=NOW) is None
    assert not Entry.objects.filter(action="customers.scored").exists()


def test_a_failure_leaves_everything_as_it_was(apply, tmp_path):
    apply(3000)
    before = healths()
    with pytest.raises(AnalyticsFailed):
        apply_scores(actor=SYSTEM, values=tmp_path / "absent.parquet", as_of=TODAY, now=NOW)
    assert healths() == before


def test_only_who_may_refresh_metrics_applies(policies, tmp_path):
    with pytest.raises(NotAllowed):
        apply_scores(actor=staff(5), values=tmp_path / "none", as_of=TODAY, now=NOW)


def reader(
    user: User, *, scope: Scope = Scope.OWN, metric: Scope | None = None, classes: Any = ALL_CLASSES
) -> Actor:
    grants = {
        ("customer", "view"): Grant(scope, ALL_CLASSES),
        ("decision", "view"): Grant(scope, ALL_CLASSES),
        ("metric", "view"): Grant(metric or scope, classes),
    }
    return Actor(kind="staff", name=user.username, user_id=user.pk, grants=grants)


def test_health_is_for_those_who_see_the_customer_and_every_figure_behind_it(apply, customers):
    mine = User.objects.create(username="seller", name="销售 演示")
    Customer.objects.filter(pk__in=[customers[2].pk, customers[3].pk]).update(owner_a=mine)
    apply(0, 0, 0, 0, 0)
    owner, public = reader(mine), reader(mine, classes=frozenset({FieldClass.PUBLIC}))
    own = health_of(owner, customers[2], TODAY)
    assert own is not None and (own.score, own.label) == (0, "高风险")
    assert health_of(owner, customers[0], TODAY) is None
    assert health_of(public, customers[2], TODAY) is None
    assert health_of(reader(mine, scope=Scope.ALL, metric=Scope.OWN), customers[2], TODAY) is None
    lines, count = falls_of(owner, TODAY)
    assert ([one.customer for one in lines], count) == ([customers[2], customers[3]], 2)
    assert falls_of(reader(mine, scope=Scope.ALL), TODAY)[1] == 2  # one's own, however far one sees
    assert falls_of(public, TODAY) == ([], 0)
    assert falls_of(owner, TODAY + timedelta(days=31)) == ([], 0)


def test_the_list_of_customers_shows_and_filters_health_for_the_same_readers(apply, customers):
    mine = User.objects.create(username="seller", name="销售 演示")
    Customer.objects.update(owner_a=mine)
    apply(3000, 1500, 1000, 0)
    asked = QueryDict("health=ill&columns=name,health")
    owner, public = reader(mine), reader(mine, classes=frozenset({FieldClass.PUBLIC}))
    with translation.override("en"):
        state = ListState(CUSTOMERS, owner, asked)
        (column,) = (one for one in state.columns if one.name == "health")
        assert column.draw is not None
        drawn = {key: column.draw(score, word) for key, score, word in state.rows.values_list(
            "pk", "standing__health", "standing__health_state"
        )}  # fmt: skip
    assert drawn == {
        customers[2].pk: '33.33 <span class="chip">Ill</span>',
        customers[3].pk: '0 <span class="chip">Ill</span>',
    }
    refused = ListState(CUSTOMERS, public, asked)
    assert "health" not in {one.name for one in refused.filters} | {one.name for one in refused.possible}
    assert refused.rows.count() == Customer.objects.count()
