"""What laboratories write, read as results: pure, no database."""

from __future__ import annotations

import math
import re
import unicodedata
from typing import NamedTuple

from django.utils.translation import gettext as _

from ..errors import LotError

_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")
_NUMBER = r"[-+]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][-+]?[0-9]+|\s*[×xX*]\s*10\^[-+]?[0-9]+)?"
# `<0.05`, 小于0.05, 未检出（<0.05）, ND (<0.05)
_BELOW = re.compile(
    rf"(?:(?:未检出|n\.?d\.?)\s*\(?\s*)?(?:<|小于|低于)\s*(?P<number>{_NUMBER})\s*(?P<rest>[^()]*)\)?", re.I
)
_VALUE = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<rest>.*)", re.S)
_TIMES_TEN = re.compile(r"\s*[×xX*]\s*10\^")
# Signs of a number that goes on: 1,5 and 1 000 and 5-6 and 0.5±0.1.
_GOES_ON = re.compile(r"[-+,.0-9~±'–—、]")
MOST = 1e15
_WORDS = {
    "毫克": "mg", "微克": "μg", "ug": "μg", "克": "g", "千克": "kg", "公斤": "kg", "吨": "t", "升": "L", "l": "L", "毫升": "mL",
    "ml": "mL", "立方米": "m^3", "m3": "m^3", "立方厘米": "cm^3", "cm3": "cm^3", "帕": "Pa", "千帕": "kPa", "兆帕": "MPa",
    "摄氏度": "°C", "°c": "°C", "毫米": "mm", "厘米": "cm", "米": "m", "牛": "N", "秒": "s",
}  # fmt: skip


class Written(NamedTuple):
    """`value` is the limit of detection where the result lies below it, None for a text such as 无色透明."""

    said: str
    value: float | None
    is_below_detection: bool


def tidy(text: str) -> str:
    """Full-width signs as plain ones (９９．５％ → 99.5%), raised figures after a ^ (10³ → 10^3)."""
    raised = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]+", lambda found: "^" + found[0].translate(_RAISED), text)
    return unicodedata.normalize("NFKC", raised).replace("\u2212", "-").strip()


def unit_key(unit: str) -> str:
    """What two ways to write one unit have in common: 毫克/千克, mg / kg and mg/kg."""
    parts = re.split(r"([/·*])", re.sub(r"\s+", "", tidy(unit)))
    return "".join(_WORDS.get(one, one) for one in parts)


def read_result(text: str, unit: str) -> Written:
    """A result as it was written, of a characteristic in `unit`, which may stand behind it.

    Raises ``LotError`` with code value or unit: another unit is refused, never converted.
    """
    plain = tidy(text)
    if not plain or len(plain) > 80:
        raise LotError(_("A result has at least one and at most 80 characters."), "value", "said")
    below = _BELOW.fullmatch(plain)
    found = below or _VALUE.fullmatch(plain)
    if found is None:
        if "<" in plain:
            raise LotError(_("“%(text)s” is no number.") % {"text": text.strip()}, "value", "said")
        return Written(text.strip(), None, False)
    rest = found["rest"].strip()
    if rest and _GOES_ON.match(rest):
        raise LotError(
            _("“%(text)s” is no number. Write it with a decimal point and without blanks or commas; the uncertainty has a field of its own.")
            % {"text": text.strip()},
            "value", "said",
        )  # fmt: skip
    if rest and (not unit or unit_key(rest) != unit_key(unit)):
        said = {"text": rest, "unit": unit}
        raise LotError(
            (_("“%(text)s” is another unit. Write the result in %(unit)s.") if unit else _("This characteristic has no unit, but “%(text)s” was written.")) % said,
            "unit", "said",
        )  # fmt: skip
    return Written(("<" if below else "") + found["number"], _number(found["number"], below is not None, text), below is not None)  # fmt: skip


def _number(said: str, is_limit: bool, text: str) -> float:
    value = float(_TIMES_TEN.sub("e", said))
    if not math.isfinite(value) or abs(value) > MOST or (is_limit and value <= 0):
        raise LotError(
            _("“%(text)s” is no number that can be measured.") % {"text": text.strip()}, "value", "said"
        )
    return value


def read_uncertainty(text: str, written: Written) -> float | None:
    """The expanded uncertainty (k = 2) in the unit of the value; None where it is empty. Raises ``LotError`` with code uncertainty."""
    plain = tidy(text).removeprefix("±").strip()
    if not plain:
        return None
    if written.value is None or written.is_below_detection:
        raise LotError(_("An uncertainty belongs to a measured number."), "uncertainty", "uncertainty")
    if re.fullmatch(_NUMBER, plain) is None:
        raise LotError(_("“%(text)s” is no number.") % {"text": text.strip()}, "uncertainty", "uncertainty")
    value = float(_TIMES_TEN.sub("e", plain))
    if not 0 <= value <= MOST:
        raise LotError(_("An uncertainty is not below zero."), "uncertainty", "uncertainty")
    return value
