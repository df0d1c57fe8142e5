"""Short ways of saying cases and desks in tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from bihuan.kernel.clocks import (
    CalendarHistory,
    Clock,
    Desk,
    Event,
    packaged_calendar,
    packaged_calendars,
    parse_calendar,
    parse_targets,
)

NINE_TO_SIX = {"zone": "UTC", "week": {"daily": ["09:00-18:00"]}}
LATER = datetime(2030, 1, 1, tzinfo=UTC)


def at(text: str) -> datetime:
    """`at("06-04 09:30")` in UTC of 2026; a year may stand before."""
    return datetime.fromisoformat(text if text[4:5] == "-" else f"2026-{text}").replace(tzinfo=UTC)


def event(moment: str, name: str, **data: Any) -> Event:
    return Event(at(moment), name, data or None)


def history(document: Mapping[str, Any] | str) -> CalendarHistory:
    if isinstance(document, str):
        found = packaged_calendar(document)
        assert found is not None
        return found
    return parse_calendar(document)


def desk(targets: object, calendar: Mapping[str, Any] | str | CalendarHistory = NINE_TO_SIX) -> Desk:
    read = parse_targets(targets)
    calendars = packaged_calendars() | {
        "here": calendar if isinstance(calendar, CalendarHistory) else history(calendar)
    }
    return Desk([read.policy], calendars, "here", read.kinds)


def clocks(made: Desk, events: Sequence[Event], now: datetime = LATER) -> dict[str, Clock]:
    return {one.kind: one for one in made.clocks(events, now)}


def minutes(clock: Clock) -> tuple[float, float]:
    """Used and paused."""
    return clock.used.total_seconds() / 60, clock.paused.total_seconds() / 60
