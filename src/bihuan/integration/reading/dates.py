"""Dates as people write them. What one cell leaves open (12/1/2010) the whole column decides."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from bihuan.integration.reading.errors import Problem, problem
from bihuan.integration.reading.text import BLANK_VALUES, FORMULA_ERRORS, narrow

ORDERS = ("ymd", "mdy", "dmy")
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "jan january januar janvier enero",
            "feb february februar fevrier febrero",
            "mar march marec mär märz mars marzo mrz",
            "apr april avril abril",
            "may maj mai mayo",
            "jun june junij juni juin junio",
            "jul july julij juli juillet julio",
            "aug avg august avgust aout agosto",
            "sep sept september septembre",
            "oct okt october oktober octobre octubre",
            "nov november novembre noviembre",
            "dec dez december dezember decembre dic",
        ),
        1,
    )
    for name in names.split()
}
_TIME = (
    r"(?:[ t,]*(?P<noon>上午|下午|晚上|凌晨|中午|am|pm)?\s*(?P<hour>\d{1,2})[:时點点](?P<minute>\d{1,2})(?:[:分](?P<second>\d{1,2})?(?:[.,](?P<part>\d{1,9}))?秒?)?分?"
    r"\s*(?P<half>am|pm|a\.m\.|p\.m\.)?\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?)?"
)
_WEEKDAY = r"(?:\s*\(?(?:星期|周|週)[一二三四五六日天]\)?)?"
_YMD = re.compile(
    r"(?P<y>\d{4})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*[日号號]?"
    + _WEEKDAY
    + _TIME
    + r"\Z"
)
_COMPACT = re.compile(
    r"(?P<y>(?:19|20|21)\d{2})(?P<m>\d{2})(?P<d>\d{2})(?:[t ]?(?P<hour>\d{2})(?P<minute>\d{2})(?P<second>\d{2})?)?(?:\.0)?\Z"
)
_THREE = re.compile(
    r"(?P<a>\d{1,2})\s*(?P<sep>[-/. ])\s*(?P<b>\d{1,2})\s*(?P=sep)\s*(?P<c>\d{4}|\d{2})" + _TIME + r"\Z"
)
_SHORT_CHINESE = re.compile(r"(?P<y>\d{2})年(?P<m>\d{1,2})月(?P<d>\d{1,2})[日号]?" + _TIME + r"\Z")
_DAY_NAME = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(?P<d>\d{1,2})(?:st|nd|rd|th)?[-/. ]+(?P<name>[^\W\d_]{3,10})\.?[-/., ]+(?P<y>\d{4}|\d{2})"
    + _TIME
    + r"\Z"
)
_NAME_DAY = re.compile(
    r"(?:[a-z]{3,9},?\s+)?(?P<name>[^\W\d_]{3,10})\.?[-/. ]+(?P<d>\d{1,2})(?:st|nd|rd|th)?[,/. -]+(?P<y>\d{4}|\d{2})"
    + _TIME
    + r"\Z"
)
_SERIAL = re.compile(r"\d{4,6}(?:\.\d+)?\Z")
_NOTHING = frozenset(
    {"0000-00-00", "0000-00-00 00:00:00", "0000/00/00", "1900-01-00", "1899-12-30", "0", "00000000"}
)
FIRST, LAST = 1900, 2200

Moment = dt.datetime


@dataclass(frozen=True, slots=True)
class DateStyle:
    """How a column writes dates: the order where it is open, and the day that serial numbers count from."""

    order: str = "mdy"
    from_1904: bool = False


def parse_moment(raw: object, style: DateStyle) -> Moment | Problem | None:
    """A naive local datetime (or an aware one where the text names its zone), None for a blank, or why not."""
    if isinstance(raw, dt.datetime):
        return _in_range(_whole_second(raw), raw)
    if isinstance(raw, dt.date):
        return _in_range(dt.datetime(raw.year, raw.month, raw.day), raw)
    if isinstance(raw, bool | dt.time | dt.timedelta):
        return problem("not_a_date", value=raw)
    if isinstance(raw, int | float):
        return _from_number(float(raw), raw, style)
    if not isinstance(raw, str):
        return problem("not_a_date", value=raw)
    if len(raw) in (10, 19) and raw[4:5] == "-" and raw[7:8] == "-":
        try:
            moment = dt.datetime.fromisoformat(raw)
        except ValueError:
            pass
        else:
            return _in_range(moment, raw)
    text = narrow(raw).casefold()
    if text in BLANK_VALUES or text in _NOTHING:
        return None
    if text in FORMULA_ERRORS:
        return problem("formula_error", value=raw)
    return _parse_written(text, raw, style)


def _parse_written(text: str, raw: str, style: DateStyle) -> Moment | Problem | None:
    match = _YMD.match(text) or _COMPACT.match(text) or _SHORT_CHINESE.match(text)
    if match:
        return _build(int(match["y"]), int(match["m"]), int(match["d"]), match, raw)
    three = _THREE.match(text)
    if three:
        year, month, day = _arrange(three, style.order)
        if not (1 <= month <= 12) and style.order != "ymd" and 1 <= day <= 12:
            return problem("ambiguous_date", value=raw)
        return _build(year, month, day, three, raw)
    named = _DAY_NAME.match(text) or _NAME_DAY.match(text)
    if named and named["name"] in _MONTHS:
        return _build(int(named["y"]), _MONTHS[named["name"]], int(named["d"]), named, raw)
    if _SERIAL.match(text):
        return _from_number(float(text), raw, style)
    try:
        return _in_range(dt.datetime.fromisoformat(text.upper()), raw)
    except ValueError:
        return problem("not_a_date", value=raw)


def _arrange(match: re.Match[str], order: str) -> tuple[int, int, int]:
    a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
    if order == "ymd" and len(match["c"]) == 2:
        return a, b, c
    return (c, b, a) if order == "dmy" else (c, a, b)


def _build(year: int, month: int, day: int, match: re.Match[str], raw: str) -> Moment | Problem:
    if year < 100:
        year += 2000 if year < 70 else 1900
    parts = match.groupdict()
    hour = int(parts.get("hour") or 0)
    half = (parts.get("half") or parts.get("noon") or "").replace(".", "")
    if half in ("pm", "下午", "晚上") and hour < 12:
        hour += 12
    elif half in ("am", "上午", "凌晨") and hour == 12:
        hour = 0
    fraction = (parts.get("part") or "")[:6].ljust(6, "0")
    try:
        moment = dt.datetime(
            year,
            month,
            day,
            hour,
            int(parts.get("minute") or 0),
            int(parts.get("second") or 0),
            int(fraction),
        )
    except ValueError:
        return problem("not_a_date", value=raw)
    zone = parts.get("zone")
    if zone:
        offset = dt.timedelta()
        if zone[0] in "+-":
            digits = zone[1:].replace(":", "")
            offset = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:])) * (
                1 if zone[0] == "+" else -1
            )
        moment = moment.replace(tzinfo=dt.timezone(offset))
    return _in_range(moment, raw)


def _from_number(number: float, raw: object, style: DateStyle) -> Moment | Problem | None:
    """A spreadsheet's serial number, or 20110831 typed as a number."""
    if number == 0:
        return None
    if number == int(number) and 19_000_101 <= number <= 22_001_231:
        compact = _COMPACT.match(str(int(number)))
        return (
            _build(int(compact["y"]), int(compact["m"]), int(compact["d"]), compact, str(raw))
            if compact
            else problem("not_a_date", value=raw)
        )
    if not 1 <= number < 110_000 or (
        FIRST <= number <= LAST and number == int(number)
    ):  # 2011 is a year, no day
        return problem("not_a_date", value=raw)
    if style.from_1904:
        start = dt.datetime(1904, 1, 1)
    else:
        # The spreadsheet believes that 1900 was a leap year: before March 1900 it counts one day less.
        start = dt.datetime(1899, 12, 30) if number >= 61 else dt.datetime(1899, 12, 31)
    seconds = round((number - int(number)) * 86400)
    return _in_range(start + dt.timedelta(days=int(number), seconds=seconds), raw)


def _in_range(moment: Moment, raw: object) -> Moment | Problem:
    return moment if FIRST <= moment.year <= LAST else problem("date_out_of_range", value=raw)


def _whole_second(moment: dt.datetime) -> dt.datetime:
    """Serial numbers give times like 08:25:59.999997; what lies within a millisecond of a second is that second."""
    if not moment.microsecond:
        return moment
    if moment.microsecond < 1000:
        return moment.replace(microsecond=0)
    if moment.microsecond > 999_000:
        return moment.replace(microsecond=0) + dt.timedelta(seconds=1)
    return moment


def possible_orders(raw: object) -> frozenset[str]:
    """The orders in which an open date makes sense; empty when the cell does not leave anything open."""
    if not isinstance(raw, str) or len(raw) > 40:
        return frozenset()
    match = _THREE.match(narrow(raw).casefold())
    if not match:
        return frozenset()
    a, b, c = int(match["a"]), int(match["b"]), int(match["c"])
    found = set()
    if 1 <= a <= 12 and 1 <= b <= 31:
        found.add("mdy")
    if 1 <= b <= 12 and 1 <= a <= 31:
        found.add("dmy")
    if len(match["c"]) == 2 and 1 <= b <= 12 and 1 <= c <= 31:
        found.add("ymd")
    return frozenset(found)


def separator(raw: str) -> str:
    """Which sign parts an open date."""
    match = _THREE.match(narrow(raw).casefold())
    return match["sep"] if match else ""
