"""What tests and readings say: where a characteristic lies within its limits, and how results are written. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass

LIMIT_AT = 4.0
"""Standard deviations from the mean to the nearest limit: a good plant hardly ever leaves them."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A characteristic of a product. `towards`: where its nearer limit lies, +1 above, -1 below."""

    id: int
    code: str
    name: str
    unit: str
    method: str
    mean: float
    sd: float
    towards: int
    lower: float | None
    upper: float | None

    def value(self, z: float) -> float:
        return round(self.mean + z * self.sd, places(self.sd))

    def said(self, value: float) -> str:
        return f"{value:.{places(self.sd)}f}"


def places(sd: float) -> int:
    """Decimals that tell a fifth of a standard deviation or so."""
    return min(8, max(0, 1 - math.floor(math.log10(sd)))) if sd > 0 else 0


def measured(
    identity: int, code: str, name: str, unit: str, method: str, lower: float | None, upper: float | None
) -> Measured:
    """Mean and spread of a plant that keeps the limits; one limit at least is given."""
    if lower is not None and upper is not None:
        mean, towards = (lower + upper) / 2, 1
    elif lower is not None:
        near_whole = unit == "%" and lower >= 50
        mean, towards = lower + 0.2 * (100 - lower) if near_whole else lower + 0.12 * (abs(lower) or 1), -1
    else:
        assert upper is not None
        mean, towards = 0.55 * upper if upper > 0 else upper - 0.15 * (abs(upper) or 1), 1
    limit = upper if towards > 0 else lower
    assert limit is not None
    return Measured(
        identity, code, name, unit, method, mean, abs(limit - mean) / LIMIT_AT, towards, lower, upper
    )
