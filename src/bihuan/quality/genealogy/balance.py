"""What goes in comes out or is declared lost.

All amounts are whole millionths. A `weight` is an amount in the common unit of balances (see `UnitWeight`); None means that
it cannot be told: the source gave no amount, or the unit has no factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Balance:
    """`gap` = in − out − lost; below zero, more came out than went in. None: cannot be told."""

    total_in: int | None
    gap: int | None

    def holds(self, tolerance: int) -> bool | None:
        """Whether the gap lies within `tolerance` millionths of what went in; None where it cannot be told."""
        if self.gap is None or self.total_in is None:
            return None
        return abs(self.gap) * 1_000_000 <= tolerance * self.total_in


def balance(taken: Sequence[int | None], made: Sequence[int | None], lost: int) -> Balance:
    total_in, total_out = _sum(taken), _sum(made)
    if total_in is None or total_out is None:
        return Balance(total_in, None)
    return Balance(total_in, total_in - total_out - lost)


def _sum(parts: Sequence[int | None]) -> int | None:
    total = 0
    for one in parts:
        if one is None:
            return None
        total += one
    return total


def apportion(amount: int, parts: Sequence[int]) -> list[int]:
    """Divide an amount in proportion to the parts, exactly: the sum is the amount (largest remainders, ties by place)."""
    total = sum(parts)
    if not total:
        return [0] * len(parts)
    shares = [divmod(amount * part, total) for part in parts]
    given = [one for one, _ in shares]
    left = amount - sum(given)
    for place in sorted(range(len(parts)), key=lambda one: -shares[one][1])[:left]:
        given[place] += 1
    return given


def part_among(amount: int | None, outputs: Sequence[int | None], lost: int) -> list[int | None]:
    """How an input's amount parts among the outputs, all being mixed; what was lost took its part as well.

    `outputs` and `lost` in one unit. With a single output and nothing lost no unit is needed; where amounts are not
    known, the parts are not.
    """
    if amount is None:
        return [None] * len(outputs)
    if len(outputs) == 1 and not lost:
        return [amount]
    known = [one for one in outputs if one is not None]
    if len(known) < len(outputs) or not sum(known):
        return [None] * len(outputs)
    return [*apportion(amount, [*known, lost])[:-1]]
