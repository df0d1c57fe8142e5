"""Published cases, to the minute, each with its source."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from .desks import clocks, desk, event, history

OFF_2026 = [
    "01-01/3",
    "02-15/9",
    "04-04/3",
    "05-01/5",
    "06-19/3",
    "09-25/3",
    "10-01/7",
]  # first day, how many
WORKING_2026 = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
SHANGHAI = ZoneInfo("Asia/Shanghai")


def test_zammads_case_with_pauses():
    """Zammad's own test of escalation times: Berlin, 09-18 daily, targets of 120, 180 and 240 minutes, 4 June 2013."""
    targets = {
        kind: {"minutes": length, "unit": "business", "pauses": True}
        for kind, length in (("response", 120), ("workaround", 180), ("resolution", 240))
    }
    berlin = {"zone": "Europe/Berlin", "week": {"daily": ["09:00-18:00"]}}
    told = ("09:00 opened", "09:00 paused", "10:30 resumed", "11:00 paused", "11:30 resumed", "12:00 closed")
    events = [event(f"2013-06-04 {one.split()[0]}", one.split()[1]) for one in told]
    found = clocks(desk(targets, berlin), events)
    due = {kind: clock.due_at.strftime("%d %H:%M") for kind, clock in found.items()}
    assert due == {"response": "04 13:00", "workaround": "04 14:00", "resolution": "04 15:00"}
    resolution = found["resolution"]
    assert resolution.used == timedelta(minutes=60)
    assert resolution.remaining == timedelta(minutes=180)
    assert resolution.paused == timedelta(minutes=120)
    assert all(one.met for one in found.values())


def off_days() -> set[date]:
    found = set()
    for run in OFF_2026:
        first, count = run.split("/")
        found |= {date.fromisoformat(f"2026-{first}") + timedelta(days=more) for more in range(int(count))}
    return found


def test_china_2026_every_day_of_the_year():
    """The State Council's notice for 2026: each of its free and working days, and every other day by its weekday."""
    calendar = history("cn-office-9x5").latest
    off, working = off_days(), {date.fromisoformat(f"2026-{day}") for day in WORKING_2026}
    assert (len(off), len(working)) == (33, 6)
    day = date(2026, 1, 1)
    while day.year == 2026:
        expected = day in working or (day not in off and day.weekday() < 5)
        assert calendar.is_working_day(day) == expected, day
        assert len(calendar.hours_on(day)) == expected, day
        day += timedelta(days=1)


def test_china_2026_three_working_days_after_13_february():
    calendar = history("cn-office-9x5").latest
    assert calendar.add_working_days(date(2026, 2, 13), 3) == date(2026, 2, 25)


def test_china_2026_an_hour_from_half_past_five_on_14_february():
    calendar = history("cn-office-9x5").latest
    due = calendar.add(datetime(2026, 2, 14, 17, 30, tzinfo=SHANGHAI), timedelta(minutes=60))
    assert due == datetime(2026, 2, 24, 9, 30, tzinfo=SHANGHAI)
    assert due.tzinfo is UTC


@pytest.mark.shared_data
@pytest.mark.parametrize("year", [2023, 2024, 2025, 2026])
def test_our_list_is_the_published_one(year: int, shared_data: Callable[[str], Path]):
    """holiday-cn (MIT), compiled from the same notices."""
    calendar = history("cn-office").latest
    told = json.loads(shared_data(f"holiday_cn/{year}.json").read_text(encoding="utf-8"))["days"]
    assert len(told) > 20
    for one in told:
        day = date.fromisoformat(one["date"])
        assert calendar.is_working_day(day) is not one["isOffDay"], day
