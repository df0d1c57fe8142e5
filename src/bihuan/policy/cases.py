"""A policy's own test cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from bihuan.policy.errors import ValueUnusable
from bihuan.policy.evaluate import evaluate
from bihuan.policy.model import Case, Policy

_SCORE_WITHIN = Decimal("0.005")


@dataclass(frozen=True, slots=True)
class CaseFailure:
    """A case that came out otherwise: `what` is tier, score, tags, reasons or value."""

    case: str
    what: str
    expected: Any
    got: Any

    def __str__(self) -> str:
        return f"{self.case}: {self.what} should be {self.expected}, is {self.got}"


def run_cases(policy: Policy) -> list[CaseFailure]:
    """Every case that fails. Scores agree within half a hundredth; `reasons` must all be among the codes given."""
    return [failure for case in policy.cases for failure in _run(policy, case)]


def _run(policy: Policy, case: Case) -> list[CaseFailure]:
    try:
        outcome = evaluate(policy, case.given, case.current, case.since, case.as_of)
    except ValueUnusable as error:
        return [CaseFailure(case.name, "value", "usable", str(error))]
    failures = []
    expect: Mapping[str, Any] = case.expect
    if "tier" in expect and outcome.tier != expect["tier"]:
        failures.append(CaseFailure(case.name, "tier", expect["tier"], outcome.tier))
    if "tags" in expect and set(outcome.tags) != set(expect["tags"]):
        failures.append(CaseFailure(case.name, "tags", sorted(expect["tags"]), sorted(outcome.tags)))
    if "score" in expect and (outcome.score is None or abs(outcome.score - expect["score"]) > _SCORE_WITHIN):
        failures.append(CaseFailure(case.name, "score", expect["score"], outcome.score))
    codes = {part.code for reason in outcome.reasons for part in reason.text}
    missing = [code for code in expect.get("reasons", ()) if code not in codes]
    if missing:
        failures.append(CaseFailure(case.name, "reasons", missing, sorted(codes)))
    return failures
