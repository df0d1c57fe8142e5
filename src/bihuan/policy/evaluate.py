"""The evaluator for one customer: decides, and keeps what is needed to say why."""

from __future__ import annotations

import calendar
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from bihuan.policy.explain import explain_tags, explain_tier
from bihuan.policy.model import (
    All,
    AnyOf,
    Apply,
    Compare,
    Condition,
    Dimension,
    Expression,
    Not,
    Number,
    Policy,
    Read,
    Ref,
    Test,
)
from bihuan.policy.numbers import ZERO_WIDTH, Value, exact_arithmetic, meets, to_number, to_text
from bihuan.policy.outcome import Outcome


def evaluate(
    policy: Policy,
    values: Mapping[str, Value],
    current: str | None = None,
    since: date | None = None,
    as_of: date | None = None,
) -> Outcome:
    """What the policy says of a customer with these metric values, who holds the tier `current` since `since`.

    A metric that is absent from `values` is missing. `since` and `as_of` matter only where a minimal stay is set.
    Raises ValueUnusable for a text where a number is needed.
    """
    with exact_arithmetic():
        facts = Facts(policy, values)
        if policy.tags:
            return explain_tags(policy, facts)
        return explain_tier(policy, facts, decide(policy, facts, current, since, as_of))


@dataclass(frozen=True, slots=True)
class Decision:
    """`index` is the tier given; `plain` the one without margins and stay; `until` ends a minimal stay that held."""

    index: int
    plain: int
    is_default: bool
    kept: str | None
    until: date | None


def decide(
    policy: Policy, facts: Facts, current: str | None, since: date | None, as_of: date | None
) -> Decision:
    """The first tier whose condition holds: with margins from the present tier downward, without above it."""
    present = policy.tier_index(current)
    default = policy.tier_index(policy.default)
    assert default is not None
    plain = next((i for i, tier in enumerate(policy.tiers) if tier.when and facts.holds(tier.when)), default)
    found = None
    for index, tier in enumerate(policy.tiers):
        condition = tier.held_when if present is not None and index >= present else tier.when
        if condition is not None and facts.holds(condition):
            found = index
            break
    index, kept, until = default if found is None else found, None, None
    if present is not None and index > present and is_protected(policy, since, as_of):
        assert since is not None
        return Decision(present, plain, False, "min_stay", _stay_ends(since, policy.min_stay_months))
    if index != plain:
        kept = "margin"
    return Decision(index, plain, found is None, kept, until)


def is_protected(policy: Policy, since: date | None, as_of: date | None) -> bool:
    """Whether the minimal stay still forbids a fall."""
    if not policy.min_stay_months or since is None or as_of is None:
        return False
    return since > months_before(as_of, policy.min_stay_months)


def months_before(day: date, months: int) -> date:
    """The same day of the month that many months ago, or that month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def _stay_ends(since: date, months: int) -> date:
    end = months_before(since, -months)
    while months_before(end, months) < since:
        end += timedelta(days=1)
    return end


class Facts:
    """The values of one customer and everything that the policy computes from them, each computed once."""

    def __init__(self, policy: Policy, values: Mapping[str, Value]) -> None:
        self.policy = policy
        self._values = values
        self._dimensions = {dimension.id: dimension for dimension in policy.dimensions}
        self._numbers: dict[Ref, Decimal | None] = {}
        self._ratings: dict[str, Decimal | None] = {}
        self._counted: Decimal | None = None

    def number(self, ref: Ref) -> Decimal | None:
        if ref not in self._numbers:
            match ref.kind:
                case "metric" | "rank_share":
                    found = to_number(self._values.get(ref.key), ref.key)
                case "derived":
                    found = self.compute(self.policy.derived[ref.name].expression)
                case "points":
                    found = self.points(self._dimensions[ref.name])
                case _:
                    found = self._score()
            self._numbers[ref] = found
        return self._numbers[ref]

    def text(self, ref: Ref) -> str | None:
        return to_text(self._values.get(ref.key))

    def value(self, ref: Ref) -> Decimal | str | None:
        """For display: as the policy reads it; as it came where the policy only asks whether it is there."""
        if ref.is_input and ref.key not in self.policy.number_inputs:
            given = self._values.get(ref.key)
            if isinstance(given, str) or ref.key in self.policy.text_inputs:
                return to_text(given)
        return self.number(ref)

    def is_missing(self, ref: Ref) -> bool:
        return to_text(self._values.get(ref.key)) is None if ref.is_input else self.number(ref) is None

    def holds(self, condition: Condition) -> bool:
        match condition:
            case All(items=items):
                return all(self.holds(item) for item in items)
            case AnyOf(items=items):
                return any(self.holds(item) for item in items)
            case Not(item=item):
                return not self.holds(item)
            case Compare():
                return self.compare(condition)

    def compare(self, comparison: Compare) -> bool:
        test, ref = comparison.test, comparison.ref
        if test.operator == "missing":
            return self.is_missing(ref) == test.wanted
        met = self.passes(test, ref)
        return comparison.if_missing if met is None else met

    def passes(self, test: Test, ref: Ref) -> bool | None:
        """Whether a value passes; None if it is missing."""
        if test.is_text:
            text = self.text(ref)
            return None if text is None else text in test.texts
        number = self.number(ref)
        return None if number is None else bool(meets(test.operator, test.numbers, float(number)))

    def compute(self, expression: Expression) -> Decimal | None:
        match expression:
            case Number(operand=operand):
                return operand.number
            case Read(ref=ref):
                return self.number(ref)
            case Apply(operator="first", items=items):
                return next((found for item in items if (found := self.compute(item)) is not None), None)
            case Apply(operator=operator, items=items):
                parts = [self.compute(item) for item in items]
                known = [part for part in parts if part is not None]
                return _apply(operator, known) if len(known) == len(parts) else None

    def rating(self, dimension: Dimension) -> Decimal | None:
        """0-100, or None if the value is missing and the dimension is left out."""
        if dimension.id not in self._ratings:
            self._ratings[dimension.id] = self._rate(dimension)
        return self._ratings[dimension.id]

    def _rate(self, dimension: Dimension) -> Decimal | None:
        if dimension.met is not None:
            return Decimal(100 if self.holds(dimension.met) else 0)
        assert dimension.value is not None
        if isinstance(dimension.value, Read) and dimension.value.ref.key in self.policy.text_inputs:
            text = self.text(dimension.value.ref)
            return dimension.missing if text is None else _rated_text(dimension, text)
        number = self.compute(dimension.value)
        if number is None:
            return dimension.missing
        return _interpolated(dimension, number) if dimension.linear else _banded(dimension, number)

    def points(self, dimension: Dimension) -> Decimal | None:
        """The dimension's share of the score; None if it is left out."""
        rating = self.rating(dimension)
        weight = self._weight()
        if rating is None or not weight:
            return None
        return self._span() * dimension.weight * rating / (100 * weight)

    def max_points(self, dimension: Dimension) -> Decimal:
        weight = self._weight()
        return (
            self._span() * dimension.weight / weight
            if weight and self.rating(dimension) is not None
            else Decimal(0)
        )

    def _weight(self) -> Decimal:
        """Of all dimensions that count."""
        if self._counted is None:
            counted = (one.weight for one in self.policy.dimensions if self.rating(one) is not None)
            self._counted = sum(counted, Decimal(0))
        return self._counted

    def _span(self) -> Decimal:
        score = self.policy.score
        assert score is not None
        return score.high - score.low

    def _score(self) -> Decimal | None:
        assert self.policy.score is not None
        weight = self._weight()
        if not weight:
            return None
        rated = ((one.weight, self.rating(one)) for one in self.policy.dimensions)
        total = sum((share * rating for share, rating in rated if rating is not None), Decimal(0))
        return self.policy.score.low + self._span() * total / (100 * weight)


def _apply(operator: str, parts: list[Decimal]) -> Decimal | None:
    first, rest = parts[0], parts[1:]
    match operator:
        case "add":
            return sum(parts, Decimal(0))
        case "subtract":
            return first - rest[0]
        case "divide":
            return None if abs(float(rest[0])) < ZERO_WIDTH else first / rest[0]
        case "min":
            return min(parts)
        case "max":
            return max(parts)
    for part in rest:
        first *= part
    return first


def _rated_text(dimension: Dimension, text: str) -> Decimal:
    bands = (band.rating for band in dimension.bands if band.test is None or text in band.test.texts)
    return next(bands, Decimal(0))


def _banded(dimension: Dimension, number: Decimal) -> Decimal:
    value = float(number)
    bands = (
        band.rating
        for band in dimension.bands
        if band.test is None or meets(band.test.operator, band.test.numbers, value)
    )
    return next(bands, Decimal(0))


def _interpolated(dimension: Dimension, number: Decimal) -> Decimal:
    points = dimension.linear
    if number <= points[0].at.number:
        return points[0].rating
    for left, right in pairwise(points):
        if number <= right.at.number:
            share = (number - left.at.number) / (right.at.number - left.at.number)
            return left.rating + share * (right.rating - left.rating)
    return points[-1].rating
