"""Ranking what stands out.

Numbers. With z the lot's values in standard deviations of the good lots and S their correlation (shrunk towards independence
as far as the number of lots asks for: Ledoit and Wolf 2004, J. Multivariate Analysis 88), a change of parameter j alone has
the likelihood ratio exp(A/2), A = (S⁻¹z)ⱼ² / (S⁻¹)ⱼⱼ: what is unusual about j once its relatives are known. A change of j that its
relatives follow has exp(B/2), B = zⱼ². A parameter's score is the logarithm of their mean, weighted 3 : 1.
Attributes. A value that c of m good lots have scores log((m + 1) / (c + 1)).

Whether the best score is more than chance says no table: each good lot is scored against all others in the same way, and the
lot stands out if its best score is among the highest 5 % of these (conformal prediction; exact for lots that are exchangeable,
whatever the distributions). With fewer than twenty good lots nothing can stand out by this rule.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ._numbers import Numbers
from .features import Feature, why_not

CHANCE = 0.05
MOST_GOOD = 400  # the newest good lots are enough, and scoring each against all others grows with the square
TWIN = 0.6


@dataclass(frozen=True, slots=True)
class Candidate:
    """A feature by how much it stands out. `score`: natural logarithm of how much likelier a change of it makes what is seen.

    `chance`: how often a lot without any cause has a best score this high. `position`: the share of good lots below the value;
    `z`: in standard deviations of the good lots; `twins`: features that move with it, so that data cannot tell them apart well.
    """

    name: str
    score: float
    chance: float
    value: float | str
    n: int
    good_median: float | str
    good_low: float | None
    good_high: float | None
    position: float
    z: float | None
    twins: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`candidates` are ranked also where nothing stands out, for whoever wants to look; `left_out`: (feature, code of why)."""

    stands_out: bool
    chance: float
    n: int
    candidates: tuple[Candidate, ...]
    left_out: tuple[tuple[str, str], ...]


def find_causes(features: Sequence[Feature], *, chance: float = CHANCE, most: int = 10) -> Comparison:
    """Compare one lot with good ones; the good lots are in order of time, the newest last.

    `ValueError` where features do not agree on the number of good lots or one is named twice.
    """
    sizes = {len(one.good) for one in features}
    if len(sizes) > 1:
        raise ValueError("the features are not of the same good lots")
    if len({one.name for one in features}) < len(features):
        raise ValueError("a feature is named twice")
    total = sizes.pop() if sizes else 0
    recent = [Feature(one.name, one.value, one.good[-MOST_GOOD:]) for one in features]
    left_out = tuple((one.name, code) for one in recent if (code := why_not(one)))
    compared = [one for one in recent if not why_not(one)]
    if not compared:
        return Comparison(False, 1.0, total, (), left_out)
    numbers = [one for one in compared if one.is_number]
    words = [one for one in compared if not one.is_number]
    found = Numbers([one.good for one in numbers], [one.value for one in numbers]) if numbers else None
    lot_scores: dict[str, float] = {}
    best_of_good = [-math.inf] * min(total, MOST_GOOD)
    if found is not None:
        scores, others = found.scores()
        lot_scores |= {one.name: score for one, score in zip(numbers, scores, strict=True)}
        best_of_good = [max(a, b) for a, b in zip(best_of_good, others, strict=True)]
    for word in words:
        score, good_scores = _word_scores(word)
        lot_scores[word.name] = score
        best_of_good = [max(a, b) for a, b in zip(best_of_good, good_scores, strict=True)]
    highest = sorted(best_of_good)

    def chance_of(score: float) -> float:
        return (1 + sum(1 for one in highest if one >= score)) / (len(highest) + 1)

    ranked = sorted(compared, key=lambda one: (-lot_scores[one.name], one.name))[:most]
    candidates = tuple(
        _candidate(one, lot_scores[one.name], chance_of(lot_scores[one.name]), numbers, found)
        for one in ranked
    )
    best = candidates[0].chance
    return Comparison(best <= chance, best, total, candidates, left_out)


def _word_scores(feature: Feature) -> tuple[float, list[float]]:
    """The lot's score and each good lot's among the others and the lot; one of which nothing is known has none."""
    known = Counter(str(one) for one in feature.good if one is not None)
    m = sum(known.values())
    own = str(feature.value)

    def score(count: int) -> float:
        return math.log((m + 1) / (count + 1))

    good = [
        -math.inf if one is None else score(known[str(one)] - 1 + (str(one) == own)) for one in feature.good
    ]
    return score(known[own]), good


def _candidate(
    feature: Feature, score: float, chance: float, numbers: Sequence[Feature], found: Numbers | None
) -> Candidate:
    known: list[Any] = [one for one in feature.good if one is not None]
    value: Any = feature.value
    if not feature.is_number or found is None:
        counts = Counter(map(str, known))
        return Candidate(
            feature.name, score, chance, value, len(known), counts.most_common(1)[0][0], None, None,
            counts[str(value)] / len(known), None, (),
        )  # fmt: skip
    ordered = sorted(known)
    at = [one.name for one in numbers].index(feature.name)
    below = sum(one < value for one in ordered) + sum(one == value for one in ordered) / 2
    return Candidate(
        feature.name, score, chance, value, len(ordered),
        _quantile(ordered, 0.5), _quantile(ordered, 0.05), _quantile(ordered, 0.95),
        below / len(ordered), found.z(at),
        tuple(numbers[i].name for i in found.related(at, TWIN)),
    )  # fmt: skip


def _quantile(ordered: Sequence[float], share: float) -> float:
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
