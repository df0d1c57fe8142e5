"""Shares through blends, diamonds, heels and rework.

`w(a→b)` is the part of lot b that came straight from lot a. The share of an ancestor in a lot is the part of the lot's
content that was once in the ancestor. Where nothing goes round it is the sum over all ways of the products of `w`; it is
accumulated in topological order. Lots that went round (rework into the same lot) are solved together as the absorption
probability of a Markov chain: h(a) = N(t,a) / N(a,a) with N = (I − W)⁻¹ (Kemeny and Snell, Finite Markov Chains, ch. 3).

Only along heels is ancestry cut: where what remained in a tank accounts for less than `CUT` of the traced lot. A small
ingredient is never cut.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

CUT = 0.001


@dataclass(slots=True)
class Edge:
    """From one lot into another. `part`: w(source→target), None where amounts are not known; `heel`: it remained in a tank."""

    source: int
    target: int
    part: float | None
    heel: bool = False
    quantity: int | None = None  # carried along, in the source's unit


@dataclass(slots=True)
class Shares:
    """`of`: lot → share, None where it cannot be told. `cut`: the share whose ancestry is not followed. `edges`: those followed."""

    of: dict[int, float | None]
    cut: float = 0.0
    edges: list[Edge] = field(default_factory=list)


def ancestors(lot: int, edges: Iterable[Edge], cut: float = CUT) -> Shares:
    """The share of each ancestor in the lot."""
    incoming: dict[int, list[Edge]] = defaultdict(list)
    for edge in edges:
        incoming[edge.target].append(edge)
    found: dict[int, float | None] = {lot: 1.0}
    flow: dict[int, float | None] = {lot: 1.0}
    dropped, kept = 0.0, []
    order = _above_in_order(lot, incoming)
    for group in _groups_above(lot, incoming) if order is None else ([one] for one in order):
        entered = {one: flow[one] for one in group if one in flow}
        if not entered:
            continue  # everything that led here was cut
        if order is not None or (
            len(group) == 1 and all(edge.source != group[0] for edge in incoming[group[0]])
        ):
            found[group[0]] = entered[group[0]]
            through = entered
        else:
            through = _go_round(group, entered, incoming, found)
        for one, share in through.items():
            for edge in incoming.get(one, ()):
                source, part = edge.source, edge.part
                passed = None if share is None or part is None else share * part
                if edge.heel and passed is not None and passed < cut and source not in group:
                    dropped += passed
                    continue
                kept.append(edge)
                if source not in group:
                    flow[source] = passed if source not in flow else _add(flow[source], passed)
    found[lot] = 1.0
    return Shares(found, dropped, kept)


def _above_in_order(lot: int, incoming: Mapping[int, Sequence[Edge]]) -> list[int] | None:
    """Each lot after all that it went into (Kahn); None where something goes round."""
    waiting: dict[int, int] = {}
    for several in incoming.values():
        for edge in several:
            waiting[edge.source] = waiting.get(edge.source, 0) + 1
    if lot in waiting:
        return None  # it went round itself
    order = [lot]
    for one in order:
        for edge in incoming.get(one, ()):
            waiting[edge.source] -= 1
            if not waiting[edge.source]:
                order.append(edge.source)
    return order if len(order) == len(waiting) + 1 else None


def _groups_above(lot: int, incoming: Mapping[int, Sequence[Edge]]) -> Iterable[list[int]]:
    return reversed(
        components(lot, {one: [edge.source for edge in several] for one, several in incoming.items()})
    )


def _add(one: float | None, other: float | None) -> float | None:
    return None if one is None or other is None else one + other


def _go_round(
    group: Sequence[int],
    entered: Mapping[int, float | None],
    incoming: Mapping[int, list[Edge]],
    found: dict[int, float | None],
) -> dict[int, float | None]:
    """Shares of lots that went round into each other; gives how often what is traced passes each of them."""
    place = {one: number for number, one in enumerate(group)}
    size = len(group)
    matrix = [[1.0 if row == column else 0.0 for column in range(size)] for row in range(size)]
    known = all(share is not None for share in entered.values())
    for one in group:
        for edge in incoming[one]:
            if edge.source in place:
                if edge.part is None:
                    known = False
                else:
                    matrix[place[one]][place[edge.source]] -= edge.part
    visits = inverse(matrix) if known else None
    if visits is None:
        found.update(dict.fromkeys(group))
        return dict.fromkeys(group)
    passes: dict[int, float | None] = {}
    for one, column in place.items():
        total = sum((share or 0.0) * visits[place[start]][column] for start, share in entered.items())
        passes[one] = total
        found[one] = total / visits[column][column]
    return passes


def descendants(lot: int, edges: Iterable[Edge]) -> Shares:
    """The part of each descendant that was once in the lot."""
    # What came back was already counted when it was in the lot.
    below = [edge for edge in edges if edge.target != lot]
    found = _in_order(lot, below)
    return Shares(_round_about(lot, below) if found is None else found)


def _in_order(lot: int, edges: Sequence[Edge]) -> dict[int, float | None] | None:
    """Each lot's share after those of all that went into it (Kahn); None where something goes round. Most genealogies do not,
    and this is much quicker than looking for what does."""
    outgoing: dict[int, list[Edge]] = {}
    waiting: dict[int, int] = {}
    for edge in edges:
        if edge.source in outgoing:
            outgoing[edge.source].append(edge)
        else:
            outgoing[edge.source] = [edge]
        waiting[edge.target] = waiting.get(edge.target, 0) + 1
    found: dict[int, float | None] = dict.fromkeys(waiting, 0.0)
    found[lot] = 1.0
    order = [lot]
    for one in order:
        share = found[one]
        for edge in outgoing.get(one, ()):
            target, total = edge.target, found[edge.target]
            if share is None or edge.part is None or total is None:
                found[target] = None
            else:
                found[target] = total + share * edge.part
            waiting[target] -= 1
            if not waiting[target]:
                order.append(target)
    return found if len(order) == len(waiting) + 1 else None


def _round_about(lot: int, edges: Iterable[Edge]) -> dict[int, float | None]:
    """The same where some went round into each other: those are solved together."""
    incoming: dict[int, list[Edge]] = defaultdict(list)
    outgoing: dict[int, list[int]] = defaultdict(list)
    for edge in edges:
        incoming[edge.target].append(edge)
        outgoing[edge.source].append(edge.target)
    found: dict[int, float | None] = {lot: 1.0}
    for group in reversed(components(lot, outgoing)):
        if group == [lot]:
            continue
        one = group[0]
        if len(group) == 1 and all(edge.source != one for edge in incoming[one]):
            total: float | None = 0.0
            for edge in incoming[one]:
                share = found.get(edge.source, 0.0)
                total = _add(total, None if share is None or edge.part is None else share * edge.part)
            found[one] = total
        else:
            _reach_round(group, incoming, found)
    return found


def _reach_round(
    group: Sequence[int], incoming: Mapping[int, list[Edge]], found: dict[int, float | None]
) -> None:
    place = {one: number for number, one in enumerate(group)}
    size = len(group)
    matrix = [[1.0 if row == column else 0.0 for column in range(size)] for row in range(size)]
    given: list[float | None] = [0.0] * size
    for one in group:
        row = place[one]
        for edge in incoming[one]:
            if edge.source in place and edge.part is not None:
                matrix[row][place[edge.source]] -= edge.part
            else:
                share = found.get(edge.source, 0.0)
                given[row] = _add(
                    given[row], None if share is None or edge.part is None else share * edge.part
                )
    solved = None if any(one is None for one in given) else inverse(matrix)
    for one, row in place.items():
        found[one] = (
            None
            if solved is None
            else sum(solved[row][column] * (given[column] or 0.0) for column in range(size))
        )


def inverse(matrix: list[list[float]]) -> list[list[float]] | None:
    """By elimination with pivots; None where there is none (lots that consist of nothing but each other)."""
    size = len(matrix)
    work = [
        row[:] + [1.0 if row_at == column else 0.0 for column in range(size)]
        for row_at, row in enumerate(matrix)
    ]
    for column in range(size):
        best = max(range(column, size), key=lambda row: abs(work[row][column]))
        if abs(work[best][column]) < 1e-9:
            return None
        work[column], work[best] = work[best], work[column]
        pivot = work[column][column]
        work[column] = [one / pivot for one in work[column]]
        for row in range(size):
            factor = work[row][column]
            if row != column and factor:
                work[row] = [one - factor * other for one, other in zip(work[row], work[column], strict=True)]
    return [row[size:] for row in work]


def components(start: int, following: Mapping[int, Sequence[int]]) -> list[list[int]]:
    """Strongly connected components reachable from `start`, those that lead nowhere else first (Tarjan, without recursion)."""
    index: dict[int, int] = {start: 0}
    low: dict[int, int] = {start: 0}
    on_stack, stack = {start}, [start]
    work = [(start, iter(following.get(start, ())))]
    found: list[list[int]] = []
    while work:
        one, rest = work[-1]
        for other in rest:
            if other not in index:
                index[other] = low[other] = len(index)
                stack.append(other)
                on_stack.add(other)
                work.append((other, iter(following.get(other, ()))))
                break
            if other in on_stack:
                low[one] = min(low[one], index[other])
        else:
            work.pop()
            if work:
                above = work[-1][0]
                low[above] = min(low[above], low[one])
            if low[one] == index[one]:
                group = []
                while True:
                    member = stack.pop()
                    on_stack.discard(member)
                    group.append(member)
                    if member == one:
                        break
                found.append(group)
    return found
