"""Reasons: which conditions gave the answer, and what is wanting for the next tier up."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from bihuan.policy.model import (
    LOWER,
    All,
    AnyOf,
    Compare,
    Condition,
    Dimension,
    Not,
    Policy,
    Read,
    Ref,
)
from bihuan.policy.numbers import rounded
from bihuan.policy.outcome import Outcome, Part, Reason

if TYPE_CHECKING:
    from bihuan.policy.evaluate import Decision, Facts


def explain_tier(policy: Policy, facts: Facts, decision: Decision) -> Outcome:
    """The outcome of a decision, with reasons in this order: score, why this tier, what kept it, what comes next."""
    tier = policy.tiers[decision.index]
    reasons = [_dimension_reason(facts, dimension) for dimension in policy.dimensions]
    for condition in (tier.when, tier.held_when):
        if condition is not None and facts.holds(condition) and not decision.is_default:
            reasons += [
                _reason(facts, leaf, "holds", tier.id)
                for leaf in _causes(facts, condition, True, False, None)
            ]
            break
    if decision.kept is not None:
        reasons.append(_kept(policy, decision))
    if decision.is_default:
        reasons.append(Reason("default", "default", tier=tier.id, text=(Part("default", {"tier": tier.id}),)))
    if decision.index > 0:
        above = policy.tiers[decision.index - 1]
        if above.when is not None and not facts.holds(above.when):
            wanting = _causes(facts, above.when, False, False, None)
            reasons += [_reason(facts, leaf, "next", above.id) for leaf in wanting]
    return Outcome(tier.id, _shown_score(policy, facts), tuple(reasons))


def explain_tags(policy: Policy, facts: Facts) -> Outcome:
    """The tags whose conditions hold, in the document's order, each with its reasons."""
    given = [tag for tag in policy.tags if tag.when is not None and facts.holds(tag.when)]
    reasons = [_dimension_reason(facts, dimension) for dimension in policy.dimensions]
    for tag in given:
        assert tag.when is not None
        reasons += [
            _reason(facts, leaf, "holds", tag.id) for leaf in _causes(facts, tag.when, True, False, None)
        ]
    return Outcome(None, _shown_score(policy, facts), tuple(reasons), tuple(tag.id for tag in given))


def _shown_score(policy: Policy, facts: Facts) -> Decimal | None:
    score = facts.number(Ref("score")) if policy.score is not None else None
    return None if score is None else rounded(score)


Leaf = tuple[Compare, bool, bool, str | None]
"""A comparison, whether it stands under an odd number of `not`, whether it is as needed, and its group of alternatives."""


def _causes(
    facts: Facts, condition: Condition, wanted: bool, negated: bool, any_of: str | None
) -> Iterator[Leaf]:
    """The comparisons that make a condition come out true (`wanted`) or that keep it from coming out true.

    Call it with wanted=True for a condition that holds, with False for one that does not.
    """
    match condition:
        case Compare():
            yield condition, negated, wanted, any_of
        case Not(item=item):
            yield from _causes(facts, item, wanted, not negated, any_of)
        case All(items=items) | AnyOf(items=items):
            alternatives = isinstance(condition, AnyOf) != negated and not wanted and len(items) > 1
            for item in items:
                if (facts.holds(item) != negated) == wanted:
                    yield from _causes(
                        facts, item, wanted, negated, condition.path if alternatives else any_of
                    )


def _reason(facts: Facts, leaf: Leaf, role: str, tier: str) -> Reason:
    comparison, negated, met, any_of = leaf
    ref, test = comparison.ref, comparison.test
    value = facts.value(ref)
    operands = tuple(operand.value for operand in test.operands)
    threshold = None if not operands else operands[0] if len(operands) == 1 else operands
    gap = None if met else _gap(comparison, value, negated)
    params = {"name": ref.key, "value": value, "threshold": threshold, "tier": tier}
    text = [Part(_code(comparison, value, negated, met), params)]
    if gap is not None:
        is_under = (test.operator in LOWER) != negated
        if test.operator == "between" and isinstance(value, Decimal):
            is_under = value < test.numbers[0]
        text.append(Part("gap.under" if is_under else "gap.over", {"gap": gap, "tier": tier}))
    return Reason(
        role=role,
        path=comparison.path,
        metric=ref.key,
        metrics=facts.policy.metrics_behind(ref),
        value=value,
        operator=test.operator,
        negated=negated,
        threshold=threshold,
        threshold_name=next((operand.threshold for operand in test.operands if operand.threshold), None),
        met=met,
        gap=gap,
        tier=tier,
        any_of=any_of,
        text=tuple(text),
    )


_OPPOSITE = {"gte": "lt", "gt": "lte", "lte": "gt", "lt": "gte"}


def _code(comparison: Compare, value: object, negated: bool, met: bool) -> str:
    operator, side = comparison.test.operator, "met" if met else "short"
    if operator == "missing":
        if met:
            return "met.missing" if value is None else "met.present"
        return "short.unknown" if value is None else "short.missing"
    if value is None:
        return "met.assumed" if met else "short.unknown"
    if negated:
        return f"{side}.{_OPPOSITE.get(operator, f'not_{operator}')}"
    return f"{side}.{operator}"


def _gap(comparison: Compare, value: Decimal | str | None, negated: bool) -> Decimal | None:
    """How far a number is from the nearest border of what is needed."""
    test = comparison.test
    if not isinstance(value, Decimal) or test.operator in ("missing", "eq", "in"):
        return None
    if test.operator == "between" and negated:
        return None
    return min(abs(bound - value) for bound in test.numbers)


def _kept(policy: Policy, decision: Decision) -> Reason:
    tier, without = policy.tiers[decision.index].id, policy.tiers[decision.plain].id
    params = {"tier": tier, "without": without} | ({"until": decision.until} if decision.until else {})
    code = f"kept.{decision.kept}"
    return Reason("kept", "hysteresis", tier=tier, text=(Part(code, params),))


def _dimension_reason(facts: Facts, dimension: Dimension) -> Reason:
    points, most = facts.points(dimension), facts.max_points(dimension)
    ref = dimension.value.ref if isinstance(dimension.value, Read) else Ref("points", dimension.id)
    value: Decimal | str | None = None
    if isinstance(dimension.value, Read):
        value = facts.value(ref)
    elif dimension.value is not None:
        value = facts.compute(dimension.value)
    is_known = dimension.met is not None or value is not None
    code = "dimension" if is_known else "dimension.left_out" if points is None else "dimension.missing"
    shown = None if points is None else rounded(points)
    full = next((point.at.number for point in dimension.linear if point.rating == 100), None)
    band = next((band.test for band in dimension.bands if band.test is not None), None)
    operands = () if band is None else tuple(operand.value for operand in band.operands)
    best: Decimal | str | tuple[Decimal | str, ...] | None = full
    if operands:
        best = operands[0] if len(operands) == 1 else operands
    return Reason(
        role="dimension",
        path=f"dimensions[{facts.policy.dimensions.index(dimension)}]",
        metric=ref.key,
        metrics=facts.policy.metrics_behind(*dimension.refs),
        value=value,
        operator="linear" if dimension.linear else "bands" if dimension.bands else "met",
        threshold=best,
        points=shown,
        max_points=rounded(most),
        met=is_known,
        text=(Part(code, {"label": dimension.id, "value": value, "points": shown, "max": rounded(most)}),),
    )
