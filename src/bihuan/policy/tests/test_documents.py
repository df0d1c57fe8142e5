"""Changing single places of a document by path."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.policy import PolicyInvalid, parse_change, parse_policy, with_changes
from bihuan.policy.tests.samples import small

PATHS: list[tuple[str, Any, Any]] = [
    ("thresholds.core_revenue=2000", lambda document: document["thresholds"]["core_revenue"]["value"], 2000),
    (
        "thresholds.core_revenue.value=2,000",
        lambda document: document["thresholds"]["core_revenue"]["value"],
        2000,
    ),
    (
        "tiers[core].when.all[0].gte=1200万",
        lambda document: document["thresholds"]["core_revenue"]["value"],
        12_000_000,
    ),
    (
        "tiers[usual].when.any[0].gte=1.5亿",
        lambda document: document["tiers"][1]["when"]["any"][0]["gte"],
        150_000_000,
    ),
    ("tiers[1].when.any[0].gte=50", lambda document: document["tiers"][1]["when"]["any"][0]["gte"], 50),
    ("tiers.usual.when.any.0.gte=50", lambda document: document["tiers"][1]["when"]["any"][0]["gte"], 50),
    ("dimensions[spend].weight=30", lambda document: document["dimensions"][0]["weight"], 30),
    ("hysteresis.margin=15%", lambda document: document["hysteresis"]["margin"], 0.15),
    ("owner=Board", lambda document: document["owner"], "Board"),
    (
        "tiers[usual].when.any[1].in[0]=steel",
        lambda document: document["tiers"][1]["when"]["any"][1]["in"][0],
        "steel",
    ),
]


@pytest.mark.parametrize(("text", "read", "expected"), PATHS, ids=[row[0] for row in PATHS])
def test_a_path_reaches_its_place_and_nothing_else(text: str, read: Any, expected: Any) -> None:
    before = small()
    changed = with_changes(before, dict([parse_change(text)]))
    assert read(changed) == expected
    assert before == small()
    assert parse_policy(changed)


def test_a_metric_with_a_dot_in_its_name_is_one_step() -> None:
    document = small(
        cases=[{"name": "x", "given": {"facts.industry": "pharma"}, "expect": {"tier": "usual"}}]
    )
    changed = with_changes(document, {"cases[0].given.facts.industry": "steel"})
    assert changed["cases"][0]["given"] == {"facts.industry": "steel"}


WRONG = [
    ("thresholds.core_revenu=1", "unknown_path", "core_revenue"),
    ("tiers[gold].when=1", "unknown_path", "core, usual, rest"),
    ("tiers[9].when=1", "unknown_path", "core, usual, rest"),
    ("thresholds.core_revenue=much", "wrong_type", None),
    ("title=x", "wrong_type", None),
    ("tiers=5", "wrong_type", None),
    ("tiers[core].when.all[0].gte.threshold.x=5", "unknown_path", ""),
    ("thresholds.core_revenue", "bad_change", None),
    ("=5", "bad_change", None),
]


@pytest.mark.parametrize(("text", "code", "known"), WRONG, ids=[row[0] for row in WRONG])
def test_a_wrong_change_is_refused_with_what_there_is(text: str, code: str, known: str | None) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        with_changes(small(), dict([parse_change(text)]))
    (error,) = refused.value.errors
    assert error.code == code
    assert known is None or error.params["known"] == known
    assert str(error)


def test_every_wrong_change_is_said_at_once() -> None:
    with pytest.raises(PolicyInvalid) as refused:
        with_changes(small(), {"x": 1, "version": "two", "default": "usual"})
    assert [error.path for error in refused.value.errors] == ["x", "version"]
