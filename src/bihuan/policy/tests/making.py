"""Hypothesis strategies: whole policies of the grammar, and rows that sit on their borders."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from hypothesis import strategies as st

NUMBERS = ("m0", "m1", "m2", "facts.m3")
TEXTS = ("t0", "facts.t1")
WORDS = ("甲", "B", "pharma", "it's")
GRID = (-5, 0, 0.1, 0.3, 1, 2.5, 10, 99.99, 100, 1_000_000, 12_345_678.9)
MARGINS = (0, 0.05, 0.1, 0.3)
TIERS = ("A", "B", "C", "D")
AS_OF = date(2026, 11, 30)

LABEL = {"zh-Hans": "名", "en": "name"}
grid = st.sampled_from(GRID)


def _operand() -> st.SearchStrategy[Any]:
    return grid | st.sampled_from(["low", "high"]).map(lambda name: {"threshold": name})


def _tests(*, numeric: bool) -> st.SearchStrategy[dict[str, Any]]:
    if not numeric:
        return st.sampled_from(WORDS).map(lambda word: {"eq": word}) | st.lists(
            st.sampled_from(WORDS), min_size=1, max_size=3
        ).map(lambda words: {"in": words})
    single = st.tuples(st.sampled_from(["gte", "gt", "lte", "lt", "eq"]), _operand()).map(
        lambda one: {one[0]: one[1]}
    )
    between = st.tuples(grid, grid).map(lambda pair: {"between": sorted(pair)})
    listed = st.lists(grid, min_size=1, max_size=3).map(lambda many: {"in": many})
    return single | single | between | listed


def _comparisons(subjects: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    extra = st.sampled_from([{}, {}, {"if_missing": "met"}, {"firm": True}])
    numeric = st.tuples(st.sampled_from(subjects), _tests(numeric=True), extra)
    textual = st.tuples(st.sampled_from([{"metric": name} for name in TEXTS]), _tests(numeric=False), extra)
    missing = st.tuples(
        st.sampled_from([*subjects, {"metric": "t0"}]), st.booleans().map(lambda wanted: {"missing": wanted})
    )
    return (numeric | numeric | textual | missing).map(
        lambda parts: {key: v for part in parts for key, v in part.items()}
    )


def conditions(subjects: list[dict[str, Any]]) -> st.SearchStrategy[dict[str, Any]]:
    return st.recursive(
        _comparisons(subjects),
        lambda inner: st.one_of(
            st.lists(inner, min_size=1, max_size=3).map(lambda items: {"all": items}),
            st.lists(inner, min_size=1, max_size=3).map(lambda items: {"any": items}),
            inner.map(lambda item: {"not": item}),
        ),
        max_leaves=6,
    )


def expressions(subjects: list[dict[str, Any]]) -> st.SearchStrategy[Any]:
    operators = st.sampled_from(["add", "subtract", "multiply", "divide", "min", "max", "first"])
    return st.recursive(
        st.sampled_from(subjects) | grid | st.just({"threshold": "high"}),
        lambda inner: st.tuples(operators, st.lists(inner, min_size=2, max_size=2)).map(
            lambda one: {one[0]: one[1]}
        ),
        max_leaves=4,
    )


@st.composite
def dimensions(draw: st.DrawFn, name: str, subjects: list[dict[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {"id": name, "label": LABEL, "weight": draw(st.sampled_from([10, 20, 40, 2.5]))}
    rating = st.sampled_from([0, 25, 60, 100])
    match draw(st.sampled_from(["bands", "linear", "text", "met"])):
        case "bands":
            bands = draw(st.lists(st.tuples(_tests(numeric=True), rating), min_size=1, max_size=3))
            found |= {
                "value": draw(expressions(subjects)),
                "bands": [test | {"rating": r} for test, r in bands],
            }
            found["bands"] += draw(st.sampled_from([[], [{"rating": 10}]]))
        case "linear":
            ats = sorted(draw(st.sets(grid, min_size=2, max_size=4)))
            found |= {
                "value": draw(expressions(subjects)),
                "linear": [{"at": at, "rating": draw(rating)} for at in ats],
            }
        case "text":
            bands = draw(st.lists(st.tuples(_tests(numeric=False), rating), min_size=1, max_size=2))
            found |= {"metric": "t0", "bands": [test | {"rating": r} for test, r in bands] + [{"rating": 5}]}
        case _:
            found["met"] = draw(conditions(subjects))
    if "met" not in found:
        found["missing"] = draw(st.sampled_from([0, 50, "exclude"]))
    return found


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """A tier policy; it may have tiers that nobody reaches."""
    subjects: list[dict[str, Any]] = [{"metric": name} for name in NUMBERS] + [{"rank_share": "m1"}]
    derived = [{"id": "d0", "label": LABEL, "value": draw(expressions(subjects))}]
    early = [*subjects, {"derived": "d0"}]
    parts = [draw(dimensions(f"p{index}", early)) for index in range(draw(st.integers(0, 3)))]
    late = list(early)
    if parts:
        reads = [*early, {"score": True}, {"points": "p0"}]
        derived.append({"id": "d1", "label": LABEL, "value": draw(expressions(reads))})
        late = [*reads, {"derived": "d1"}]
    tiers = [{"id": name, "label": LABEL, "when": draw(conditions(late))} for name in TIERS[:-1]]
    if draw(st.booleans()):
        tiers[0]["hysteresis"] = {
            "margin": draw(st.sampled_from(MARGINS)),
            "points": draw(st.sampled_from([0, 3])),
        }
    hysteresis: dict[str, Any] = {"margin": draw(st.sampled_from(MARGINS))}
    if draw(st.booleans()):
        hysteresis["points"] = 3
    hysteresis["min_stay_months"] = draw(st.sampled_from([0, 3, 6]))
    return {
        "id": "made",
        "kind": "tier",
        "version": 1,
        "title": LABEL,
        "owner": "nobody",
        "reason": "made for a test",
        "thresholds": {"low": {"value": draw(grid)}, "high": {"value": draw(grid)}},
        "derived": derived,
        **(
            {"dimensions": parts, "score": {"scale": draw(st.sampled_from([[0, 100], [1, 10]]))}}
            if parts
            else {}
        ),
        "tiers": [*tiers, {"id": TIERS[-1], "label": LABEL}],
        "default": draw(st.sampled_from(TIERS)),
        "hysteresis": hysteresis,
    }


def border_numbers() -> st.SearchStrategy[Any]:
    """Numbers on a border, a margin or a cent beside it, or with the noise of binary sums; and missing ones."""
    factors = st.sampled_from([1.0, 0.95, 1.05, 0.9, 1.1, 0.7, 1.3, 1 - 1e-14, 1 + 1e-14, 1 - 3e-13])
    near = st.tuples(grid, factors, st.sampled_from([0.0, 0.01, -0.01])).map(
        lambda one: one[0] * one[1] + one[2]
    )
    plain = st.floats(-1e7, 1e7).map(lambda number: round(number, 6))
    return st.none() | st.just(float("nan")) | near | near | plain


def rows() -> st.SearchStrategy[dict[str, Any]]:
    days = st.integers(0, 400).map(lambda days: AS_OF - timedelta(days=days))
    return st.fixed_dictionaries(
        {name: border_numbers() for name in NUMBERS}
        | {name: st.none() | st.just("") | st.sampled_from(WORDS) for name in TEXTS}
        | {"current_tier": st.none() | st.sampled_from([*TIERS, "gone"]), "since": st.none() | days}
    )
