"""Calendars: hours, holidays, make-up days, versions, and years whose list is not published."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from bihuan.kernel.clocks import ClockFault, packaged_calendar, packaged_calendars, parse_calendar

from .desks import NINE_TO_SIX, at, clocks, desk, event

OFFICE: dict[str, Any] = {"zone": "UTC", "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}}


def hour(count: float) -> timedelta:
    return timedelta(hours=count)


def test_a_shift_past_midnight_belongs_to_the_day_it_begins():
    calendar = parse_calendar(
        {"zone": "UTC", "week": {"fri": ["22:00-06:00"]}, "holidays": ["2026-06-06"]}
    ).latest
    assert calendar.between(at("06-05 12:00"), at("06-06 12:00")) == hour(
        8
    )  # the free Saturday cuts nothing off
    assert calendar.add(at("06-05 23:00"), hour(6)) == at("06-06 05:00")
    assert calendar.add(at("06-05 23:00"), hour(8)) == at("06-12 23:00")


def test_three_shifts_are_one_stretch():
    calendar = parse_calendar(
        {"zone": "UTC", "week": {"daily": ["06:00-14:00", "14:00-22:00", "22:00-06:00"]}}
    ).latest
    assert calendar.between(at("06-01 00:00"), at("06-08 00:00")) == timedelta(days=7)


def test_overlapping_hours_count_once():
    calendar = parse_calendar({"zone": "UTC", "week": {"mon": ["09:00-12:00", "11:00-13:00"]}}).latest
    assert calendar.between(at("06-01 00:00"), at("06-02 00:00")) == hour(4)


def test_the_end_of_hours_is_reached_when_they_end():
    calendar = parse_calendar(OFFICE).latest
    assert calendar.add(at("06-05 17:00"), hour(1)) == at("06-05 18:00")
    assert calendar.add(at("06-05 17:00"), hour(1) + timedelta(minutes=1)) == at("06-08 09:01")


def test_a_hot_line_answers_on_holidays_too():
    line = packaged_calendar("7×12")
    assert line is not None
    zone = ZoneInfo("Asia/Shanghai")
    new_year = datetime(2026, 2, 17, 7, 30, tzinfo=zone)
    assert line.latest.add(new_year, hour(2)) == datetime(2026, 2, 17, 10, 0, tzinfo=zone)


def test_a_day_has_24_hours_every_day():
    always = packaged_calendar("7x24")
    assert always is not None
    assert always.latest.between(at("2024-01-01 00:00"), at("2027-01-01 00:00")) == timedelta(
        days=366 + 365 * 2
    )


@pytest.mark.parametrize(
    ("workdays", "hours"),
    [
        (["2026-06-06"], [(540, 720), (780, 1080)]),
        ({"2026-06-06": "wed"}, [(600, 660)]),
        ({"2026-06-06": ["08:00-10:30"]}, [(480, 630)]),
        ({"2026-06-06/2026-06-07": None}, [(540, 720), (780, 1080)]),
    ],
    ids=["the first weekday's", "a named weekday's", "its own", "a run of days"],
)
def test_make_up_days_have_hours(workdays: Any, hours: list[tuple[int, int]]):
    week = OFFICE["week"] | {"wed": ["10:00-11:00"]}
    calendar = parse_calendar(OFFICE | {"week": week, "workdays": workdays}).latest
    assert list(calendar.hours_on(date(2026, 6, 6))) == hours


def test_a_make_up_day_wins_over_a_holiday():
    calendar = parse_calendar(OFFICE | {"holidays": ["cn", "2026-06-01"], "workdays": ["2026-10-02"]}).latest
    assert calendar.is_working_day(date(2026, 10, 2))
    assert not calendar.is_working_day(date(2026, 10, 5))
    assert not calendar.is_working_day(date(2026, 6, 1))


def test_new_hours_hold_from_their_day_on():
    calendar = parse_calendar(
        {
            "zone": "UTC",
            "versions": [
                {"week": {"daily": ["09:00-18:00"]}, "valid_to": "2026-06-02"},
                {"week": {"daily": ["08:00-12:00"]}, "valid_from": "2026-06-02"},
            ],
        }
    ).latest
    assert calendar.between(at("06-01 00:00"), at("06-03 00:00")) == hour(9 + 4)
    assert calendar.label == "calendar@1+2"


def test_a_due_time_in_a_year_without_a_list_says_so():
    made = desk({"resolution": {"working_days": 10}}, "cn-office")
    sure = clocks(made, [event("11-30 02:00", "opened")])["resolution"]
    unsure = clocks(made, [event("12-28 02:00", "opened")])["resolution"]
    assert (sure.due_at.year, sure.provisional) == (2026, False)
    assert (unsure.due_at.year, unsure.provisional) == (2027, True)
    # New Year's Day is free by law; what else will be, the notice says.
    assert unsure.due_at.date() == date(2027, 1, 12)


def test_hours_that_no_list_moves_are_never_provisional():
    made = desk({"resolution": {"working_days": 10}}, NINE_TO_SIX)
    assert not clocks(made, [event("12-28 02:00", "opened")])["resolution"].provisional


def test_an_open_clock_is_reckoned_anew_when_the_list_arrives():
    """And one that had stopped before is not."""
    made = {
        "zone": "UTC",
        "week": {"mon-fri": ["09:00-18:00"]},
        "versions": [
            {"published_years": [2026]},
            {"published_years": [2026, 2027], "holidays": ["2027-01-04"], "known_from": "2026-12-15"},
        ],
    }
    target = desk({"resolution": {"minutes": 1080}}, made)
    opened = event("12-31 09:00", "opened")
    asked = at("12-10 00:00"), at("2027-02-01 00:00")
    before = [event("12-01 09:00", "opened"), event("12-02 10:00", "solved")]
    now = clocks(target, [opened], at("12-31 10:00"))["resolution"]
    assert (now.due_at, now.provisional) == (at("2027-01-01 18:00"), False)
    assert [clocks(target, before, one)["resolution"].calendar for one in asked] == ["calendar@1"] * 2


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        ([], "", "not_a_mapping"),
        ({"week": {}}, "", "missing"),
        ({"zone": "Europe/Atlantis", "week": {}}, "", "unknown_zone"),
        ({"zone": "../etc/passwd", "week": {}}, "", "unknown_zone"),
        ({"zone": "UTC", "week": {"mon": "9-12"}}, "week.mon", "bad_hours"),
        ({"zone": "UTC", "week": {"mon": ["09:00-12:00", "12:00-25:00"]}}, "week.mon[1]", "bad_hours"),
        ({"zone": "UTC", "week": {"mon": ["09:00-09:00"]}}, "week.mon[0]", "bad_hours"),
        ({"zone": "UTC", "week": {"moonday": []}}, "week.moonday", "one_of"),
        ({"zone": "UTC", "week": {"mon": []}}, "week", "no_hours"),
        (OFFICE | {"holidays": ["2026-02-30"]}, "holidays[0]", "bad_date"),
        (OFFICE | {"holidays": ["2026-02-03/2026-02-01"]}, "holidays[0]", "bad_date"),
        (OFFICE | {"holidays": "fr"}, "holidays", "one_of"),
        (OFFICE | {"holiday": []}, "holiday", "one_of"),
        (OFFICE | {"versions": [{"zone": "Asia/Shanghai"}, {}]}, "", "one_zone"),
    ],
)
def test_a_fault_says_where_it_is(document: Any, path: str, code: str):
    with pytest.raises(ClockFault) as caught:
        _ = parse_calendar(document).latest.zone
    assert (caught.value.path, caught.value.code) == (path, code)


def test_hours_that_end_for_good_are_told():
    ended = parse_calendar(OFFICE | {"valid_to": "2026-06-02"}).latest
    assert ended.between(at("06-01 00:00"), at("2027-01-01 00:00")) == hour(8)
    with pytest.raises(ClockFault, match="no more working hours"):
        ended.add(at("06-01 10:00"), hour(9))


def test_each_calendar_of_ours_can_be_reckoned_with():
    assert len(packaged_calendars()) >= 5
    for calendar in packaged_calendars().values():
        assert calendar.latest.add(at("06-01 00:00"), hour(100)) > at("06-01 00:00")
