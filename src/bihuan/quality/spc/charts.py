"""Control charts: centre line and limits at three standard errors, from the spread within the process."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

# Expected range of n normal results in standard deviations (d2), n = 2 … 10; tabled in every handbook of the field.
D2 = {2: 1.128, 3: 1.693, 4: 2.059, 5: 2.326, 6: 2.534, 7: 2.704, 8: 2.847, 9: 2.970, 10: 3.078}


@dataclass(frozen=True, slots=True)
class Limits:
    """`sigma`: the standard error of one point, so that the limits lie at three of them."""

    centre: float
    sigma: float

    @property
    def lower(self) -> float:
        return self.centre - 3 * self.sigma

    @property
    def upper(self) -> float:
        return self.centre + 3 * self.sigma


@dataclass(frozen=True, slots=True)
class Chart:
    points: tuple[float, ...]
    limits: Limits


def individuals_chart(values: Sequence[float], base: Sequence[float] | None = None) -> Chart | None:
    """A chart of single results: sigma from the mean moving range of two, MR / 1.128.

    `base`: the results that the limits come from, where they are not those on the chart. None for fewer than two, or
    where they never move.
    """
    known = values if base is None else base
    if len(known) < 2:
        return None
    centre = math.fsum(known) / len(known)
    moves = [abs(after - before) for before, after in itertools.pairwise(known)]
    sigma = math.fsum(moves) / len(moves) / D2[2]
    return Chart(tuple(values), Limits(centre, sigma)) if sigma > 0 else None


def means_chart(groups: Sequence[Sequence[float]]) -> Chart | None:
    """A chart of the means of groups of one size, 2 to 10: sigma from the mean range, R / d2 / √size.

    None where there is no group or no range; `ValueError` for groups of different or other sizes.
    """
    if not groups:
        return None
    size = len(groups[0])
    if size not in D2 or any(len(one) != size for one in groups):
        raise ValueError("the groups of a chart of means are of one size, from 2 to 10")
    means = [math.fsum(one) / size for one in groups]
    spread = math.fsum(max(one) - min(one) for one in groups) / len(groups)
    sigma = spread / D2[size] / math.sqrt(size)
    return Chart(tuple(means), Limits(math.fsum(means) / len(means), sigma)) if sigma > 0 else None
