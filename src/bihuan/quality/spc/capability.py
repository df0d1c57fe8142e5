"""Capability of a process against its specification, with the interval that the number of results leaves."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist


@dataclass(frozen=True, slots=True)
class Capability:
    """`cp` is None where there is one limit only; `low` and `high` bound Cpk at `confidence` (0.90 for 90 %)."""

    n: int
    mean: float
    s: float
    cp: float | None
    cpk: float
    low: float
    high: float
    confidence: float


def capability(
    values: Sequence[float],
    lower: float | None = None,
    upper: float | None = None,
    *,
    confidence: float = 0.95,
) -> Capability | None:
    """Cp and Cpk of single results in the unit of the limits, s being the sample's standard deviation (n − 1).

    None where there is nothing to say: fewer than two results, no spread, or no limit. `ValueError` where the limits are
    the wrong way round.
    """
    n = len(values)
    if n < 2:
        return None
    mean = math.fsum(values) / n
    s = math.sqrt(math.fsum((one - mean) ** 2 for one in values) / (n - 1))
    return capability_of(n, mean, s, lower, upper, confidence=confidence)


def capability_of(
    n: int,
    mean: float,
    s: float,
    lower: float | None,
    upper: float | None,
    *,
    confidence: float = 0.95,
) -> Capability | None:
    """The same from the sample's size, mean and standard deviation.

    Cp = (U − L) / 6s; Cpk = min(U − mean, mean − L) / 3s. Interval after Bissell (1990, Applied Statistics 39):
    Cpk ± z · √(1 / 9n + Cpk² / 2(n − 1)).
    """
    if not 0 < confidence < 1:
        raise ValueError(f"a confidence lies between 0 and 1, not {confidence}")
    if lower is not None and upper is not None and lower >= upper:
        raise ValueError(f"the lower limit {lower} does not lie below the upper {upper}")
    if n < 2 or s <= 0 or (lower is None and upper is None):
        return None
    sides = [upper - mean] if upper is not None else []
    sides += [mean - lower] if lower is not None else []
    cpk = min(sides) / (3 * s)
    cp = (upper - lower) / (6 * s) if lower is not None and upper is not None else None
    z = NormalDist().inv_cdf(0.5 + confidence / 2)
    wide = z * math.sqrt(1 / (9 * n) + cpk**2 / (2 * (n - 1)))
    return Capability(n, mean, s, cp, cpk, cpk - wide, cpk + wide, confidence)
