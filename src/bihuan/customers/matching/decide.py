"""From weighed pairs to decisions: who is one, without contradiction. Pure Python; precision goes first.

A pair may be proposed, doubtful, or vetoed. Proposals are taken strongest first; one is refused when it would
bring together two records of which a veto says that they differ. When linking two files a record of either
side is taken at most once, and a record with two partners of nearly equal weight goes to neither.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

type Contradicts = Callable[[int, int], bool]

# Bits by which the best partner must lead the second.
LEAD = 3.0


class Weighed(NamedTuple):
    """A candidate pair: numbers of the records, probability, bits of evidence, and what the guards say."""

    a: int
    b: int
    probability: float
    weight: float
    proposed: bool
    vetoed: bool
    certain: bool = False  # an identifier proves it: other partners do not make it doubtful


class Decided(NamedTuple):
    a: int
    b: int
    probability: float
    merge: bool


def one_to_one(pairs: Iterable[Weighed]) -> Iterator[Decided]:
    """Decide for a linkage: each record of either side in at most one merge."""
    ordered = sorted(pairs, key=lambda pair: (-pair.weight, pair.a, pair.b))
    best: dict[tuple[str, int], list[float]] = defaultdict(list)
    for pair in ordered:
        for key in (("a", pair.a), ("b", pair.b)):
            if len(best[key]) < 2 and not pair.vetoed:
                best[key].append(pair.weight)
    taken_a: set[int] = set()
    taken_b: set[int] = set()
    for pair in ordered:
        merge = pair.proposed and not pair.vetoed and pair.a not in taken_a and pair.b not in taken_b
        for weights in (best[("a", pair.a)], best[("b", pair.b)]):
            if merge and not pair.certain and len(weights) > 1 and weights[0] - weights[1] < LEAD:
                merge = False
        if merge:
            taken_a.add(pair.a)
            taken_b.add(pair.b)
        yield Decided(pair.a, pair.b, pair.probability, merge)


def _groups(pairs: list[Weighed], contradicts: Contradicts) -> dict[int, list[int]]:
    root: dict[int, int] = {}
    members: dict[int, list[int]] = {}
    fits: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for pair in pairs:
        if not pair.vetoed:
            fits[pair.a].append((pair.weight, pair.b))
            fits[pair.b].append((pair.weight, pair.a))

    def find(record: int) -> int:
        while (parent := root.setdefault(record, record)) != record:
            root[record] = root[parent]
            record = parent
        return record

    def is_torn(record: int, partner: int, weight: float) -> bool:
        """Whether the record fits nearly as well to another, who cannot be one with the partner."""
        for other_weight, other in fits[record]:
            if (
                other == partner
                or other_weight < weight - LEAD
                or find(other) in (find(record), find(partner))
            ):
                continue
            if contradicts(other, partner):
                return True
        return False

    for pair in sorted(pairs, key=lambda pair: (-pair.weight, pair.a, pair.b)):
        if not pair.proposed or pair.vetoed:
            continue
        left, right = find(pair.a), find(pair.b)
        if left == right:
            continue
        if not pair.certain and (
            is_torn(pair.a, pair.b, pair.weight) or is_torn(pair.b, pair.a, pair.weight)
        ):
            continue
        ours, theirs = members.get(left, [left]), members.get(right, [right])
        if any(contradicts(a, b) for a in ours for b in theirs):
            continue
        keep, drop = min(left, right), max(left, right)
        root[drop] = keep
        members[keep] = sorted(ours + theirs)
        members.pop(drop, None)
    return members


def clusters(pairs: Iterable[Weighed], contradicts: Contradicts | None = None) -> dict[int, list[int]]:
    """Members by cluster (named by its smallest member), of two records at least.

    `contradicts(a, b)` says of any two records, compared or not, that they cannot be one.
    """
    listed = list(pairs)
    vetoes: set[tuple[int, int]] = set()
    for pair in listed:
        if pair.vetoed:
            vetoes |= {(pair.a, pair.b), (pair.b, pair.a)}

    def rules_out(a: int, b: int) -> bool:
        return (a, b) in vetoes or (contradicts is not None and contradicts(a, b))

    return _groups(listed, rules_out)


def deduplicated(pairs: Iterable[Weighed], contradicts: Contradicts | None = None) -> Iterator[Decided]:
    """Decide for one file: every two members of a cluster merge, also those that were never compared."""
    listed = list(pairs)
    groups = clusters(listed, contradicts)
    group_of = {record: name for name, records in groups.items() for record in records}
    scored: set[tuple[int, int]] = set()
    least: dict[int, float] = {}
    for pair in listed:
        group = group_of.get(pair.a)
        merge = group is not None and group == group_of.get(pair.b)
        if merge and group is not None:
            scored.add((min(pair.a, pair.b), max(pair.a, pair.b)))
            if pair.proposed:
                least[group] = min(least.get(group, 1.0), pair.probability)
        yield Decided(pair.a, pair.b, pair.probability, merge)
    for name, records in groups.items():
        if len(records) > 2:
            for at, a in enumerate(records):
                for b in records[at + 1 :]:
                    if (a, b) not in scored:
                        yield Decided(a, b, least.get(name, 0.0), True)
