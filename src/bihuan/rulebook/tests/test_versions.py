"""The life of a wording: drafted, read, approved by somebody else, in force from its day, never changed afterwards."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from bihuan.kernel.actor import ALL_CLASSES, Actor, Grant, Scope
from bihuan.kernel.models import OutboxEvent
from bihuan.rulebook.models import PolicyVersion
from bihuan.rulebook.queries import errors_of, version_in_force
from bihuan.rulebook.services import (
    PolicyNotAccepted,
    approve_policy,
    draft_policy,
    fingerprint,
    import_policy,
    withdraw_draft,
)

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
TODAY = date(2026, 6, 30)
pytestmark = pytest.mark.django_db


def wording(border: int = 1000) -> dict[str, Any]:
    return {
        "id": "lives",
        "kind": "tier",
        "version": 1,
        "title": {"zh-Hans": "测试", "en": "Test"},
        "owner": "评审小组",
        "reason": "测试",
        "thresholds": {"border": {"value": border, "unit": "money", "label": {"zh-Hans": "界", "en": "Border"}}},
        "tiers": [
            {
                "id": "A",
                "label": {"zh-Hans": "甲", "en": "A"},
                "when": {"metric": "revenue_12m", "gte": {"threshold": "border"}},
            },
            {"id": "B", "label": {"zh-Hans": "乙", "en": "B"}},
        ],
        "default": "B",
        "cases": [
            {"name": "达标", "given": {"revenue_12m": border}, "expect": {"tier": "A"}},
            {"name": "未达标", "given": {"revenue_12m": border - 1}, "expect": {"tier": "B"}},
            {"name": "零", "given": {"revenue_12m": 0}, "expect": {"tier": "B"}},
        ],
    }  # fmt: skip


def staff(user_id: int) -> Actor:
    grants = {("policy", action): Grant(Scope.ALL, ALL_CLASSES) for action in ("view", "edit", "approve")}
    return Actor(kind="staff", name=f"员工{user_id}", user_id=user_id, grants=grants)


AUTHOR, APPROVER = staff(1), staff(2)


@pytest.fixture
def first() -> PolicyVersion:
    return import_policy(document=wording(), valid_from=date(2020, 1, 1), now=NOW)


def drafted(first: PolicyVersion, border: int) -> PolicyVersion:
    return draft_policy(
        actor=AUTHOR, policy=first.policy, document=wording(border), reason="提高门槛", now=NOW
    )


def test_the_version_of_any_day_can_be_found_before_and_after_a_change(first):
    later = TODAY + timedelta(days=10)
    second = approve_policy(actor=APPROVER, version=drafted(first, 2000), valid_from=later, now=NOW)
    found = {
        day: version_in_force("lives", day) for day in (date(2021, 5, 1), later - timedelta(days=1), later)
    }
    assert [one and one.pk for one in found.values()] == [first.pk, first.pk, second.pk]


def test_what_held_this_morning_stays_approved_when_it_is_replaced_in_the_afternoon(first):
    morning = approve_policy(actor=APPROVER, version=drafted(first, 2000), valid_from=TODAY, now=NOW)
    afternoon = approve_policy(actor=APPROVER, version=drafted(first, 3000), valid_from=TODAY, now=NOW)
    morning.refresh_from_db()
    assert (morning.state, morning.valid_from, morning.valid_to) == ("approved", TODAY, TODAY)
    assert version_in_force("lives", TODAY) == afternoon


def test_nothing_holds_from_a_day_that_has_passed(first):
    with pytest.raises(PolicyNotAccepted):
        approve_policy(
            actor=APPROVER, version=drafted(first, 2000), valid_from=TODAY - timedelta(days=1), now=NOW
        )
    assert version_in_force("lives", TODAY) == first


def test_a_draft_that_was_changed_after_it_was_read_is_not_approved(first):
    draft = drafted(first, 2000)
    read = fingerprint(draft)
    drafted(first, 5)
    with pytest.raises(PolicyNotAccepted):
        approve_policy(actor=APPROVER, version=draft, valid_from=TODAY, seen=read, now=NOW)
    draft.refresh_from_db()
    assert approve_policy(
        actor=APPROVER, version=draft, valid_from=TODAY, seen=fingerprint(draft), now=NOW
    ).document == wording(5)


def test_who_comes_second_cannot_withdraw_what_was_just_approved(first):
    draft = drafted(first, 2000)
    seen_by_the_other = PolicyVersion.objects.get(pk=draft.pk)
    approve_policy(actor=APPROVER, version=draft, valid_from=TODAY, now=NOW)
    with pytest.raises(PolicyNotAccepted):
        withdraw_draft(actor=AUTHOR, version=seen_by_the_other, now=NOW)
    assert PolicyVersion.objects.get(pk=draft.pk).state == PolicyVersion.State.APPROVED


def test_a_wording_after_an_approval_is_a_new_version_and_leaves_the_approved_one_alone(first):
    approved = approve_policy(actor=APPROVER, version=drafted(first, 2000), valid_from=TODAY, now=NOW)
    again = drafted(first, 4000)
    approved.refresh_from_db()
    assert again.number == approved.number + 1
    assert approved.document == wording(2000)


def test_a_draft_keeps_the_name_and_the_kind_of_its_policy(first):
    tags = {
        key: value
        for key, value in wording().items()
        if key not in ("thresholds", "tiers", "default", "cases")
    } | {
        "kind": "tag",
        "tags": [
            {
                "id": "t",
                "group": "other",
                "label": {"zh-Hans": "大", "en": "Big"},
                "when": {"metric": "revenue_12m", "gte": 5},
            }
        ],
        "cases": [
            {"name": str(value), "given": {"revenue_12m": value}, "expect": {"tags": tags}}
            for value, tags in ((5, ["t"]), (4, []), (0, []))
        ],
    }
    assert errors_of(tags) == []
    for other in (tags, wording() | {"id": "others"}):
        with pytest.raises(PolicyNotAccepted):
            draft_policy(actor=AUTHOR, policy=first.policy, document=other, reason="", now=NOW)


def test_an_unknown_metric_and_a_circle_are_refused_with_their_places(first):
    unknown = wording()
    unknown["tiers"][0]["when"]["metric"] = "revenue_12n"
    for case in unknown["cases"]:
        case["given"] = {"revenue_12n": case["given"]["revenue_12m"]}
    circle = wording() | {
        "derived": [
            {
                "id": one,
                "label": {"zh-Hans": one, "en": one},
                "unit": "money",
                "value": {"add": [{"derived": other}, 1]},
            }
            for one, other in (("x", "y"), ("y", "x"))
        ]
    }
    for document, place in ((unknown, "tiers[0].when.metric"), (circle, "derived[0]")):
        with pytest.raises(PolicyNotAccepted) as refusal:
            draft_policy(actor=AUTHOR, policy=first.policy, document=document, reason="", now=NOW)
        assert place in str(refusal.value)
    assert not PolicyVersion.objects.filter(state=PolicyVersion.State.DRAFT).exists()


def test_an_approval_is_news_for_other_rooms(first):
    OutboxEvent.objects.all().delete()
    approve_policy(actor=APPROVER, version=drafted(first, 2000), valid_from=TODAY, now=NOW)
    (event,) = OutboxEvent.objects.filter(topic="policy.approved")
    assert (event.payload["policy"], event.payload["kind"]) == ("lives", "tier")
