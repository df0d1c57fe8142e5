"""How like two cases are, and why. Pure: no database, no clock."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bihuan.kernel.search_text import index_words, is_chinese, runs

FEWEST = 4
"""Of fewer words than these nothing is said."""
LEAST_SHARE = 0.3
"""What shares less of the shorter one's words counts for nothing."""
POINTS: Mapping[str, int] = {
    "lot": 40, "shipment": 30, "investigation": 30, "order": 25, "document": 20, "defect": 20, "product": 10, "customer": 10,
}  # fmt: skip
POINTS_OF_WORDS = 40
LEAST = 20
"""From here on two cases are like each other: the customer alone, or the product alone, makes nothing alike."""
SAME_GOODS = frozenset({"lot", "shipment", "order", "document"})
MOST_SAID = 4


@dataclass(frozen=True, slots=True)
class Traits:
    """What of a case is compared. `things`: kind → keys, of references, investigation, defect."""

    customer: int | None
    words: frozenset[str]
    things: Mapping[str, frozenset[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Likeness:
    """`same`: the kinds of things that are the same, the weightiest first; `words` shared by both, `share` of the shorter's."""

    points: int
    same: tuple[str, ...]
    words: frozenset[str]
    share: float


def words_in(text: str) -> frozenset[str]:
    """A text's words, Chinese ones as pairs; single signs say nothing."""
    return frozenset(word for word in index_words(text) if len(word) > 1)


def is_alike(shared: int, one: int, other: int) -> bool:
    """Whether texts sound alike by their numbers of words: the longer one has half of the shorter one's."""
    return shared * 2 >= min(one, other) >= FEWEST


def likeness(one: Traits, other: Traits) -> Likeness:
    """How like they are: points for each kind of thing that is the same, and for the share of words."""
    same = [
        kind
        for kind, keys in one.things.items()
        if kind in POINTS and keys & other.things.get(kind, frozenset())
    ]
    if one.customer is not None and one.customer == other.customer:
        same.append("customer")
    same.sort(key=lambda kind: (-POINTS[kind], kind))
    shared = one.words & other.words
    shorter = min(len(one.words), len(other.words))
    share = len(shared) / shorter if shorter >= FEWEST else 0.0
    if share < LEAST_SHARE:
        shared, share = frozenset(), 0.0
    points = sum(POINTS[kind] for kind in same) + round(POINTS_OF_WORDS * share)
    return Likeness(points, tuple(same), shared, share)


def is_similar(found: Likeness) -> bool:
    return found.points >= LEAST


def is_likely_the_same(found: Likeness, drafted: int) -> bool:
    """Whether a case that is being written (of so many words yet) may be there already: the same goods, or the customer's in
    like words; while hardly anything is written, any of the customer's. It is a hint: rather once too often than not at all."""
    if SAME_GOODS.intersection(found.same):
        return True
    return "customer" in found.same and (drafted < FEWEST or found.share > 0)


def said_words(text: str, shared: frozenset[str]) -> list[str]:
    """The shared words as they stand in the text: pairs that follow each other as one, the longest few in their order."""
    found: dict[str, None] = {}
    for run in runs(text):
        if not is_chinese(run):
            if run in shared:
                found[run] = None
            continue
        start = None
        for at in range(len(run)):
            if run[at : at + 2] in shared and at < len(run) - 1:
                start = at if start is None else start
            elif start is not None:
                found[run[start : at + 1]] = None
                start = None
    longest = sorted(found, key=lambda word: -len(word))[:MOST_SAID]
    return [word for word in found if word in longest]
