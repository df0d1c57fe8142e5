"""What is wrong with a document is said all at once, with a path and a code each."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

import bihuan.policy as policy_room
from bihuan.policy import (
    MESSAGES,
    PolicyInvalid,
    load_document,
    parse_policy,
    read_policy,
    validate,
)
from bihuan.policy.errors import Hint
from bihuan.policy.tests.samples import METRICS, PACK_POLICIES, small

LABEL = {"zh-Hans": "名", "en": "name"}
REST = {"id": "rest", "label": LABEL}


def tiers(*whens: Any) -> dict[str, Any]:
    """The sample with these conditions as its tiers and nothing else to use."""
    found = [{"id": f"t{index}", "label": LABEL, "when": when} for index, when in enumerate(whens)]
    return small(tiers=[*found, REST], thresholds=None, cases=None)


def revenue(**test: Any) -> dict[str, Any]:
    return {"metric": "revenue_12m", **test}


BAD: list[tuple[str, dict[str, Any], str, str]] = [
    ("a kind nobody knows", small(kind="magic"), "kind", "unknown_kind"),
    ("no title", small(title=None), "", "missing_key"),
    ("a title without Chinese", small(title={"en": "x"}), "title", "missing_key"),
    ("a key that is no key", small(tierss=[]), "tierss", "unknown_key"),
    ("tiers in a tag policy", small(kind="tag"), "tiers", "unknown_key"),
    ("no default", small(default=None), "", "missing_key"),
    ("a default that is no tier", small(default="gold"), "default", "unknown_default"),
    ("two tiers of one id", small(tiers=[REST, REST]), "tiers[1].id", "duplicate_id"),
    ("an empty condition", tiers({"all": []}), "tiers[0].when.all", "empty"),
    ("a condition that is a number", tiers(5), "tiers[0].when", "wrong_type"),
    ("a comparison without subject", tiers({"gte": 5}), "tiers[0].when", "one_of"),
    ("a comparison of two subjects", tiers({**revenue(gte=1), "score": True}), "tiers[0].when", "one_of"),
    ("a comparison without operator", tiers(revenue()), "tiers[0].when", "one_of"),
    ("two operators at once", tiers(revenue(gte=1, lt=5)), "tiers[0].when", "one_of"),
    ("a text where a number is compared", tiers(revenue(gte="many")), "tiers[0].when.gte", "wrong_type"),
    ("truth where a number is compared", tiers(revenue(gte=True)), "tiers[0].when.gte", "wrong_type"),
    ("infinity", tiers(revenue(gte=float("inf"))), "tiers[0].when.gte", "wrong_type"),
    ("between one number", tiers(revenue(between=[1])), "tiers[0].when.between", "wrong_type"),
    ("between falling numbers", tiers(revenue(between=[5, 1])), "tiers[0].when.between", "not_ascending"),
    ("a list of numbers and texts", tiers(revenue(**{"in": [1, "a"]})), "tiers[0].when.in", "text_number_mix"),
    ("a metric as number and text", tiers(revenue(gte=1), revenue(eq="A")), "tiers[1].when", "text_number_mix"),
    ("a threshold nobody wrote", tiers(revenue(gte={"threshold": "x"})), "tiers[0].when.gte.threshold", "unknown_reference"),
    ("a derived value nobody wrote", tiers({"derived": "x", "gte": 1}), "tiers[0].when.derived", "unknown_reference"),
    ("points of no dimension", tiers({"points": "x", "gte": 1}), "tiers[0].when.points", "unknown_reference"),
    ("a name with code in it", tiers({"metric": "__import__('os')", "gte": 1}), "tiers[0].when.metric", "wrong_type"),
    ("if_missing of another word", tiers(revenue(gte=1, if_missing="yes")), "tiers[0].when.if_missing", "wrong_type"),
    ("a threshold used nowhere", small(thresholds={"core_revenue": 1, "core_score": 2, "x": 1}), "thresholds.x", "unused_threshold"),
    ("a threshold of unknown unit", small(thresholds={"core_revenue": {"value": 1, "unit": "yuan"}, "core_score": 2}), "thresholds.core_revenue.unit", "unknown_unit"),
    ("a threshold without value", small(thresholds={"core_revenue": {"unit": "money"}, "core_score": 2}), "thresholds.core_revenue", "missing_key"),
    ("a margin above nine tenths", small(hysteresis={"margin": 0.95}), "hysteresis.margin", "out_of_range"),
    ("a schedule nobody keeps", small(schedule="hourly"), "schedule", "wrong_type"),
    ("version nought", small(version=0), "version", "out_of_range"),
    ("a version and a half", small(version=1.5), "version", "wrong_type"),
    ("a case with an unknown tier", small(cases=[{"name": "x", "given": {}, "expect": {"tier": "gold"}}]), "cases[0].expect.tier", "unknown_tier"),
    ("a case with an input nobody reads", small(cases=[{"name": "x", "given": {"volume": 1}, "expect": {"tier": "rest"}}]), "cases[0].given.volume", "unknown_reference"),
    ("a case with a bad date", small(cases=[{"name": "x", "given": {}, "since": "yesterday", "expect": {"tier": "rest"}}]), "cases[0].since", "wrong_type"),
    ("bands of text over an expression", small(dimensions=[{"id": "d", "label": LABEL, "weight": 1, "value": {"metric": "m"}, "bands": [{"eq": "A", "rating": 1}]}]), "dimensions[0].value", "wrong_value_type"),
    ("a falling scale", small(score={"scale": [10, 1]}), "score.scale", "not_ascending"),
    ("an impossible condition", tiers({"all": [revenue(gte=10), revenue(lt=5)]}), "tiers[0].when", "unreachable_tier"),
    ("a tier that a better one swallows", tiers(revenue(gte=10), revenue(gte=20)), "tiers[1].when", "unreachable_tier"),
    ("a tier above the scale", tiers({"score": True, "gt": 100}), "tiers[0].when", "unreachable_tier"),
    ("a tier without a condition", small(tiers=[{"id": "a", "label": LABEL}, *small()["tiers"]]), "tiers[0].when", "unreachable_tier"),
    ("a default that nobody falls to", tiers({"any": [revenue(gte=0), revenue(lt=0), revenue(missing=True)]}), "tiers[1].when", "unreachable_tier"),
]  # fmt: skip


@pytest.mark.parametrize(("what", "document", "path", "code"), BAD, ids=[row[0] for row in BAD])
def test_a_bad_document_is_refused_with_path_and_code(
    what: str, document: dict[str, Any], path: str, code: str
) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(document)
    assert (path, code) in {(error.path, error.code) for error in refused.value.errors}, refused.value
    assert all(str(error) for error in refused.value.errors)


def test_every_fault_is_found_at_once() -> None:
    document = small(schedule="hourly", default="gold", version="one")
    with pytest.raises(PolicyInvalid) as refused:
        parse_policy(document)
    assert {error.path for error in refused.value.errors} == {"schedule", "default", "version"}


CIRCLES = [
    [("a", {"derived": "b"}), ("b", {"derived": "a"})],
    [("a", {"add": [{"derived": "a"}, 1]}), ("b", {"metric": "revenue_12m"})],
]


@pytest.mark.parametrize("pairs", CIRCLES)
def test_values_that_refer_to_each_other_in_a_circle_are_refused(pairs: list[tuple[str, Any]]) -> None:
    derived = [{"id": name, "label": LABEL, "value": value} for name, value in pairs]
    _, errors = read_policy(small(derived=[*small()["derived"], *derived]))
    assert [error.code for error in errors] == ["circular"]
    assert errors[0].path == "derived[1]"
    assert "derived(a)" in errors[0].message


def test_a_score_that_reads_itself_is_refused() -> None:
    derived = [*small()["derived"], {"id": "late", "label": LABEL, "value": {"points": "spend"}}]
    dimensions = [
        *small()["dimensions"],
        {"id": "d", "label": LABEL, "weight": 1, "derived": "late", "bands": [{"rating": 1}]},
    ]
    _, errors = read_policy(small(derived=derived, dimensions=dimensions))
    assert [error.code for error in errors] == ["circular"]


def test_conditions_nested_too_deep_are_refused_before_they_hurt() -> None:
    condition: dict[str, Any] = revenue(gte=1)
    for _ in range(2_000):
        condition = {"not": condition}
    _, errors = read_policy(tiers(condition))
    assert "too_deep" in {error.code for error in errors}


def test_a_document_of_very_many_parts_is_refused() -> None:
    _, errors = read_policy(tiers({"any": [revenue(gte=number) for number in range(5_000)]}))
    assert [error.code for error in errors] == ["too_large"]


@pytest.mark.parametrize(
    "document", [None, [], "text", 5, {}, {"kind": []}, {"kind": "tier", "tiers": 5, "cases": "x"}]
)
def test_what_is_no_policy_at_all_gives_faults_and_no_crash(document: Any) -> None:
    _, errors = read_policy(document)
    assert errors


def test_the_search_for_unreachable_tiers_gives_up_in_good_time() -> None:
    """Many alternatives multiply; the tier then counts as reachable."""
    groups = [{"any": [{"metric": f"m{i}_{j}", "gte": 1} for j in range(6)]} for i in range(8)]
    policy = parse_policy(tiers({"all": groups}, {"all": [*groups, {"metric": "other", "gte": 1}]}))
    assert len(policy.tiers) == 3


YAML_BOMBS = [
    "a: &a [x]\nb: *a",
    "a: 1\na: 2",
    "[1, 2]",
    "a: [",
    "!!python/object/apply:os.system ['true']",
    "[" * 5_000,
    "a: 2026-99-99",
]


@pytest.mark.parametrize("text", YAML_BOMBS)
def test_unreadable_or_dangerous_yaml_is_refused(text: str) -> None:
    with pytest.raises(PolicyInvalid) as refused:
        load_document(text)
    assert refused.value.errors[0].code in ("bad_yaml", "duplicate_key", "wrong_type")


def test_an_unknown_metric_is_named_with_its_nearest() -> None:
    errors = validate(parse_policy(tiers({"metric": "revenue_12", "gte": 1})), METRICS)
    found = next(error for error in errors if error.code == "unknown_metric")
    assert found.path == "tiers[0].when.metric"
    assert found.params["hint"] == "Perhaps revenue_12m?"
    assert isinstance(found.params["hint"], Hint) and found.params["hint"].near == "revenue_12m"


VALIDATED: list[tuple[str, dict[str, Any], str, str]] = [
    ("a class compared as a number", tiers({"metric": "abc_class", "gte": 1}), "tiers[0].when.metric", "wrong_value_type"),
    ("money compared as a text", tiers({"metric": "tenure_years", "eq": "A"}), "tiers[0].when.metric", "wrong_value_type"),
    ("too few cases", tiers(revenue(gte=1)), "cases", "too_few_cases"),
    (
        "a threshold of another unit",
        small(thresholds={"core_revenue": {"value": 5, "unit": "days"}, "core_score": 1}),
        "tiers[0].when.all[0].gte",
        "unit_mismatch",
    ),
    (
        "days added to money",
        small(derived=[{"id": "rate", "label": LABEL, "value": {"add": [{"metric": "recency_days"}, {"metric": "margin_12m"}]}}]),
        "derived[0].value",
        "unit_mismatch",
    ),
    (
        "a unit that the expression does not have",
        small(derived=[{"id": "rate", "label": LABEL, "unit": "money", "value": {"divide": [{"metric": "margin_12m"}, {"metric": "revenue_12m"}]}}]),
        "derived[0].unit",
        "unit_mismatch",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("what", "document", "path", "code"), VALIDATED, ids=[row[0] for row in VALIDATED])
def test_what_does_not_fit_the_metrics_is_said(
    what: str, document: dict[str, Any], path: str, code: str
) -> None:
    errors = validate(parse_policy(document), METRICS)
    assert (path, code) in {(error.path, error.code) for error in errors}


def test_a_sound_policy_has_no_faults() -> None:
    policy = parse_policy(small())
    assert validate(policy, METRICS) == []
    assert policy.metrics == {"revenue_12m", "margin_12m", "facts.industry"}
    assert policy.text_inputs == {"facts.industry"}


def test_a_fact_may_be_read_as_number_or_text() -> None:
    policy = parse_policy(tiers({"metric": "facts.size", "gte": 1}, {"metric": "facts.kind", "eq": "x"}))
    assert {error.code for error in validate(policy, METRICS)} == {"too_few_cases"}


def test_no_message_is_left_without_a_use() -> None:
    sources = "".join(path.read_text() for path in Path(policy_room.__file__).parent.glob("*.py"))
    assert [code for code in MESSAGES if sources.count(f'"{code}"') < 2] == []


def test_there_are_policies_in_the_packs() -> None:
    assert len(PACK_POLICIES) == 15


@pytest.mark.parametrize("tier", [[], {}, 7, ["core"]])
def test_a_case_that_expects_no_tiers_name_is_a_fault(tier):
    document = tiers({"metric": "revenue_12m", "gte": 1})
    document["cases"] = [{"name": "x", "given": {}, "expect": {"tier": tier}}]
    _policy, errors = read_policy(document)
    assert any(one.path.startswith("cases[0].expect") for one in errors)
