"""What is compared: parameters as numbers, attributes as words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from ._numbers import Numbers

FEWEST = 10  # good lots that have a value, below which nothing can be said of a feature


@dataclass(frozen=True, slots=True)
class Feature:
    """One parameter or attribute: of the deviating lot (`value`) and of the good lots (`good`, one each, in the same order
    for all features). None: not known. A number is compared as a number, a text as one of several."""

    name: str
    value: float | str | None
    good: Sequence[float | str | None] = field(default=())

    @property
    def is_number(self) -> bool:
        known = [one for one in (self.value, *self.good) if one is not None]
        return all(isinstance(one, int | float) and not isinstance(one, bool) for one in known)


def why_not(feature: Feature) -> str:
    """Why a feature cannot be compared, as a code; empty if it can."""
    if feature.value is None:
        return "not_known"
    known = [one for one in feature.good if one is not None]
    if len(known) < FEWEST:
        return "too_few"
    if feature.is_number:
        return "" if Numbers.spread(known) > 0 or feature.value != known[0] else "always_the_same"
    counts = Counter(map(str, known))
    # A number of its own for each lot, such as a raw lot's: that it is new says nothing.
    if sum(1 for one in known if counts[str(one)] == 1) * 2 > len(known):
        return "each_its_own"
    return "always_the_same" if len(counts) == 1 and str(feature.value) in counts else ""
