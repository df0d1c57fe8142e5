"""What follows from a policy's shape alone: in which order to compute, and which tiers nobody can reach."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from bihuan.policy.model import (
    All,
    AnyOf,
    Compare,
    Condition,
    Derived,
    Dimension,
    Not,
    Ref,
    Score,
    Test,
    Tier,
    reads,
)

_SEARCH_STEPS = 20_000
"""A tier whose reachability is still open after so many steps counts as reachable."""


def computing_order(
    derived: Mapping[str, Derived], dimensions: Sequence[Dimension]
) -> tuple[list[Ref], list[Ref]]:
    """Derived values and the score in an order in which each can be computed, and a circle of references if there is one.

    A dimension's points depend on which other dimensions are left out, so whatever reads points needs the whole score.
    """
    score = Ref("score")
    needs: dict[Ref, list[Ref]] = {
        Ref("derived", name): list(reads(one.expression)) for name, one in derived.items()
    }
    needs[score] = []
    for dimension in dimensions:
        needs[score] += dimension.refs
    for refs in needs.values():
        refs[:] = [score if ref.kind == "points" else ref for ref in refs]
    order: list[Ref] = []
    state: dict[Ref, bool] = {}  # False while being visited, True when done
    for start in needs:
        path: list[tuple[Ref, Iterable[Ref]]] = [(start, iter(needs[start]))] if start not in state else []
        state.setdefault(start, False)
        while path:
            here, rest = path[-1]
            following = next((ref for ref in rest if ref in needs and not state.get(ref)), None)
            if following is None:
                state[here] = True
                order.append(here)
                path.pop()
            elif following in state:
                visited = [ref for ref, _ in path]
                return [], [*visited[visited.index(following) :], following]
            else:
                state[following] = False
                path.append((following, iter(needs[following])))
    return order, []


@dataclass(frozen=True, slots=True)
class _Domain:
    """The values that one subject may still take: an open or closed interval with holes, texts, or missing."""

    low: float = -math.inf
    low_open: bool = True
    high: float = math.inf
    high_open: bool = True
    holes: frozenset[float] = frozenset()
    texts: frozenset[str] | None = None
    not_texts: frozenset[str] = frozenset()
    may_be_missing: bool = True
    may_be_present: bool = True

    @property
    def is_empty(self) -> bool:
        return not self.may_be_missing and not self.has_value

    @property
    def has_value(self) -> bool:
        if not self.may_be_present or (self.texts is not None and not self.texts - self.not_texts):
            return False
        if self.low == self.high:
            return not self.low_open and not self.high_open and self.low not in self.holes
        return self.low < self.high

    def above(self, bound: float, is_open: bool) -> _Domain:
        if (bound, is_open) <= (self.low, self.low_open):
            return self
        return replace(self, low=bound, low_open=is_open)

    def below(self, bound: float, is_open: bool) -> _Domain:
        if bound > self.high or (bound == self.high and (self.high_open or not is_open)):
            return self
        return replace(self, high=bound, high_open=is_open)


def _narrowed(domain: _Domain, test: Test, if_missing: bool, wanted: bool) -> list[_Domain]:
    """The parts of a domain in which a comparison comes out as wanted."""
    if test.operator == "missing":
        only_missing = test.wanted == wanted
        return [
            replace(domain, may_be_present=False) if only_missing else replace(domain, may_be_missing=False)
        ]
    parts = [replace(domain, may_be_present=False)] if if_missing == wanted and domain.may_be_missing else []
    present = replace(domain, may_be_missing=False)
    if test.is_text:
        texts = frozenset(test.texts)
        if wanted:
            parts.append(replace(present, texts=texts if present.texts is None else present.texts & texts))
        else:
            parts.append(replace(present, not_texts=present.not_texts | texts))
        return parts
    numbers = [float(number) for number in test.numbers]
    first = numbers[0]
    match (test.operator, wanted):
        case ("gte", True) | ("lt", False):
            parts.append(present.above(first, False))
        case ("gt", True) | ("lte", False):
            parts.append(present.above(first, True))
        case ("lte", True) | ("gt", False):
            parts.append(present.below(first, False))
        case ("lt", True) | ("gte", False):
            parts.append(present.below(first, True))
        case ("between", True):
            parts.append(present.above(first, False).below(numbers[1], False))
        case ("between", False):
            parts += [present.below(first, True), present.above(numbers[1], True)]
        case (_, True):
            parts += [present.above(one, False).below(one, False) for one in numbers]
        case (_, False):
            parts.append(replace(present, holes=present.holes | frozenset(numbers)))
    return parts


class _OutOfSteps(Exception):
    pass


class _Search:
    """Looks for values that make a list of conditions come out as wanted. Subjects count as independent of each other,
    so that what it calls impossible is impossible, while the contrary may be too kind."""

    def __init__(self, score: Score | None) -> None:
        self.steps = 0
        self.start: dict[Ref, _Domain] = {}
        if score is not None:
            self.start[Ref("score")] = _Domain(float(score.low), False, float(score.high), False)

    def possible(self, pending: list[tuple[Condition, bool]], domains: Mapping[Ref, _Domain]) -> bool:
        self.steps += 1
        if self.steps > _SEARCH_STEPS:
            raise _OutOfSteps
        if not pending:
            return True
        (condition, wanted), rest = pending[0], pending[1:]
        match condition:
            case Not(item=item):
                return self.possible([(item, not wanted), *rest], domains)
            case All(items=items) | AnyOf(items=items):
                if isinstance(condition, All) == wanted:
                    return self.possible([*((item, wanted) for item in items), *rest], domains)
                return any(self.possible([(item, wanted), *rest], domains) for item in items)
            case Compare(ref=ref, test=test, if_missing=if_missing):
                for part in _narrowed(domains.get(ref, _Domain()), test, if_missing, wanted):
                    if not part.is_empty and self.possible(rest, {**domains, ref: part}):
                        return True
                return False


def unreachable_tiers(tiers: Sequence[Tier], default: str | None, score: Score | None) -> list[int]:
    """Tiers, by index, that a newcomer can never be given, whatever the values."""
    found = []
    better: list[tuple[Condition, bool]] = []
    nobody: list[tuple[Condition, bool]] = [(tier.when, False) for tier in tiers if tier.when is not None]
    for index, tier in enumerate(tiers):
        ways = [[(tier.when, True), *better]] if tier.when is not None else []
        if tier.id == default:
            ways.append(nobody)
        if not any(_is_possible(way, score) for way in ways):
            found.append(index)
        if tier.when is not None:
            better.append((tier.when, False))
    return found


def _is_possible(conditions: list[tuple[Condition, bool]], score: Score | None) -> bool:
    search = _Search(score)
    try:
        return search.possible(conditions, search.start)
    except (_OutOfSteps, RecursionError):
        return True
