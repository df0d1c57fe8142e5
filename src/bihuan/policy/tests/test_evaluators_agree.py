"""The evaluator that explains and the one for sets give the same answers, at borders and with holes in the data too."""

from __future__ import annotations

import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import ibis
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bihuan.policy import Policy, evaluate, load_document, parse_policy, read_policy
from bihuan.policy.sets import ColumnsMissing, to_ibis
from bihuan.policy.tests.bordering import made_rows
from bihuan.policy.tests.engine import set_answers
from bihuan.policy.tests.making import AS_OF, TEXTS, documents, rows
from bihuan.policy.tests.samples import PACK_POLICIES, small

TEXT_TYPES = dict.fromkeys(TEXTS, "VARCHAR")


def ranked(policy: Policy, given_rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with the rank shares that the set evaluator computes for itself."""
    if "rank_share(m1)" not in policy.inputs:
        return given_rows
    known = [row["m1"] for row in given_rows if row["m1"] is not None and not math.isnan(row["m1"])]
    found = []
    for row in given_rows:
        is_known = row["m1"] is not None and not math.isnan(row["m1"])
        share = (sum(other > row["m1"] for other in known) + 1) / len(known) if is_known else None
        found.append(row | {"rank_share(m1)": share})
    return found


def assert_agree(policy: Policy, given_rows: list[dict[str, Any]]) -> None:
    answers = set_answers(policy, given_rows, types=TEXT_TYPES, as_of=AS_OF)
    assert len(answers) == len(given_rows)
    for row, answer in zip(ranked(policy, given_rows), answers, strict=True):
        outcome = evaluate(policy, row, row.get("current_tier"), row.get("since"), AS_OF)
        assert answer["tier"] == outcome.tier, (row, outcome)
        kept = [part.code for reason in outcome.reasons if reason.role == "kept" for part in reason.text]
        assert ([f"kept.{answer['kept']}"] if answer["kept"] else []) == kept, row
        if policy.score is None:
            continue
        assert (answer["score"] is None) == (outcome.score is None)
        if outcome.score is not None:
            assert answer["score"] == pytest.approx(float(outcome.score), abs=2e-6)
        points = {reason.path: reason.points for reason in outcome.reasons if reason.role == "dimension"}
        for index, dimension in enumerate(policy.dimensions):
            expected, got = points[f"dimensions[{index}]"], answer[f"points_{dimension.id}"]
            assert (got is None) == (expected is None)
            assert expected is None or got == pytest.approx(float(expected), abs=2e-6)


@settings(max_examples=60, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(document=documents(), given_rows=st.lists(rows(), min_size=1, max_size=25))
def test_both_evaluators_agree_on_any_policy_and_any_values(
    document: dict[str, Any], given_rows: list[dict[str, Any]]
) -> None:
    policy, errors = read_policy(document)
    assert policy is not None
    assert {error.code for error in errors} <= {"unreachable_tier", "unused_threshold"}, errors
    assert_agree(policy, given_rows)


@pytest.mark.parametrize("path", PACK_POLICIES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_both_evaluators_agree_on_the_packs_at_their_borders(path: Path) -> None:
    policy = parse_policy(load_document(path.read_text(encoding="utf-8")))
    made = made_rows(policy, path.parent.name + path.stem, 250)
    given_rows = [
        dict(case.given) | {"current_tier": case.current, "since": case.since} for case in policy.cases
    ] + made
    if policy.tags:
        assert_tags_agree(policy, given_rows)
    else:
        assert_agree(policy, given_rows)


def assert_tags_agree(policy: Policy, given_rows: list[dict[str, Any]]) -> None:
    for row, answer in zip(given_rows, set_answers(policy, given_rows), strict=True):
        given_tags = {
            name.removeprefix("tag_") for name, value in answer.items() if name.startswith("tag_") and value
        }
        assert given_tags == set(evaluate(policy, row).tags), row


def test_exact_decimals_and_whole_numbers_are_read_as_well_as_doubles() -> None:
    policy = parse_policy(small())
    given_rows = [{"revenue_12m": 1000, "margin_12m": 200}, {"revenue_12m": 999, "margin_12m": 1}, {}]
    for kind in ("DECIMAL(18,6)", "BIGINT", "FLOAT"):
        answers = set_answers(policy, given_rows, types={"revenue_12m": kind, "margin_12m": kind})
        assert [answer["tier"] for answer in answers] == ["core", "usual", "rest"]


def test_a_table_without_the_inputs_is_refused_by_name() -> None:
    table = ibis.table({"customer_id": "int64", "revenue_12m": "float64"}, name="given")
    with pytest.raises(ColumnsMissing) as refused:
        to_ibis(parse_policy(small()), table)
    assert refused.value.columns == ["facts.industry", "margin_12m"]


def test_a_table_without_tiers_holds_newcomers() -> None:
    table = ibis.table(
        {
            "customer_id": "int64",
            "revenue_12m": "float64",
            "margin_12m": "float64",
            "facts.industry": "string",
        },
        name="given",
    )
    expression = to_ibis(parse_policy(small()), table)
    assert expression.columns == (
        "customer_id",
        "tier",
        "plain_tier",
        "kept",
        "score",
        "points_spend",
        "points_rate",
    )


def test_the_policy_room_loads_no_analytics_library() -> None:
    program = "import sys, bihuan.policy; print([m for m in ('ibis', 'duckdb', 'numpy', 'pyarrow', 'django') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True).stdout == "[]\n"
