"""Numbers as policies see them: exact in sums, forgiving of binary noise at a threshold.

A metric may arrive as an exact Decimal or as a binary float that carries noise (79.99999999999999 for 80). Two rules
keep such noise from moving anybody:

- a float is read at 15 significant digits, all that a double can promise;
- a threshold t is reached within `tolerance(t)`: the larger of 1e-9 and 1e-11 of t. For money this is far under a cent
  up to a thousand million, so 9,999,999.99 still is not 10,000,000.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation, localcontext
from typing import Any

from bihuan.policy.errors import ValueUnusable

Value = Decimal | int | float | str | None

_ARITHMETIC = Context(prec=34, rounding=ROUND_HALF_EVEN)
_SIX_PLACES = Decimal("0.000001")
ZERO_WIDTH = 1e-9
"""A divisor nearer to zero than this counts as zero, in both evaluators."""


@contextmanager
def exact_arithmetic() -> Iterator[None]:
    """34 significant digits, half-even, whatever the caller's context is: replays must not depend on it."""
    with localcontext(_ARITHMETIC):
        yield


def to_number(value: Value, name: str = "value") -> Decimal | None:
    """The number, or None where there is none: None, "", NaN and the infinities are missing.

    Raises ValueUnusable for text that is not a number.
    """
    if value is None or value == "":
        return None
    if isinstance(value, float):
        return Decimal(f"{value:.15g}") if math.isfinite(value) else None
    try:
        number = value if isinstance(value, Decimal) else Decimal(value)
    except InvalidOperation:
        raise ValueUnusable(name, value, "a number") from None
    return number if number.is_finite() else None


def to_text(value: Value) -> str | None:
    """The text, or None where there is none; a number gives its plain form."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    number = to_number(value)
    return None if number is None else plain(number)


def plain(value: Decimal) -> str:
    """Full precision without exponent or trailing zeros: `5761931.382`, `0.05`, `0`."""
    text = format(value, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text in ("-0", "") else text


def rounded(value: Decimal) -> Decimal:
    """Six decimal places, half-even: how scores and points are stored."""
    return value.quantize(_SIX_PLACES, context=_ARITHMETIC)


def tolerance(threshold: float) -> float:
    return max(1e-9, 1e-11 * abs(threshold))


def meets(operator: str, operands: tuple[Decimal, ...], value: Any) -> Any:
    """Whether a number stands in the operator's relation to its operands.

    `value` is a float, or a column of an analytics engine that overloads comparison: both evaluators decide here, so that
    they cannot differ at a border.
    """
    bounds = [float(operand) for operand in operands]
    first = bounds[0]
    match operator:
        case "gte":
            return value >= first - tolerance(first)
        case "gt":
            return value > first + tolerance(first)
        case "lte":
            return value <= first + tolerance(first)
        case "lt":
            return value < first - tolerance(first)
        case "between":
            return (value >= first - tolerance(first)) & (value <= bounds[1] + tolerance(bounds[1]))
        case "eq" | "in":
            found = _near(value, first)
            for other in bounds[1:]:
                found = found | _near(value, other)
            return found
    raise AssertionError(operator)


def _near(value: Any, target: float) -> Any:
    return (value >= target - tolerance(target)) & (value <= target + tolerance(target))
