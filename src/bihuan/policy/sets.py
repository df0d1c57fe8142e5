"""The evaluator for sets: a policy as one Ibis expression over a table with a row a customer.

It runs wherever Ibis runs (DuckDB, Spark). It computes in doubles where `evaluate` computes in decimals; both decide at a
border through `numbers.meets`, and property tests hold them together. Ibis is imported by this module alone: import it
only in a process that may afford it.
"""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import ibis
import ibis.expr.types as ir
from ibis.config import Config

from bihuan.policy.evaluate import months_before
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
)
from bihuan.policy.numbers import ZERO_WIDTH, meets

_CURRENT, _SINCE = "__current", "__since"


class _SparkOptions(Config):
    """What the compiler for Spark asks of its back end, which is not loaded: it would need pandas."""

    treat_nan_as_null: bool = False


def spark_sql(rows: ir.Table) -> str:
    """The Spark SQL of an expression, through Ibis's compiler alone."""
    if ibis.options.pyspark is None:
        ibis.options.pyspark = _SparkOptions()
    return str(ibis.to_sql(rows, dialect="pyspark"))


class ColumnsMissing(ValueError):
    """The table lacks inputs of the policy; `columns` names them."""

    def __init__(self, columns: list[str]) -> None:
        self.columns = columns
        super().__init__(f"missing columns: {', '.join(columns)}")


def to_ibis(
    policy: Policy,
    table: ir.Table,
    *,
    customer_column: str = "customer_id",
    current_column: str | None = "current_tier",
    since_column: str | None = None,
    as_of: date | None = None,
) -> ir.Table:
    """One row a customer with the policy's answer.

    `table` has the policy's inputs as columns named as the metrics are; absent current and since columns mean that nobody
    has a tier yet. A column `rank_share(m)` is used if it is there, else computed from m over all rows of the table.

    Columns of the result: customer_id; for tiers `tier`, `plain_tier` (without margins and stay) and `kept` (`margin`,
    `min_stay` or null); for tags a boolean `tag_<id>` each; with dimensions `score` (double, 6 places, null if nothing is
    known) and `points_<dimension>` (null if left out).
    """
    work = _inputs(policy, table, customer_column, current_column, since_column)
    work = _with_derived(policy, work, late=False)
    if policy.score is not None:
        work = _with_score(policy, work)
    work = _with_derived(policy, work, late=True)
    shown: dict[str, Any] = {}
    if policy.tags:
        shown = {
            f"tag_{tag.id}": _condition(policy, work, tag.when) for tag in policy.tags if tag.when is not None
        }
    else:
        work = _with_tiers(policy, work, as_of)
        shown = {name: work[name] for name in ("tier", "plain_tier", "kept")}
    if policy.score is not None:
        shown["score"] = work["score"].round(6)
        shown |= {f"points_{one.id}": work[f"points({one.id})"].round(6) for one in policy.dimensions}
    return work.select(customer_id=work["__customer"], **shown)


def _inputs(
    policy: Policy,
    table: ir.Table,
    customer_column: str,
    current_column: str | None,
    since_column: str | None,
) -> ir.Table:
    """The inputs as doubles and texts, with NaN, infinities and empty text made null."""
    columns = set(table.columns)
    ranked = {
        name: name[11:-1] for name in policy.inputs if name.startswith("rank_share(") and name not in columns
    }
    needed = {ranked.get(name, name) for name in policy.inputs} | {customer_column}
    if needed - columns:
        raise ColumnsMissing(sorted(needed - columns))
    chosen: dict[str, Any] = {"__customer": table[customer_column]}
    has_current = current_column is not None and current_column in columns
    chosen[_CURRENT] = table[current_column].cast("string") if has_current else ibis.null("string")
    has_since = since_column is not None and since_column in columns
    chosen[_SINCE] = table[since_column].cast("date") if has_since else ibis.null("date")
    for name in sorted(policy.inputs):
        if name in ranked:
            value = _number(table[ranked[name]])
            rank = ibis.rank().over(ibis.window(order_by=value.desc()))
            share = (rank + 1).cast("float64") / value.count().over(ibis.window())
            chosen[name] = value.isnull().ifelse(ibis.null("float64"), share)
        elif name in policy.text_inputs:
            chosen[name] = table[name].cast("string").nullif("")
        elif table[name].type().is_string() and name not in policy.number_inputs:
            chosen[name] = table[name].nullif("")
        else:
            chosen[name] = _number(table[name])
    return table.select(**chosen)


def _number(column: Any) -> Any:
    if not column.type().is_floating():
        return column.cast("float64")
    return (column.isnan() | column.isinf()).ifelse(ibis.null("float64"), column.cast("float64"))


def _with_derived(policy: Policy, work: ir.Table, *, late: bool) -> ir.Table:
    for name, derived in policy.derived.items():
        if (name in policy.late) == late:
            work = work.mutate(**{f"derived({name})": _expression(work, derived.expression)})
    return work


def _with_score(policy: Policy, work: ir.Table) -> ir.Table:
    assert policy.score is not None
    low, span = float(policy.score.low), float(policy.score.high - policy.score.low)
    ratings = {f"__rating({one.id})": _rating(policy, work, one) for one in policy.dimensions}
    work = work.mutate(**ratings)
    rated = [(float(one.weight), work[f"__rating({one.id})"]) for one in policy.dimensions]
    weight: Any = ibis.literal(0.0)
    total: Any = ibis.literal(0.0)
    for share, rating in rated:
        weight = weight + rating.isnull().ifelse(0.0, share)
        total = total + (rating * share).fill_null(0.0)
    work = work.mutate(__weight=weight.nullif(0.0), __total=total)
    found: dict[str, Any] = {"score": low + span * work["__total"] / (100.0 * work["__weight"])}
    for one in policy.dimensions:
        points = work[f"__rating({one.id})"] * (span * float(one.weight)) / (100.0 * work["__weight"])
        found[f"points({one.id})"] = points
    return work.mutate(**found)


def _with_tiers(policy: Policy, work: ir.Table, as_of: date | None) -> ir.Table:
    default = policy.tier_index(policy.default)
    assert default is not None
    held = {
        f"__rise_{i}": _condition(policy, work, tier.when) for i, tier in enumerate(policy.tiers) if tier.when
    }
    held |= {
        f"__hold_{i}": _condition(policy, work, tier.held_when)
        for i, tier in enumerate(policy.tiers)
        if tier.held_when
    }
    present = ibis.cases(*((work[_CURRENT] == tier.id, i) for i, tier in enumerate(policy.tiers)), else_=None)
    work = work.mutate(__present=present.cast("int64"), **held)
    present = work["__present"]
    decided = [i for i, tier in enumerate(policy.tiers) if tier.when is not None]
    plain: Any = ibis.literal(default)
    found: Any = ibis.literal(default)
    if decided:
        plain = ibis.cases(*((work[f"__rise_{i}"], i) for i in decided), else_=default)
        ways = ((i, (present <= i).fill_null(False)) for i in decided)
        found = ibis.cases(
            *((stays.ifelse(work[f"__hold_{i}"], work[f"__rise_{i}"]), i) for i, stays in ways), else_=default
        )
    work = work.mutate(__plain=plain, __found=found)
    is_protected: Any = ibis.literal(False)
    if policy.min_stay_months and as_of is not None:
        border = months_before(as_of, policy.min_stay_months)
        falls = (work["__found"] > work["__present"]).fill_null(False)
        is_protected = falls & (work[_SINCE] > ibis.literal(border, "date")).fill_null(False)
    work = work.mutate(__protected=is_protected)
    index = work["__protected"].ifelse(work["__present"], work["__found"])
    moved = work["__found"] != work["__plain"]
    none = ibis.null("string")
    return work.mutate(
        tier=_named(policy, index),
        plain_tier=_named(policy, work["__plain"]),
        kept=work["__protected"].ifelse("min_stay", moved.ifelse("margin", none)),
    )


def _named(policy: Policy, index: Any) -> Any:
    return ibis.cases(*((index == i, tier.id) for i, tier in enumerate(policy.tiers)))


def _condition(policy: Policy, work: ir.Table, condition: Condition | None) -> Any:
    match condition:
        case All(items=items) | AnyOf(items=items):
            parts = [_condition(policy, work, item) for item in items]
            whole = parts[0]
            for part in parts[1:]:
                whole = whole & part if isinstance(condition, All) else whole | part
            return whole
        case Not(item=item):
            return ~_condition(policy, work, item)
        case Compare(ref=ref, test=test, if_missing=if_missing):
            column = work[_column(ref)]
            if test.operator == "missing":
                return column.isnull() if test.wanted else column.notnull()
            met = column.isin(test.texts) if test.is_text else meets(test.operator, test.numbers, column)
            return met.fill_null(if_missing)
    raise AssertionError(condition)


def _column(ref: Ref) -> str:
    return ref.key


def _expression(work: ir.Table, expression: Expression) -> Any:
    match expression:
        case Number(operand=operand):
            return ibis.literal(float(operand.number))
        case Read(ref=ref):
            return work[_column(ref)]
        case Apply(operator=operator, items=items):
            return _applied(operator, [_expression(work, item) for item in items])
    raise AssertionError(expression)


def _applied(operator: str, parts: list[Any]) -> Any:
    first, rest = parts[0], parts[1:]
    match operator:
        case "first":
            return ibis.coalesce(*parts)
        case "divide":
            return (rest[0].abs() < ZERO_WIDTH).ifelse(ibis.null("float64"), first / rest[0])
        case "min" | "max":
            # Engines skip nulls here; a policy does not.
            is_missing = first.isnull()
            for part in rest:
                is_missing = is_missing | part.isnull()
            extreme = ibis.least(*parts) if operator == "min" else ibis.greatest(*parts)
            return is_missing.ifelse(ibis.null("float64"), extreme)
    for part in rest:
        first = (
            first + part if operator == "add" else first - part if operator == "subtract" else first * part
        )
    return first


def _rating(policy: Policy, work: ir.Table, dimension: Dimension) -> Any:
    if dimension.met is not None:
        return _condition(policy, work, dimension.met).ifelse(100.0, 0.0)
    assert dimension.value is not None
    value = _expression(work, dimension.value)
    missing = ibis.null("float64") if dimension.missing is None else ibis.literal(float(dimension.missing))
    rating = _line(dimension, value) if dimension.linear else _bands(dimension, value)
    return value.isnull().ifelse(missing, rating)


def _bands(dimension: Dimension, value: Any) -> Any:
    rest = next((float(band.rating) for band in dimension.bands if band.test is None), 0.0)
    branches = []
    for band in dimension.bands:
        if band.test is not None:
            test = band.test
            met = value.isin(test.texts) if test.is_text else meets(test.operator, test.numbers, value)
            branches.append((met.fill_null(False), float(band.rating)))
    return ibis.cases(*branches, else_=rest) if branches else ibis.literal(rest)


def _line(dimension: Dimension, value: Any) -> Any:
    points = [(float(point.at.number), float(point.rating)) for point in dimension.linear]
    branches = [((value <= points[0][0]).fill_null(False), ibis.literal(points[0][1]))]
    for (left, low), (right, high) in pairwise(points):
        inside = low + (value - left) / (right - left) * (high - low)
        branches.append(((value <= right).fill_null(False), inside))
    return ibis.cases(*branches, else_=points[-1][1])
