"""A column of cells becomes a column of values. Each distinct cell is looked at once."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bihuan.customers.matching.characters import fold
from bihuan.integration.reading.dates import DateStyle, parse_moment
from bihuan.integration.reading.errors import Problem, problem
from bihuan.integration.reading.fields import Field
from bihuan.integration.reading.numbers import UNIT, parse_number
from bihuan.integration.reading.text import BLANK_VALUES, FORMULA_ERRORS, clean, is_blank, key, narrow, unwrap

MEMORY = 400_000  # distinct cells remembered per column
YES = frozenset(
    {
        "是",
        "有",
        "对",
        "真",
        "y",
        "yes",
        "true",
        "t",
        "1",
        "1.0",
        "√",
        "✓",
        "✔",
        "☑",
        "on",
        "x",
        "启用",
        "有效",
        "在职",
        "正常",
        "在售",
        "主",
    }
)
NO = frozenset(
    {
        "否",
        "没有",
        "不",
        "假",
        "n",
        "no",
        "false",
        "f",
        "0",
        "0.0",
        "×",
        "✗",
        "✘",
        "☐",
        "off",
        "停用",
        "无效",
        "离职",
        "停售",
        "次",
    }
)
CURRENCIES = {
    "人民币": "CNY",
    "rmb": "CNY",
    "cny": "CNY",
    "¥": "CNY",
    "元": "CNY",
    "美元": "USD",
    "美金": "USD",
    "$": "USD",
    "us$": "USD",
} | {
    "欧元": "EUR",
    "€": "EUR",
    "英镑": "GBP",
    "£": "GBP",
    "港币": "HKD",
    "港元": "HKD",
    "hk$": "HKD",
    "日元": "JPY",
    "日圆": "JPY",
}
_MANGLED = re.compile(r"\d(?:\.\d+)?e\+\d{2}\Z", re.I)
_POINT_ZERO = re.compile(r"\d{1,15}\.0\Z")
_LISTED = re.compile(r"[,;、，；|/\n]+")
_EXACT_FLOAT = 1e15
_PLAIN_DATES = DateStyle()


class Memo(dict[Any, Any]):
    """Remembers what each distinct cell became. `column[...]` on it runs at the speed of a dictionary."""

    __slots__ = ("parse", "problems")

    def __init__(self, parse: Callable[[Any], Any]) -> None:
        super().__init__()
        self.parse = parse
        self.problems = False

    def __missing__(self, raw: Any) -> Any:
        value = self.parse(raw)
        if type(value) is Problem:
            self.problems = True
        if len(self) >= MEMORY:
            self.clear()
        self[raw] = value
        return value


@dataclass(frozen=True, slots=True)
class Style:
    """How one column writes its values, decided over all of it."""

    dates: DateStyle = _PLAIN_DATES
    comma: bool = False
    point_zero: bool = False  # codes that went through a float: 17850.0
    factor: int = 1  # 金额（万元）


class ColumnParser:
    """Parses one field's column batch by batch."""

    def __init__(self, field: Field, style: Style, values: Mapping[str, str] | None = None) -> None:
        self.field = field
        self.style = style
        self.values = {key(word): meaning for word, meaning in (values or {}).items()}
        self.memo = Memo(self._parse)

    def parse(self, cells: Sequence[Any]) -> list[Any]:
        """Values in order: None for a blank, ``Problem`` for what cannot be."""
        return list(map(self.memo.__getitem__, plain_cells(cells)))

    @property
    def problems(self) -> bool:
        """Whether any cell so far was refused."""
        return self.memo.problems

    def _parse(self, raw: Any) -> Any:
        kind = self.field.type
        if self.values:
            mapped = self.values.get(key(to_text(raw)))
            if mapped is not None:
                raw = mapped
        if kind == "number":
            value = parse_number(raw, comma=self.style.comma)
            return value * self.style.factor if self.style.factor != 1 and type(value) is int else value
        if kind in ("date", "moment"):
            return self._date(raw)
        if kind == "flag":
            return parse_flag(raw)
        return self._text(raw)

    def _date(self, raw: Any) -> Any:
        moment = parse_moment(raw, self.style.dates)
        if self.field.type == "date" and isinstance(moment, dt.datetime):
            return moment.date()
        return moment

    def _text(self, raw: Any) -> Any:
        if isinstance(raw, float) and abs(raw) >= _EXACT_FLOAT and self.field.type == "code":
            return problem("digits_lost", value=to_text(raw))
        text = to_text(raw)
        if self.field.type == "code":
            if 4 < len(text) <= self.field.limit and text.isascii() and text.isalnum():
                return text  # most codes: nothing to clean, no word for nothing is that long
            text = narrow(unwrap(narrow(text)))
            if self.style.point_zero and _POINT_ZERO.match(text):
                text = text[:-2]
            if _MANGLED.match(text) and "e+" in text.casefold():
                return problem("digits_lost", value=text)
        else:
            text = clean(text)
        if is_blank(text):
            return None
        if text.casefold() in FORMULA_ERRORS:
            return problem("formula_error", value=text)
        if self.field.name == "currency":
            return parse_currency(text)
        if self.field.type == "choice":
            return self._choice(text)
        if self.field.type == "list":
            return self._list(text)
        if self.field.limit and len(text) > self.field.limit:
            return problem("too_long", length=len(text), limit=self.field.limit)
        return text

    def _list(self, text: str) -> Any:
        parts = tuple(dict.fromkeys(part.strip() for part in _LISTED.split(text) if part.strip()))
        longest = max(map(len, parts), default=0)
        if self.field.limit and longest > self.field.limit:
            return problem("too_long", length=longest, limit=self.field.limit)
        return parts

    def _choice(self, text: str) -> Any:
        word = key(text)
        simple = fold(word)
        for value, words in self.field.choices:
            if word == value or word in words or simple in words:
                return value
        return problem(
            "unknown_choice", value=text, choices=", ".join(value for value, _ in self.field.choices)
        )


def plain_cells(cells: Sequence[Any]) -> Sequence[Any]:
    """Truth values as words: as dictionary keys, True and 1 would be the same cell."""
    if bool in set(map(type, cells)):
        return ["TRUE" if cell is True else "FALSE" if cell is False else cell for cell in cells]
    return cells


def to_text(raw: Any) -> str:
    """The text that a person sees in the cell."""
    if isinstance(raw, str):
        return raw
    if raw is None:
        return ""
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 1e18 else repr(raw)
    if isinstance(raw, dt.datetime):
        return raw.date().isoformat() if raw.time() == dt.time() else raw.isoformat(" ")
    return str(raw)


def parse_flag(raw: Any) -> bool | Problem | None:
    """Yes and no, as people tick them."""
    word = key(to_text(raw))
    if word in YES:
        return True
    if word in NO or word == "无":
        return False
    return None if word in BLANK_VALUES else problem("not_yes_or_no", value=to_text(raw))


def parse_currency(text: str) -> str | Problem:
    """The three-letter code."""
    known = CURRENCIES.get(key(text))
    if known:
        return known
    code = narrow(text).upper()
    return (
        code
        if len(code) == 3 and code.isascii() and code.isalpha()
        else problem("unknown_choice", value=text, choices="CNY, USD, EUR, …")
    )


def shown_number(micro: int) -> str:
    """Millionths as plain decimal text."""
    sign = "-" if micro < 0 else ""
    whole, part = divmod(abs(micro), UNIT)
    return f"{sign}{whole}.{part:06d}".rstrip("0").rstrip(".") if part else f"{sign}{whole}"
