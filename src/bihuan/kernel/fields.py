"""Exact numbers. Money, prices and quantities are stored as whole millionths.

SQLite has no decimal type: a `DecimalField` there becomes a binary float, and sums drift. Whole millionths in a
64-bit integer are exact on both databases, index well and load fast; the range is ±9.2e12 units.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.db.models.expressions import Combinable

SCALE = 6
UNIT = 10**SCALE
_QUANTUM = Decimal(1).scaleb(-SCALE)


def to_fixed(value: Decimal | str | float) -> int:
    """Millionths of a number, half-even: `to_fixed("2.55") == 2550000`. Floats go through their shortest text."""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    return int(number.quantize(_QUANTUM, rounding=ROUND_HALF_EVEN).scaleb(SCALE))


def from_fixed(value: int | Decimal) -> Decimal:
    """The number that so many millionths are: `from_fixed(2550000) == Decimal("2.550000")`."""
    return Decimal(int(value)).scaleb(-SCALE)


def plain(value: Decimal) -> str:
    """Full precision without exponent or trailing zeros: `5761931.382`."""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


class FixedField(models.BigIntegerField):
    """A Decimal with six places, kept as a whole number of millionths."""

    description = "Exact number with six decimal places"
    if TYPE_CHECKING:  # what models declare with it reads as Decimal
        _pyi_private_set_type: Decimal | int | str | Combinable  # type: ignore[assignment]
        _pyi_private_get_type: Decimal  # type: ignore[assignment]

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        return None if value is None else from_fixed(value)

    def to_python(self, value: Any) -> Decimal | None:
        if value is None or isinstance(value, Decimal):
            return value
        try:
            return Decimal(str(value))
        except InvalidOperation as error:
            raise ValidationError(_("“%(value)s” is not a number."), params={"value": value}) from error

    def get_prep_value(self, value: Any) -> int | None:
        return None if value is None else to_fixed(value)

    def formfield(self, **kwargs: Any) -> Any:
        from django.forms import DecimalField

        return DecimalField(
            **{
                "decimal_places": SCALE,
                "required": not self.blank,
                "label": self.verbose_name,
            }
            | kwargs
        )
