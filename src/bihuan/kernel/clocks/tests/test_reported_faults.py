"""Faults that users of other service desks reported; here each would fail a test."""

from __future__ import annotations

from datetime import timedelta

from bihuan.kernel.clocks import Desk, Event, Merge, OnChange, Policy, Promise, parse_calendar, redirect
from bihuan.kernel.clocks.instants import MINUTE

from .desks import LATER, at, clocks, desk, event, minutes


def test_a_new_policy_does_not_forget_the_pause_so_far():
    """An hour's pause, then another tier, then another policy: the due time moves by the hour each time."""
    targets = [
        {"when": {"tier": "B"}, "resolution": {"minutes": 240, "pauses": True}},
        {"when": {"tier": "A"}, "resolution": {"minutes": 120, "pauses": True}},
    ]
    events = [
        event("06-01 09:00", "opened", tier="B"),
        event("06-01 10:00", "paused", reason="customer"),
        event("06-01 11:00", "resumed"),
    ]
    assert clocks(desk(targets), events)["resolution"].due_at == at("06-01 14:00")
    moved = clocks(desk(targets), [*events, event("06-01 11:10", "changed", tier="A")])["resolution"]
    assert moved.due_at == at("06-01 12:00")
    assert moved.paused == timedelta(minutes=60)

    calendars = {"here": parse_calendar({"zone": "UTC", "week": {"daily": ["09:00-18:00"]}})}
    before, after = (
        Promise(name, "resolution", length * MINUTE, pauses=True)
        for name, length in (("old", 240), ("new", 180))
    )
    policies = [Policy((before,)), Policy((after,), "2", valid_from=at("06-01 11:05"))]
    anew = clocks(Desk(policies, calendars, "here"), events)["resolution"]
    assert (anew.promise, anew.due_at) == ("new", at("06-01 13:00"))


def test_a_pause_that_goes_on_holds_the_clock_of_the_new_policy_too():
    targets = [
        {"when": {"tier": tier}, "resolution": {"minutes": 60, "pauses": True, "on_change": "restart"}}
        for tier in "AB"
    ]
    events = [
        event("06-01 09:00", "opened", tier="B"),
        event("06-01 09:30", "paused"),
        event("06-01 10:00", "changed", tier="A"),
        event("06-01 12:00", "resumed"),
    ]
    clock = clocks(desk(targets), events, at("06-01 12:30"))["resolution"]
    assert (clock.started_at, clock.due_at) == (at("06-01 10:00"), at("06-01 13:00"))
    assert minutes(clock) == (30, 120)


def test_lunch_breaks_are_possible():
    office = {"zone": "UTC", "week": {"mon-fri": ["09:00-12:00", "13:00-18:00"]}}
    found = clocks(desk({"response": {"minutes": 60}}, office), [event("06-01 11:30", "opened")])
    assert found["response"].due_at == at("06-01 13:30")


def test_holidays_are_not_ignored():
    """Opened on the eve of the Spring Festival: the nine free days do not count, the make-up Saturday does."""
    made = desk({"resolution": {"minutes": 600}}, "cn-office-9x5")
    found = clocks(made, [event("02-13 09:00", "opened")])["resolution"]  # 17:00 in Shanghai, Friday
    assert found.due_at == at("02-24 01:00") - timedelta(days=9, hours=15)  # Saturday 14 February, 18:00
    longer = clocks(desk({"resolution": {"minutes": 601}}, "cn-office-9x5"), [event("02-13 09:00", "opened")])
    assert longer["resolution"].due_at == at("02-24 01:01")


def test_a_reply_to_a_merged_case_reopens_the_one_that_took_it_in():
    merges = {"old": Merge("middle", at("06-02 09:00")), "middle": Merge("kept", at("06-03 09:00"))}
    told = [
        ("old", event("06-01 09:00", "opened")),
        ("middle", event("06-01 09:00", "opened")),
        ("kept", event("06-01 09:00", "opened")),
        ("old", event("06-01 10:00", "responded")),
        ("old", event("06-02 09:00", "closed")),  # at the very moment of the merge: already the other's
        ("kept", event("06-04 09:00", "solved")),
        ("old", event("06-05 09:00", "reopened")),  # the customer answers the old mail
    ]
    of_case: dict[str, list[Event]] = {}
    for case, one in redirect(told, merges):
        of_case.setdefault(case, []).append(one)
    assert [one.name for one in of_case["old"]] == ["opened", "responded"]
    assert [one.name for one in of_case["middle"]] == ["opened", "closed"]
    assert [one.name for one in of_case["kept"]] == ["opened", "solved", "reopened"]
    made = desk({"resolution": {"minutes": 2000}})
    kept = clocks(made, of_case["kept"], at("06-05 10:00"))["resolution"]
    assert kept.stopped_at is None
    assert kept.first is not None
    assert kept.first.stopped_at == at("06-04 09:00")
    assert clocks(made, of_case["middle"], at("06-05 10:00"))["resolution"].stopped_at == at("06-02 09:00")


def test_statistics_of_closed_clocks_stay_when_a_calendar_changes():
    """In July somebody enters that 2 June was free all along. What closed in June keeps its figures; what is open gets new ones."""
    wording = {"zone": "UTC", "week": {"daily": ["09:00-18:00"]}}
    before = parse_calendar(wording)
    after = parse_calendar(
        wording | {"versions": [{}, {"holidays": ["2026-06-02"], "known_from": "2026-07-01T00:00:00Z"}]}
    )
    opened = event("06-01 15:00", "opened")
    closed = [opened, event("06-02 11:00", "solved")]
    target = {"resolution": {"minutes": 360}}
    assert clocks(desk(target, after), closed)["resolution"].due_at == at("06-02 12:00")
    was, stays = (clocks(desk(target, one), closed)["resolution"] for one in (before, after))
    assert (
        (stays.used, stays.due_at, stays.met)
        == (was.used, was.due_at, was.met)
        == (was.used, was.due_at, True)
    )
    assert clocks(desk(target, after), [opened])["resolution"].due_at == at("06-03 12:00")


def test_a_calendar_kept_by_the_policy_stays_for_open_clocks_too():
    wording = {"zone": "UTC", "week": {"daily": ["09:00-18:00"]}}
    after = parse_calendar(
        wording | {"versions": [{}, {"holidays": ["2026-06-02"], "known_from": "2026-07-01T00:00:00Z"}]}
    )
    target = {"resolution": {"minutes": 360, "on_change": OnChange.KEEP}}
    assert clocks(desk(target, after), [event("06-01 15:00", "opened")], LATER)["resolution"].due_at == at(
        "06-02 12:00"
    )
