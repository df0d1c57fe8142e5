"""Calendars as documents (YAML or JSON, docs/service-clocks.md): reading them, and those that come with us."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from bihuan.kernel.clocks.business import Hours
from bihuan.kernel.clocks.calendars import DAYS, CalendarHistory, CalendarVersion
from bihuan.kernel.clocks.errors import ClockFault
from bihuan.kernel.clocks.holidays import LISTS, holiday_list
from bihuan.kernel.clocks.instants import FIRST_YEAR, LAST_YEAR, read_moment, zone_named

KEYS = frozenset(
    {"name", "zone", "week", "holidays", "workdays", "published_years", "version", "valid_from", "valid_to",
     "known_from"}
)  # fmt: skip
SPAN = re.compile(r"(\d{1,2}):(\d{2})\s*[-–—~～至]\s*(\d{1,2}):(\d{2})")
DAY_MINUTES = 24 * 60
ALIASES = {"7x24": "24x7", "12x7": "7x12"}


def parse_calendar(document: object, name: str = "calendar") -> CalendarHistory:
    """A calendar from its document: one version, or `versions: [...]` whose entries complete what stands outside.

    Raises `ClockFault` with the place in the document.
    """
    outer = _mapping(document, "")
    if "versions" not in outer:
        return CalendarHistory([_version(outer, name, "", "1")])
    shared = {key: value for key, value in outer.items() if key != "versions"}
    entries = outer["versions"]
    if not isinstance(entries, list) or not entries:
        raise ClockFault("not_a_list", "versions")
    return CalendarHistory(
        [
            _version(
                {**shared, **_mapping(entry, f"versions[{index}]")},
                name,
                f"versions[{index}].",
                str(index + 1),
            )
            for index, entry in enumerate(entries)
        ]
    )


@cache
def _packaged() -> Mapping[str, CalendarHistory]:
    text = files(__package__).joinpath("data", "calendars.yaml").read_text(encoding="utf-8")
    return {str(name): parse_calendar(one, str(name)) for name, one in yaml.safe_load(text).items()}


def packaged_calendars() -> dict[str, CalendarHistory]:
    """The calendars that come with us, by name."""
    return dict(_packaged())


def packaged_calendar(name: str) -> CalendarHistory | None:
    """The calendar of that name that comes with us, also as `7×24`; None where there is none."""
    plain = name.strip().lower().replace("×", "x").replace("_", "-")
    return _packaged().get(ALIASES.get(plain, plain))


def _version(document: Mapping[str, Any], name: str, at: str, number: str) -> CalendarVersion:
    for key in document:
        if key not in KEYS:
            raise ClockFault("one_of", at + str(key), value=key, known=", ".join(sorted(KEYS)))
    for key in ("zone", "week"):
        if key not in document:
            raise ClockFault("missing", at.rstrip("."), key=key)
    zone = zone_named(str(document["zone"]))
    week = _week(document["week"], f"{at}week")
    holidays, lists = _holidays(document.get("holidays"), f"{at}holidays")
    usual = next((hours for hours in week if hours), ())
    workdays = {day: week[day.weekday()] or usual for one in lists for day in holiday_list(one).work}
    workdays |= _workdays(document.get("workdays"), week, usual, f"{at}workdays")
    if not any(week) and not any(workdays.values()):
        raise ClockFault("no_hours", f"{at}week")
    published = frozenset(year for one in lists for year in holiday_list(one).years)
    listed = published if lists else None
    if document.get("published_years") is not None:
        listed = published | _years(document["published_years"], f"{at}published_years")
    known = document.get("known_from")
    return CalendarVersion(
        name=str(document.get("name", name)),
        zone=zone.key,
        week=week,
        holidays=holidays,
        workdays=workdays,
        listed_years=listed,
        version=str(document.get("version", number)),
        valid_from=_date(document.get("valid_from", date.min), f"{at}valid_from"),
        valid_to=None if document.get("valid_to") is None else _date(document["valid_to"], f"{at}valid_to"),
        known_from=None if known is None else read_moment(_text_of(known), zone),
    )


def _week(value: object, at: str) -> tuple[Hours, ...]:
    week: list[Hours] = [()] * 7
    for key, spans in _mapping(value, at).items():
        for index in _days(str(key), f"{at}.{key}"):
            week[index] = _hours(spans, f"{at}.{key}")
    return tuple(week)


def _days(key: str, at: str) -> range:
    """Which weekdays a key names: mon, Monday, mon-fri, weekdays, weekend, daily."""
    groups = {"daily": range(7), "weekdays": range(5), "weekend": range(5, 7)}
    plain = key.strip().lower()
    if plain in groups:
        return groups[plain]
    first, _, last = plain.partition("-")
    try:
        start, end = DAYS.index(first.strip()[:3]), DAYS.index((last or first).strip()[:3])
    except ValueError as error:
        known = ", ".join((*DAYS, *groups))
        raise ClockFault("one_of", at, value=key, known=known) from error
    return range(start, end + 1)


def _hours(value: object, at: str) -> Hours:
    """Spans of a day in minutes, sorted. An end at or before its start lies on the next day."""
    spans = []
    for index, text in enumerate([value] if isinstance(value, str) else _list(value, at)):
        match = SPAN.fullmatch(text.strip()) if isinstance(text, str) else None
        where = at if isinstance(value, str) else f"{at}[{index}]"
        if match is None:
            raise ClockFault("bad_hours", where, value=text)
        from_hour, from_minute, to_hour, to_minute = map(int, match.groups())
        start, end = from_hour * 60 + from_minute, to_hour * 60 + to_minute
        if max(from_minute, to_minute) > 59 or start >= DAY_MINUTES or end > DAY_MINUTES or start == end:
            raise ClockFault("bad_hours", where, value=text)
        spans.append((start, end if end > start else end + DAY_MINUTES))
    return tuple(sorted(spans))


def _holidays(value: object, at: str) -> tuple[frozenset[date], tuple[str, ...]]:
    """The free days, and which of our lists they come from. A list may mix dates, runs of dates and names of lists."""
    days, lists = set[date](), []
    for index, one in enumerate([value] if isinstance(value, str) else _list(value, at)):
        if isinstance(one, str) and one.lower() in LISTS:
            lists.append(one.lower())
            days |= holiday_list(one.lower()).off
        elif isinstance(one, str) and one[:1].isalpha():
            known = ", ".join(LISTS)
            raise ClockFault(
                "one_of", at if isinstance(value, str) else f"{at}[{index}]", value=one, known=known
            )
        else:
            days |= set(_run(one, f"{at}[{index}]"))
    return frozenset(days), tuple(lists)


def _workdays(value: object, week: tuple[Hours, ...], usual: Hours, at: str) -> dict[date, Hours]:
    """Days worked in spite of weekday and holiday. Plain dates have their own weekday's hours, else those of the first
    weekday that has some; `2026-02-14: fri` takes that weekday's, `2026-02-14: ["09:00-12:00"]` its own."""
    if not isinstance(value, Mapping):
        return {day: week[day.weekday()] or usual for one in _list(value, at) for day in _run(one, at)}
    found: dict[date, Hours] = {}
    for key, hours in value.items():
        where = f"{at}.{key}"
        for day in _run(key, where):
            if hours is None or hours is True:
                found[day] = week[day.weekday()] or usual
            elif isinstance(hours, str) and not SPAN.fullmatch(hours.strip()):
                found[day] = week[_days(hours, where)[0]]
            else:
                found[day] = _hours(hours, where)
    return found


def _run(value: object, at: str) -> Iterator[date]:
    """A day, or the days of a run `first/last`."""
    if isinstance(value, date):
        yield _date(value, at)
        return
    first, _, last = str(value).partition("/")
    day, end = _date(first, at), _date(last or first, at)
    if end < day or (end - day).days > 400:
        raise ClockFault("bad_date", at, value=value)
    while day <= end:
        yield day
        day += timedelta(days=1)


def _date(value: object, at: str) -> date:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError as error:
        raise ClockFault("bad_date", at, value=value) from error


def _years(value: object, at: str) -> frozenset[int]:
    years = _list(value, at)
    for year in years:
        if not isinstance(year, int) or not FIRST_YEAR <= year <= LAST_YEAR:
            raise ClockFault("bad_whole_number", at, value=year, most=LAST_YEAR)
    return frozenset(years)


def _text_of(value: object) -> object:
    """YAML reads times itself; one that it took for UTC's wall clock comes back naive."""
    if isinstance(value, datetime):
        return (value.astimezone(UTC) if value.tzinfo else value).isoformat()
    return value.isoformat() if isinstance(value, date) else value


def _mapping(value: object, at: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ClockFault("not_a_mapping", at)
    return value


def _list(value: object, at: str) -> list[Any]:
    """A list; a mapping counts by its keys (dates with a name), nothing as empty."""
    if value is None:
        return []
    if isinstance(value, Mapping):
        return list(value)
    if not isinstance(value, list):
        raise ClockFault("not_a_list", at)
    return value
