"""A parsed policy: frozen, checked, with thresholds resolved. Made by `parse_policy` only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from bihuan.policy.numbers import Value

Label = Mapping[str, str]
"""Text by language: `zh-Hans` and `en` always, `zh-Hant` where somebody wrote it by hand."""

UNITS = ("money", "quantity", "count", "days", "years", "fraction", "score", "class", "text")
"""What a value counts, as in the metric registry. Currency and the goods' unit are the company's: they are shown where
`money` and `quantity` stand. Values of the last two are texts."""

TEXT_UNITS = ("class", "text")

LOWER, UPPER = ("gte", "gt"), ("lte", "lt")
NUMERIC_OPERATORS = (*LOWER, *UPPER, "between")
OPERATORS = (*NUMERIC_OPERATORS, "eq", "in", "missing")


@dataclass(frozen=True, slots=True)
class Ref:
    """Something with a value: a metric, a rank share, a derived value, a dimension's points or the score."""

    kind: str
    name: str = ""

    @property
    def key(self) -> str:
        """The name under which an input value is given; of computed values, how they are called in errors."""
        match self.kind:
            case "metric":
                return self.name
            case "score":
                return "score"
            case _:
                return f"{self.kind}({self.name})"

    @property
    def is_input(self) -> bool:
        return self.kind in ("metric", "rank_share")


@dataclass(frozen=True, slots=True)
class Operand:
    """A number or a text in the document; `threshold` is the name it was given by, if it was."""

    value: Decimal | str
    threshold: str | None = None

    @property
    def number(self) -> Decimal:
        if not isinstance(self.value, Decimal):
            raise TypeError(f"{self.value!r} is text")
        return self.value


@dataclass(frozen=True, slots=True)
class Test:
    """An operator with its operands. `missing` has none, and `wanted` says which way round."""

    __test__ = False  # not a test class for pytest

    operator: str
    operands: tuple[Operand, ...] = ()
    wanted: bool = True

    @property
    def is_text(self) -> bool:
        return any(isinstance(operand.value, str) for operand in self.operands)

    @property
    def numbers(self) -> tuple[Decimal, ...]:
        return tuple(operand.number for operand in self.operands)

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(str(operand.value) for operand in self.operands)


@dataclass(frozen=True, slots=True)
class Compare:
    """One comparison. A missing value does not meet it unless `if_missing` says so; `firm` exempts it from margins."""

    ref: Ref
    test: Test
    path: str
    if_missing: bool = False
    firm: bool = False


@dataclass(frozen=True, slots=True)
class All:
    items: tuple[Condition, ...]
    path: str


@dataclass(frozen=True, slots=True)
class AnyOf:
    items: tuple[Condition, ...]
    path: str


@dataclass(frozen=True, slots=True)
class Not:
    item: Condition
    path: str


Condition = All | AnyOf | Not | Compare


@dataclass(frozen=True, slots=True)
class Read:
    ref: Ref
    path: str


@dataclass(frozen=True, slots=True)
class Number:
    operand: Operand
    path: str


@dataclass(frozen=True, slots=True)
class Apply:
    """add, subtract, multiply, divide, min, max, first. A missing part makes the whole missing, except in `first`."""

    operator: str
    items: tuple[Expression, ...]
    path: str


Expression = Read | Number | Apply


@dataclass(frozen=True, slots=True)
class Threshold:
    name: str
    value: Decimal
    unit: str | None
    label: Label | None
    source: str


@dataclass(frozen=True, slots=True)
class Derived:
    id: str
    label: Label
    unit: str | None
    expression: Expression


@dataclass(frozen=True, slots=True)
class Band:
    """The rating (0-100) where `test` holds; without a test, the rating of the rest."""

    test: Test | None
    rating: Decimal


@dataclass(frozen=True, slots=True)
class Point:
    at: Operand
    rating: Decimal


@dataclass(frozen=True, slots=True)
class Dimension:
    """A part of the score. Its rating, 0-100, comes from bands, from a line through points, or from a condition.

    `missing` is the rating of a missing value; None leaves the dimension out and shares its weight among the others.
    """

    id: str
    label: Label
    weight: Decimal
    value: Expression | None
    bands: tuple[Band, ...] = ()
    linear: tuple[Point, ...] = ()
    met: Condition | None = None
    missing: Decimal | None = Decimal(0)

    @property
    def refs(self) -> list[Ref]:
        """Everything that it reads."""
        return [*reads(self.value), *(comparison.ref for comparison in comparisons(self.met))]


@dataclass(frozen=True, slots=True)
class Score:
    """low + (high − low) × Σ weight·rating/100 / Σ weight, over the dimensions that count."""

    low: Decimal
    high: Decimal
    label: Label | None


@dataclass(frozen=True, slots=True)
class Hysteresis:
    """How far below its border a customer may sink and keep the tier.

    `margin` is a fraction of each threshold; `points` replaces it for comparisons of the score.
    """

    margin: Decimal = Decimal(0)
    points: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Tier:
    """`when` must hold to rise into the tier; `held_when` (the same with margins) to stay in it."""

    id: str
    label: Label
    colour: str | None
    when: Condition | None
    held_when: Condition | None


@dataclass(frozen=True, slots=True)
class Tag:
    """Without `when` a tag is put on by hand."""

    id: str
    label: Label
    colour: str | None
    group: str
    when: Condition | None


@dataclass(frozen=True, slots=True)
class Case:
    name: str
    given: Mapping[str, Value]
    current: str | None
    since: date | None
    as_of: date | None
    expect: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MetricInfo:
    """What the metric registry knows of a metric. `unit` is one of UNITS, or "" for a fact of any type."""

    unit: str
    field_class: str = "public"


@dataclass(frozen=True, slots=True)
class Policy:
    """See docs/policy-grammar.md. Tiers run from best to worst, derived values in an order fit for computing."""

    id: str
    kind: str
    version: int
    subject: str
    title: Label
    owner: str
    reason: str
    schedule: str | None
    thresholds: Mapping[str, Threshold]
    derived: Mapping[str, Derived]
    late: frozenset[str]
    """The derived values that can be computed only after the score."""
    dimensions: tuple[Dimension, ...]
    score: Score | None
    tiers: tuple[Tier, ...]
    default: str | None
    tags: tuple[Tag, ...]
    min_stay_months: int
    cases: tuple[Case, ...]
    document: Mapping[str, Any] = field(repr=False)
    inputs: frozenset[str] = frozenset()
    """Every input name it reads, `rank_share(…)` included."""
    text_inputs: frozenset[str] = frozenset()
    """Those of them that are read as text."""
    number_inputs: frozenset[str] = frozenset()
    """Those of them that are read as numbers; the rest are only asked whether they are missing."""
    _behind: dict[Ref, tuple[str, ...]] = field(default_factory=dict, repr=False, compare=False)

    @property
    def metrics(self) -> frozenset[str]:
        """The metrics it needs; a rank share needs the metric that is ranked."""
        return frozenset(name[11:-1] if name.startswith("rank_share(") else name for name in self.inputs)

    def metrics_behind(self, *refs: Ref) -> tuple[str, ...]:
        """Every metric that values rest on, each once, in the order of reading."""
        found: dict[str, None] = {}
        for ref in refs:
            if ref not in self._behind:
                self._behind[ref] = self._traced(ref)
            found.update(dict.fromkeys(self._behind[ref]))
        return tuple(found)

    def _traced(self, ref: Ref) -> tuple[str, ...]:
        found: dict[str, None] = {}
        pending, seen = [ref], {ref}
        while pending:
            one = pending.pop(0)
            sources: list[Ref] = []
            match one.kind:
                case "metric" | "rank_share":
                    found[one.name] = None
                case "derived":
                    sources = list(reads(self.derived[one.name].expression))
                case _:
                    for dimension in self.dimensions:
                        if one.kind == "score" or dimension.id == one.name:
                            sources += dimension.refs
            pending += [source for source in sources if source not in seen]
            seen.update(sources)
        return tuple(found)

    def tier_index(self, tier: str | None) -> int | None:
        """0 is the best. None for no tier and for one that this version no longer knows."""
        return next((index for index, one in enumerate(self.tiers) if one.id == tier), None)


def loosen(condition: Condition, by: Hysteresis, positive: bool = True) -> Condition:
    """The same condition, easier to meet by the margin: what it takes to stay rather than to rise.

    Inside `not` the margin turns round, so that the whole is never harder to meet than before.
    """
    match condition:
        case All(items=items):
            return replace(condition, items=tuple(loosen(item, by, positive) for item in items))
        case AnyOf(items=items):
            return replace(condition, items=tuple(loosen(item, by, positive) for item in items))
        case Not(item=item):
            return replace(condition, item=loosen(item, by, not positive))
        case Compare(ref=ref, test=test) if not condition.firm and test.operator in NUMERIC_OPERATORS:
            return replace(condition, test=_loosened(test, by, ref.kind == "score", positive))
    return condition


def _loosened(test: Test, by: Hysteresis, is_score: bool, positive: bool) -> Test:
    down = [test.operator in LOWER] if test.operator != "between" else [True, False]
    operands = []
    for operand, is_lower in zip(test.operands, down, strict=True):
        slack = by.points if is_score and by.points is not None else abs(operand.number) * by.margin
        operands.append(
            replace(operand, value=operand.number - slack if is_lower == positive else operand.number + slack)
        )
    return replace(test, operands=tuple(operands))


def comparisons(condition: Condition | None) -> Iterator[Compare]:
    """Every comparison in a condition, in the document's order."""
    match condition:
        case All(items=items) | AnyOf(items=items):
            for item in items:
                yield from comparisons(item)
        case Not(item=item):
            yield from comparisons(item)
        case Compare():
            yield condition


def reads(expression: Expression | None) -> Iterator[Ref]:
    """Everything that an expression reads."""
    match expression:
        case Read(ref=ref):
            yield ref
        case Apply(items=items):
            for item in items:
                yield from reads(item)
