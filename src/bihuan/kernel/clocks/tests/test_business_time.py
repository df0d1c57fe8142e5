"""Working time: sums, their properties, and nights on which the clock is changed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.kernel.clocks import Calendar, parse_calendar

from .desks import at

MINUTE = timedelta(minutes=1)
ZONES = {
    name: parse_calendar(
        {
            "zone": name,
            "week": {"mon-fri": ["08:30-12:00", "13:15-17:45"], "sat": ["22:00-04:00"]},
            "holidays": ["2026-04-06", "2026-11-26"],
            "workdays": {"2026-03-29": ["06:00-11:00"]},
        }
    ).latest
    for name in ("Europe/Berlin", "America/New_York", "Asia/Kathmandu")
}
moments = st.datetimes(datetime(2026, 1, 1), datetime(2026, 12, 31)).map(lambda one: one.replace(tzinfo=UTC))
lengths = st.timedeltas(timedelta(0), timedelta(days=40))
calendars = st.sampled_from(sorted(ZONES)).map(ZONES.__getitem__)


@given(calendars, moments, lengths, lengths)
def test_adding_is_monotone_and_additive(calendar: Calendar, start: datetime, one: timedelta, two: timedelta):
    short, long = sorted((one, two))
    assert start <= calendar.add(start, short) <= calendar.add(start, long)
    assert calendar.add(calendar.add(start, one), two) == calendar.add(start, one + two)
    assert calendar.add(start, one) <= calendar.add(start + two, one)


@given(calendars, moments, lengths)
def test_what_was_added_lies_between(calendar: Calendar, start: datetime, length: timedelta):
    end = calendar.add(start, length)
    assert calendar.between(start, end) == length
    if length:  # and not a microsecond earlier
        assert calendar.between(start, end - timedelta(microseconds=1)) < length


@given(calendars, moments, moments, moments)
def test_sums_are_additive(calendar: Calendar, one: datetime, two: datetime, three: datetime):
    assert calendar.between(one, two) + calendar.between(two, three) == calendar.between(one, three)
    assert calendar.between(one, two) == -calendar.between(two, one)


def works_by_the_wall(zone: str, moment: datetime) -> bool:
    """The calendars above, asked by what the wall clock shows in that minute."""
    wall = moment.astimezone(ZoneInfo(zone))
    day, shown = wall.date().isoformat(), wall.strftime("%H:%M")
    before = (wall - timedelta(days=1)).date()
    if before.weekday() == 5 and shown < "04:00":
        return True
    if day == "2026-03-29":
        return "06:00" <= shown < "11:00"
    if wall.weekday() == 5:
        return shown >= "22:00"
    if wall.weekday() > 5 or day in ("2026-04-06", "2026-11-26"):
        return False
    return "08:30" <= shown < "12:00" or "13:15" <= shown < "17:45"


@settings(max_examples=40)
@given(st.sampled_from(sorted(ZONES)), moments, st.integers(0, 4 * 24 * 60))
def test_a_sum_equals_the_count_of_minutes(zone: str, start: datetime, length: int):
    start = start.replace(second=0, microsecond=0)
    counted = sum(works_by_the_wall(zone, start + MINUTE * index) for index in range(length))
    assert ZONES[zone].between(start, start + MINUTE * length) == MINUTE * counted


@pytest.mark.parametrize("zone", sorted(ZONES))
def test_both_changes_of_the_clock_equal_the_count_of_minutes(zone: str):
    """Every minute of the weekends on which Berlin and New York change."""
    for first in ("03-07", "03-28", "10-24", "10-31"):
        start = at(f"{first} 00:00")
        counted = sum(works_by_the_wall(zone, start + MINUTE * index) for index in range(3 * 24 * 60))
        assert ZONES[zone].between(start, start + timedelta(days=3)) == MINUTE * counted


def calendar_of(zone: str, *hours: str) -> Calendar:
    return parse_calendar({"zone": zone, "week": {"daily": list(hours)}}).latest


def local(zone: str, text: str, **fold: Any) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZoneInfo(zone), **fold)


CHANGES = [("Europe/Berlin", "03-29", "10-25"), ("America/New_York", "03-08", "11-01")]


@pytest.mark.parametrize(("zone", "spring", "autumn"), CHANGES)
def test_the_day_of_a_change_has_23_or_25_hours(zone: str, spring: str, autumn: str):
    always = calendar_of(zone, "00:00-24:00")
    for day, hours in ((spring, 23), (autumn, 25)):
        start = local(zone, f"{day} 00:00")
        assert always.between(start, start + timedelta(days=1)) == timedelta(hours=hours)


@pytest.mark.parametrize(("zone", "spring", "autumn"), CHANGES)
def test_a_night_shift_is_an_hour_shorter_or_longer(zone: str, spring: str, autumn: str):
    night = calendar_of(zone, "22:00-06:00")
    for day, hours in ((spring, 7), (autumn, 9)):
        start = local(zone, f"{day} 12:00")
        assert night.between(start - timedelta(days=1), start) == timedelta(hours=hours)


@pytest.mark.parametrize(("zone", "spring", "autumn"), CHANGES)
def test_a_working_day_across_a_change_keeps_its_wall_clock(zone: str, spring: str, autumn: str):
    office = calendar_of(zone, "09:00-17:00")
    for day in (spring, autumn):
        evening_before = local(zone, f"{day} 16:00") - timedelta(days=1)
        assert office.add(evening_before, timedelta(hours=2)) == local(zone, f"{day} 10:00")


def test_hours_that_begin_in_the_skipped_hour_begin_at_the_skip():
    zone = "Europe/Berlin"
    early = calendar_of(zone, "02:30-05:00")
    start = local(zone, "03-29 00:00")
    assert early.add(start, timedelta(microseconds=1)) == datetime(2026, 3, 29, 1, 0, 0, 1, tzinfo=UTC)
    assert early.between(start, local(zone, "03-29 12:00")) == timedelta(hours=2)


@pytest.mark.parametrize("border", ["01:30", "02:00", "02:30", "03:00"])
@pytest.mark.parametrize(("zone", "spring", "autumn"), CHANGES)
def test_hours_that_touch_leave_no_gap_and_do_not_overlap(zone: str, spring: str, autumn: str, border: str):
    first, second = calendar_of(zone, f"00:00-{border}"), calendar_of(zone, f"{border}-08:00")
    both = calendar_of(zone, "00:00-08:00")
    for day in (spring, autumn):
        start, end = local(zone, f"{day} 00:00"), local(zone, f"{day} 12:00")
        assert first.between(start, end) + second.between(start, end) == both.between(start, end)


def test_a_local_day_that_never_was_has_no_hours():
    """Samoa went from 29 to 31 December 2011."""
    calendar = calendar_of("Pacific/Apia", "09:00-17:00")
    start, end = (datetime(2011, 12, day, 12, tzinfo=ZoneInfo("Pacific/Apia")) for day in (29, 31))
    assert calendar.between(start, end) == timedelta(hours=5 + 3)


def test_a_length_is_not_negative():
    with pytest.raises(ValueError, match="not negative"):
        ZONES["Europe/Berlin"].add(at("06-01 00:00"), -MINUTE)


def test_years_far_apart_in_any_order_are_laid_out():
    told = [at(f"{year}-06-01 00:00") for year in (2026, 1990, 2101, 2050, 1901, 2198)]
    fresh = calendar_of("UTC", "09:00-18:00")
    for one in told:
        for other in told:
            assert fresh.between(one, other) == timedelta(hours=9) * (other - one).days
    assert fresh.add(told[4], timedelta(hours=9) * 365) == at("1902-05-31 18:00")
