"""Borders, holes, margins, stays, and the answer to “why?”."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

import pytest

from bihuan.policy import Outcome, Reason, ValueUnusable, canonical_bytes, evaluate, parse_policy, run_cases
from bihuan.policy.evaluate import months_before
from bihuan.policy.tests.samples import small

LABEL = {"zh-Hans": "名", "en": "name"}
SMALL = parse_policy(small())


def of_role(outcome: Outcome, role: str) -> list[Reason]:
    return [reason for reason in outcome.reasons if reason.role == role]


def policy_of(when: Any, **changes: Any) -> Any:
    """Tier “in” if the condition holds, else “out”."""
    ladder = [{"id": "in", "label": LABEL, "when": when}, {"id": "out", "label": LABEL}]
    return parse_policy(small(tiers=ladder, default="out", thresholds=None, cases=None) | changes)


@pytest.mark.parametrize(
    "value", [1000, 1000.0, "1000", Decimal("1000.00"), 999.9999999999999, 1000 * (1 - 1e-13)]
)
def test_the_noise_of_binary_sums_moves_nobody(value: Any) -> None:
    assert evaluate(SMALL, {"revenue_12m": value, "margin_12m": 200}).tier == "core"


def test_a_cent_less_is_less() -> None:
    assert evaluate(SMALL, {"revenue_12m": Decimal("999.99"), "margin_12m": 200}).tier == "usual"


@pytest.mark.parametrize("value", [None, "", float("nan"), float("inf"), Decimal("NaN")])
def test_no_number_is_a_missing_number(value: Any) -> None:
    assert evaluate(SMALL, {"revenue_12m": value}).tier == "rest"


def test_text_in_place_of_a_number_is_refused_by_name() -> None:
    with pytest.raises(ValueUnusable, match="revenue_12m"):
        evaluate(SMALL, {"revenue_12m": "much"})


OPERATORS: list[tuple[Any, Any, bool]] = [
    ({"metric": "m", "gt": 5}, 5, False),
    ({"metric": "m", "gte": 5}, 5, True),
    ({"metric": "m", "lt": 5}, 5, False),
    ({"metric": "m", "lte": 5}, 5, True),
    ({"metric": "m", "eq": 0.3}, 0.1 + 0.2, True),
    ({"metric": "m", "in": [1, 5]}, 5, True),
    ({"metric": "m", "in": [1, 6]}, 5, False),
    ({"metric": "m", "between": [5, 6]}, 5, True),
    ({"metric": "m", "between": [5, 6]}, 6.1, False),
    ({"metric": "m", "missing": True}, None, True),
    ({"metric": "m", "missing": True}, 0, False),
    ({"metric": "m", "missing": False}, 0, True),
    ({"metric": "m", "gte": 5}, None, False),
    ({"metric": "m", "gte": 5, "if_missing": "met"}, None, True),
    ({"not": {"metric": "m", "gte": 5}}, None, True),
    ({"metric": "m", "eq": "甲"}, "甲", True),
    ({"metric": "m", "in": ["甲", "乙"]}, "丙", False),
    ({"metric": "m", "eq": "甲"}, "", False),
    ({"any": [{"metric": "m", "gte": 9}, {"not": {"metric": "m", "gt": 5}}]}, 5, True),
]


@pytest.mark.parametrize(("when", "value", "expected"), OPERATORS)
def test_each_operator_at_its_border(when: Any, value: Any, expected: bool) -> None:
    assert (evaluate(policy_of(when), {"m": value}).tier == "in") is expected


EXPRESSIONS: list[tuple[Any, Any]] = [
    ({"add": [{"metric": "m"}, 1, 2]}, 13),
    ({"subtract": [{"metric": "m"}, 1]}, 9),
    ({"multiply": [{"metric": "m"}, 0.1]}, 1),
    ({"divide": [{"metric": "m"}, 4]}, Decimal("2.5")),
    ({"divide": [{"metric": "m"}, {"subtract": [0.3, {"add": [0.1, 0.2]}]}]}, None),
    ({"min": [{"metric": "m"}, 3]}, 3),
    ({"max": [{"metric": "m"}, {"metric": "unknown"}]}, None),
    ({"first": [{"metric": "unknown"}, {"metric": "m"}]}, 10),
    ({"add": [{"metric": "unknown"}, 1]}, None),
]


@pytest.mark.parametrize(("value", "expected"), EXPRESSIONS)
def test_expressions_carry_what_is_missing(value: Any, expected: Any) -> None:
    derived = [*small()["derived"], {"id": "d", "label": LABEL, "value": value}]
    outcome = evaluate(policy_of({"derived": "d", "missing": True}, derived=derived), {"m": 10})
    assert (outcome.tier == "in") is (expected is None)
    if expected is not None:
        outcome = evaluate(policy_of({"derived": "d", "gte": 1000}, derived=derived), {"m": 10})
        assert of_role(outcome, "next")[0].value == expected


def test_a_dimension_left_out_shares_its_weight() -> None:
    without = evaluate(SMALL, {"revenue_12m": 500})
    assert without.score == 50
    points = {reason.path: (reason.points, reason.max_points) for reason in of_role(without, "dimension")}
    assert points == {"dimensions[0]": (50, 100), "dimensions[1]": (None, 0)}
    assert evaluate(SMALL, {"revenue_12m": 500, "margin_12m": 100}).score == 70


def test_points_add_up_to_the_score_on_any_scale() -> None:
    policy = parse_policy(small(score={"scale": [1, 10]}, thresholds={"core_revenue": 1000, "core_score": 6}))
    outcome = evaluate(policy, {"revenue_12m": 500, "margin_12m": 100})
    assert outcome.score == Decimal("7.3")
    assert sum(reason.points or 0 for reason in of_role(outcome, "dimension")) == Decimal("6.3")


FALLS = [
    (1000, 200, None, "core"),
    (950, 200, None, "usual"),
    (950, 200, "usual", "usual"),
    (950, 200, "core", "core"),
    (900, 180, "core", "core"),
    (899.99, 180, "core", "usual"),
    (950, 200, "gone", "usual"),
    (95, 0, "core", "usual"),
    (95, 0, "usual", "usual"),
    (95, 0, "rest", "rest"),
    (89, 0, "core", "rest"),
]


@pytest.mark.parametrize(("revenue", "margin", "current", "expected"), FALLS)
def test_nobody_flips_at_a_border(revenue: float, margin: float, current: str | None, expected: str) -> None:
    """One rises at the threshold itself and falls only a tenth below it; the border further down has its margin too."""
    assert evaluate(SMALL, {"revenue_12m": revenue, "margin_12m": margin}, current).tier == expected


def test_scores_have_a_margin_in_points() -> None:
    policy = policy_of({"score": True, "gte": 60}, hysteresis={"margin": 0.1, "points": 5})
    held = [evaluate(policy, {"revenue_12m": value}, "in").tier for value in (560, 550, 549.9)]
    assert held == ["in", "in", "out"]


def test_a_margin_turns_round_inside_not() -> None:
    policy = policy_of({"not": {"metric": "recency_days", "gt": 100}}, hysteresis={"margin": 0.1})
    assert [evaluate(policy, {"recency_days": days}, "in").tier for days in (105, 110, 111)] == [
        "in",
        "in",
        "out",
    ]
    assert evaluate(policy, {"recency_days": 105}, "out").tier == "out"


def test_a_firm_comparison_has_no_margin() -> None:
    policy = policy_of({"metric": "tenure_years", "gte": 3, "firm": True}, hysteresis={"margin": 0.5})
    assert evaluate(policy, {"tenure_years": 2.9}, "in").tier == "out"


def test_a_tier_has_its_own_margin_if_it_says_so() -> None:
    ladder = small()["tiers"]
    ladder[0] = ladder[0] | {"hysteresis": {"margin": 0.3}}
    policy = parse_policy(small(tiers=ladder))
    assert evaluate(policy, {"revenue_12m": 700, "margin_12m": 200}, "core").tier == "core"
    assert evaluate(policy, {"revenue_12m": 89}, "usual").tier == "rest"


STAYS = [
    (date(2026, 5, 22), "out"),
    (date(2026, 5, 23), "in"),
    (None, "out"),
]


@pytest.mark.parametrize(("since", "expected"), STAYS)
def test_a_minimal_stay_forbids_falls_and_no_more(since: date | None, expected: str) -> None:
    policy = policy_of({"metric": "m", "gte": 5}, hysteresis={"min_stay_months": 6})
    today = date(2026, 11, 22)
    assert evaluate(policy, {"m": 1}, "in", since, today).tier == expected
    assert evaluate(policy, {"m": 5}, "out", since, today).tier == "in"


def test_a_stay_that_holds_says_until_when() -> None:
    policy = policy_of({"metric": "m", "gte": 5}, hysteresis={"min_stay_months": 6})
    kept = of_role(evaluate(policy, {"m": 1}, "in", date(2026, 8, 31), date(2026, 11, 22)), "kept")
    assert kept[0].english == "in is kept until 2027-03-01: by the figures it would be out"
    assert evaluate(policy, {"m": 1}, "in", date(2026, 8, 31), date(2027, 2, 28)).tier == "in"
    assert evaluate(policy, {"m": 1}, "in", date(2026, 8, 31), date(2027, 3, 1)).tier == "out"


def test_months_end_on_the_last_day_there_is() -> None:
    assert months_before(date(2026, 8, 31), 6) == date(2026, 2, 28)
    assert months_before(date(2026, 1, 15), 13) == date(2024, 12, 15)


def test_why_this_tier_and_what_is_wanting_for_the_next() -> None:
    outcome = evaluate(SMALL, {"revenue_12m": Decimal("880"), "margin_12m": 200})
    holds, following = of_role(outcome, "holds"), of_role(outcome, "next")
    assert [(reason.metric, reason.value, reason.threshold) for reason in holds] == [
        ("revenue_12m", 880, 100)
    ]
    assert [(one.metric, one.threshold, one.threshold_name, one.gap, one.tier) for one in following] == [
        ("revenue_12m", 1000, "core_revenue", 120, "core")
    ]
    assert following[0].english == "revenue_12m is 880; core needs at least 1,000; still 120 short of core"
    assert following[0].path == "tiers[0].when.all[0]"


def test_a_reason_names_every_metric_behind_it() -> None:
    outcome = evaluate(SMALL, {"revenue_12m": 1000, "margin_12m": 200})
    score = next(reason for reason in outcome.reasons if reason.metric == "score")
    assert score.metrics == ("revenue_12m", "margin_12m")
    rate = next(reason for reason in outcome.reasons if reason.path == "dimensions[1]")
    assert rate.metrics == ("margin_12m", "revenue_12m")


def test_of_alternatives_one_is_enough_and_the_reason_says_so() -> None:
    outcome = evaluate(SMALL, {"revenue_12m": 60, "facts.industry": "steel"})
    following = of_role(outcome, "next")
    assert [(reason.metric, reason.gap, reason.any_of) for reason in following] == [
        ("revenue_12m", 40, "tiers[1].when"),
        ("facts.industry", None, "tiers[1].when"),
    ]
    assert of_role(outcome, "default")[0].english == "No better tier's conditions are met, so rest"


def test_a_value_that_is_only_asked_for_may_be_of_any_type() -> None:
    policy = policy_of({"metric": "facts.licence", "missing": False})
    values = [
        of_role(evaluate(policy, {"facts.licence": given}), "holds")[0].value
        for given in ("危 01", Decimal(5))
    ]
    assert values == ["危 01", 5]
    assert evaluate(policy, {"facts.licence": ""}).tier == "out"


def test_a_negated_condition_is_explained_the_other_way_round() -> None:
    policy = policy_of({"not": {"metric": "overdue_days_max", "gt": 30}})
    following = of_role(evaluate(policy, {"overdue_days_max": 45}), "next")[0]
    assert following.negated and following.gap == 15
    assert following.english == "overdue_days_max is 45; in allows at most 30; 15 too much for in"
    assert of_role(evaluate(policy, {}), "holds")[0].text[0].code == "met.assumed"


def test_a_replay_gives_the_same_bytes_whatever_the_decimal_context() -> None:
    values = {"revenue_12m": Decimal("333.333333"), "margin_12m": Decimal("11.111111")}
    first = canonical_bytes(evaluate(SMALL, values, "core"))
    with localcontext() as context:
        context.prec = 5
        again = canonical_bytes(evaluate(parse_policy(small()), dict(reversed(values.items())), "core"))
    assert first == again
    assert (
        canonical_bytes(evaluate(SMALL, {name: str(value) for name, value in values.items()}, "core"))
        == first
    )
    assert json.loads(first)["score"] == "20"


def test_canonical_bytes_hold_numbers_as_plain_text() -> None:
    content = {"b": Decimal("1E+3"), "a": [Decimal("0.050"), date(2026, 1, 2)], "c": 0.1, "d": "钢"}
    assert canonical_bytes(content) == '{"a":["0.05","2026-01-02"],"b":"1000","c":"0.1","d":"钢"}'.encode()


def test_cases_that_fail_say_what_they_got() -> None:
    wrong = {
        "name": "wrong",
        "given": {"revenue_12m": 500},
        "expect": {"tier": "core", "score": 1, "reasons": ["default"]},
    }
    unusable = {"name": "unusable", "given": {"revenue_12m": "x"}, "expect": {"tier": "core"}}
    failures = run_cases(parse_policy(small(cases=[wrong, unusable])))
    assert [(failure.case, failure.what) for failure in failures] == [
        ("wrong", "tier"),
        ("wrong", "score"),
        ("wrong", "reasons"),
        ("unusable", "value"),
    ]
    assert str(failures[0]) == "wrong: tier should be core, is usual"


def test_tags_are_given_each_on_its_own() -> None:
    tags = [
        {"id": "big", "label": LABEL, "group": "value", "when": {"metric": "revenue_12m", "gte": 100}},
        {
            "id": "pharma",
            "label": LABEL,
            "group": "need",
            "when": {"metric": "facts.industry", "eq": "pharma"},
        },
        {"id": "friend", "label": LABEL, "group": "need"},
    ]
    nothing = dict.fromkeys(("tiers", "default", "hysteresis", "thresholds", "cases"))
    policy = parse_policy(small(kind="tag", tags=tags, **nothing))
    outcome = evaluate(policy, {"revenue_12m": 100, "facts.industry": "pharma"})
    assert (outcome.tier, outcome.tags) == (None, ("big", "pharma"))
    assert [reason.tier for reason in of_role(outcome, "holds")] == ["big", "pharma"]
