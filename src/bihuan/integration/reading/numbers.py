"""Numbers as people write them, exactly, in millionths."""

from __future__ import annotations

import re
from decimal import ROUND_HALF_EVEN, Decimal, InvalidOperation

from bihuan.integration.reading.errors import Problem, problem
from bihuan.integration.reading.text import BLANK_VALUES, FORMULA_ERRORS, narrow

UNIT = 1_000_000
LARGEST = 9_000_000_000_000 * UNIT  # what a 64-bit integer of millionths holds, with room for a sum

_PLAIN = re.compile(r"[+-]?\d{1,12}(?:\.\d{0,6})?\Z")
_CURRENCY = re.compile(
    r"(?:人民币|美元|欧元|英镑|港币|港元|日元|rmb|cny|usd|eur|gbp|hkd|jpy|us\$|hk\$|[¥$€£￥]|块钱|块|元整|圆整|元|圆)",
    re.IGNORECASE,
)
_SUFFIXES = (
    ("万亿", Decimal(10) ** 12),
    ("亿", Decimal(10) ** 8),
    ("億", Decimal(10) ** 8),
    ("千万", Decimal(10) ** 7),
    ("百万", Decimal(10) ** 6),
    ("十万", Decimal(10) ** 5),
    ("万", Decimal(10) ** 4),
    ("萬", Decimal(10) ** 4),
    ("%", Decimal("0.01")),
    ("‰", Decimal("0.001")),
)
_POINT = re.compile(
    r"(?:\d{1,3}(?:,\d{3})+|\d{1,4}(?:,\d{4})+|\d{1,2}(?:,\d{2})+,\d{3}|\d+)?(?:\.\d*)?(?:e[+-]?\d{1,3})?\Z",
    re.I,
)
_COMMA = re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d+)?(?:,\d*)?(?:e[+-]?\d{1,3})?\Z", re.I)
_SURE_COMMA = re.compile(
    r"(?:\d{1,3}(?:\.\d{3})+,\d+|\d+,(?:\d{1,2}|\d{4,})|0,\d+|\d{4,},\d+|\d{1,3}(?:\.\d{3}){2,})\Z"
)
_SURE_POINT = re.compile(
    r"(?:\d{1,3}(?:,\d{3})+\.\d*|\d+\.(?:\d{1,2}|\d{4,})|0?\.\d+|\d{4,}\.\d+|\d{1,3}(?:,\d{3}){2,})\Z"
)


def parse_number(raw: object, *, comma: bool = False) -> int | Problem | None:
    """Millionths, None for a blank, or why not. `comma`: the column writes 1.234,56.

    More than six decimals are rounded half to even: spreadsheets store 0.1 + 0.2 as 0.30000000000000004.
    """
    if isinstance(raw, bool):
        return problem("not_a_number", value=raw)
    if isinstance(raw, int):
        return raw * UNIT if abs(raw) * UNIT <= LARGEST else problem("number_too_large", value=raw)
    if isinstance(raw, float):
        return _scaled(Decimal(repr(raw)), raw)
    if not isinstance(raw, str):
        return problem("not_a_number", value=raw)
    if not comma and _PLAIN.match(raw):
        whole, _, part = raw.partition(".")
        micro = int(whole) * UNIT
        if part:
            step = int(part) * 10 ** (6 - len(part))
            return micro - step if whole.startswith("-") else micro + step
        return micro
    return _parse_written(raw, comma)


def _parse_written(raw: str, comma: bool) -> int | Problem | None:
    text = narrow(raw).casefold()
    if text in BLANK_VALUES:
        return None
    if text in FORMULA_ERRORS:
        return problem("formula_error", value=raw)
    body, sign, factor = _strip(text)
    body = re.sub(r"(?<=\d)[ '’](?=\d{3}(?!\d))", "", body)
    if not body or not re.search(r"\d", body):
        return problem("not_a_number", value=raw)
    if comma:
        if not _COMMA.match(body):
            return problem("not_a_number", value=raw)
        body = body.replace(".", "").replace(",", ".")
    else:
        if not _POINT.match(body):
            return problem("not_a_number", value=raw)
        body = body.replace(",", "")
    try:
        return _scaled(Decimal(body) * factor * sign, raw)
    except InvalidOperation:
        return problem("not_a_number", value=raw)


def _strip(text: str) -> tuple[str, int, Decimal]:
    """The digits with their separators, the sign, and what a suffix multiplies by."""
    sign = 1
    factor = Decimal(1)
    text = text.replace("−", "-").replace("–", "-").replace("、", ",")
    text = _CURRENCY.sub("", text).strip()
    if text.startswith("(") and text.endswith(")"):
        sign, text = -sign, text[1:-1].strip()
    if text.startswith("-") or text.startswith("+"):
        sign, text = (-sign if text[0] == "-" else sign), text[1:].strip()
    elif text.endswith("-") and text[:-1].strip()[-1:].isdigit():
        sign, text = -sign, text[:-1].strip()  # as SAP writes a credit
    for suffix, value in _SUFFIXES:
        if text.endswith(suffix) and text[: -len(suffix)].strip()[-1:].isdigit():
            factor, text = value, text[: -len(suffix)].strip()
            break
    return text, sign, factor


def _scaled(number: Decimal, raw: object) -> int | Problem:
    if not number.is_finite():
        return problem("not_a_number", value=raw)
    if abs(number) * UNIT > LARGEST:
        return problem("number_too_large", value=raw)
    return int((number * UNIT).to_integral_value(rounding=ROUND_HALF_EVEN))


def comma_evidence(raw: object) -> int:
    """+1 when the text can only be meant with a decimal comma, -1 with a point, 0 when it does not say."""
    if not isinstance(raw, str) or not ("," in raw or "." in raw or "，" in raw or "．" in raw):
        return 0
    body, _, _ = _strip(narrow(raw).casefold())
    if _SURE_COMMA.match(body) and not _SURE_POINT.match(body):
        return 1
    if _SURE_POINT.match(body) and not _SURE_COMMA.match(body):
        return -1
    return 0
