"""What single events, changes and reopenings do to clocks."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import pytest

from bihuan.kernel.clocks import (
    CASE_KINDS,
    ClockFault,
    Desk,
    Event,
    Kind,
    Merge,
    Policy,
    Promise,
    moment_of_share,
    next_warning,
    survivor,
)
from bihuan.kernel.clocks.instants import MINUTE

from .desks import at, clocks, desk, event, history, minutes

FOUR_HOURS = {"resolution": {"minutes": 240, "pauses": True}}
OPENED = event("06-01 09:00", "opened", tier="A", severity=1)


def resolution(*events: Event, targets: object = FOUR_HOURS, now: str = "06-09 00:00"):
    return clocks(desk(targets), [OPENED, *events], at(now))["resolution"]


def test_a_case_never_opened_has_no_clocks():
    assert clocks(desk(FOUR_HOURS), [event("06-01 09:00", "solved")]) == {}


def test_what_comes_before_the_opening_moves_nothing():
    before = [
        event("06-01 08:00", "paused"),
        event("06-01 08:30", "solved"),
        event("06-01 08:40", "reopened"),
    ]
    assert clocks(desk(FOUR_HOURS), [*before, OPENED], at("06-01 10:00"))["resolution"] == resolution(
        now="06-01 10:00"
    )


def test_equal_times_keep_the_order_in_which_they_are_written():
    paused, resumed = event("06-01 10:00", "paused"), event("06-01 10:00", "resumed")
    assert resolution(paused, resumed, now="06-01 12:00").waiting is False
    assert resolution(resumed, paused, now="06-01 12:00").waiting is True


def test_events_out_of_order_are_sorted():
    told = [event("06-01 12:00", "solved"), event("06-01 10:00", "paused"), event("06-01 11:00", "resumed")]
    assert minutes(resolution(*told)) == (120, 60)


def test_a_pause_while_paused_and_a_resumption_without_a_pause_move_nothing():
    told = [
        event("06-01 09:30", "resumed"),
        event("06-01 10:00", "paused"),
        event("06-01 10:30", "paused"),
        event("06-01 11:00", "resumed"),
        event("06-01 11:30", "resumed"),
        event("06-01 12:00", "solved"),
    ]
    assert minutes(resolution(*told)) == (120, 60)


def test_solved_while_paused_uses_nothing_after_the_pause_began():
    clock = resolution(event("06-01 10:00", "paused"), event("06-01 12:00", "solved"))
    assert minutes(clock) == (60, 120)
    assert (clock.due_at, clock.met) == (at("06-01 15:00"), True)


def test_only_allowed_reasons_pause():
    targets = {"resolution": {"minutes": 240, "pauses": ["customer"]}}
    told = [
        event("06-01 10:00", "paused", reason="parts"),
        event("06-01 11:00", "paused", reason="customer"),
        event("06-01 12:00", "resumed"),
        event("06-01 13:00", "solved"),
    ]
    clock = resolution(*told, targets=targets)
    assert minutes(clock) == (180, 60)
    assert clock.pauses == [(at("06-01 11:00"), at("06-01 12:00"), "customer")]


def test_closed_without_a_solution_stops_every_clock():
    targets = FOUR_HOURS | {kind: {"minutes": 60} for kind in ("response", "on_site", "workaround")}
    found = clocks(desk(targets), [OPENED, event("06-01 09:50", "closed"), event("06-01 12:00", "responded")])
    assert {one.stopped_at for one in found.values()} == {at("06-01 09:50")}
    assert {one.stopped_by for one in found.values()} == {"closed"}
    assert set(found) == {"response", "on_site", "workaround", "resolution"}


def test_the_first_response_counts():
    told = [OPENED, event("06-01 09:20", "responded"), event("06-01 15:00", "responded")]
    assert clocks(desk({"response": {"minutes": 30}}), told)["response"].stopped_at == at("06-01 09:20")


def test_a_call_back_counts_from_the_solution_and_a_pause_before_it_is_over():
    targets = {"call_back": {"hours": 72, "unit": "elapsed", "pauses": True}}
    told = [OPENED, event("06-01 10:00", "paused"), event("06-01 11:00", "solved")]
    clock = clocks(desk(targets), told, at("06-02 11:00"))["call_back"]
    assert (clock.started_at, clock.due_at, clock.waiting) == (at("06-01 11:00"), at("06-04 11:00"), False)


def test_a_call_back_that_was_under_way_starts_anew_with_the_next_solution():
    targets = {"call_back": {"hours": 72, "unit": "elapsed"}}
    told = [OPENED, event("06-01 11:00", "solved"), event("06-02 11:00", "reopened")]
    assert clocks(desk(targets), told, at("06-02 12:00")) == {}
    again = clocks(desk(targets), [*told, event("06-03 11:00", "solved")], at("06-03 12:00"))["call_back"]
    assert again.due_at == at("06-06 11:00")


REOPENED = [event("06-01 10:00", "solved"), event("06-01 12:00", "reopened"), event("06-01 14:00", "solved")]


def test_reopening_keeps_the_first_resolution_and_the_total():
    clock = resolution(*REOPENED)
    assert (minutes(clock), clock.due_at, clock.stopped_at) == (
        (180, 0),
        at("06-01 15:00"),
        at("06-01 14:00"),
    )
    assert clock.first is not None
    assert (minutes(clock.first), clock.first.due_at) == ((60, 0), at("06-01 13:00"))
    assert clock.first == resolution(REOPENED[0])


@pytest.mark.parametrize(
    ("mode", "used", "due", "stopped"),
    [("through", 300, "13:00", "14:00"), ("keep", 60, "13:00", "10:00")],
)
def test_a_policy_may_count_the_time_in_between_or_keep_the_first_solution(
    mode: str, used: int, due: str, stopped: str
):
    clock = resolution(*REOPENED, targets={"resolution": {"minutes": 240, "on_reopen": mode}})
    assert minutes(clock) == (used, 0)
    assert (clock.due_at, clock.stopped_at) == (at(f"06-01 {due}"), at(f"06-01 {stopped}"))
    assert clock.met is (mode == "keep")


def test_reopening_what_was_neither_solved_nor_closed_moves_nothing():
    told = [event("06-01 10:00", "paused"), event("06-01 10:30", "reopened"), event("06-01 11:00", "solved")]
    assert minutes(resolution(*told)) == (60, 60)


def test_opened_twice_is_once_while_open_and_a_reopening_afterwards():
    again = event("06-01 10:00", "opened", tier="B", severity=3)
    assert resolution(again, now="06-01 12:00") == resolution(now="06-01 12:00")
    told = [event("06-01 10:00", "closed"), event("06-01 11:00", "opened"), event("06-01 11:30", "solved")]
    assert minutes(resolution(*told)) == (90, 0)


TIERS = [
    {"when": {"tier": "A"}, "resolution": {"minutes": 480, "pauses": True}},
    {"when": {"tier": "B"}, "resolution": {"minutes": 120, "pauses": True}},
]


@pytest.mark.parametrize(
    ("mode", "started", "due"),
    [("keep", "09:00", "18:00"), ("retroactive", "09:00", "12:00"), ("restart", "11:00", "13:00")],
)
def test_a_change_of_tier_does_as_the_policy_says(mode: str, started: str, due: str):
    targets = [{**one, "resolution": {**one["resolution"], "on_change": mode}} for one in TIERS]  # type: ignore[dict-item]
    told = [
        event("06-01 09:30", "paused"),
        event("06-01 10:30", "resumed"),
        event("06-01 11:00", "changed", tier="B"),
    ]
    clock = resolution(*told, targets=targets)
    assert (clock.started_at, clock.due_at) == (at(f"06-01 {started}"), at(f"06-01 {due}"))


def test_a_change_that_changes_no_promise_restarts_nothing():
    targets = {"resolution": {"minutes": 240, "on_change": "restart"}}
    assert resolution(event("06-01 12:00", "changed", tier="B"), targets=targets).due_at == at("06-01 13:00")


def test_a_tier_that_is_promised_nothing_ends_the_clock():
    targets = [{"when": {"tier": "A"}, "resolution": {"minutes": 240}}]
    told = [OPENED, event("06-01 10:00", "changed", tier="C")]
    assert clocks(desk(targets), told) == {}


def test_a_promise_that_comes_late_sees_what_was_done_before():
    targets = [{"when": {"tier": "B"}, "response": {"minutes": 60}}]
    told = [OPENED, event("06-01 09:30", "responded"), event("06-01 11:00", "changed", tier="B")]
    assert (
        clocks(desk(targets), told) == {}
    )  # the response was given when none was promised: frozen as it was
    told = [OPENED, event("06-01 09:20", "changed", tier="B"), event("06-01 09:30", "responded")]
    assert clocks(desk(targets), told)["response"].met is True


def test_of_several_promises_the_strictest_counts_and_all_are_named():
    targets = [
        {"name": "class A", "when": {"tier": "A"}, "resolution": {"hours": 24, "unit": "elapsed"}},
        {"name": "stopped", "when": {"severity": [1, 2]}, "resolution": {"hours": 4}},
        {"name": "elsewhere", "when": {"tier": "B"}, "resolution": {"minutes": 1}},
        {"name": "everybody", "resolution": {"working_days": 3}},
    ]
    clock = resolution(targets=targets)
    assert (clock.promise, clock.due_at) == ("stopped", at("06-01 13:00"))
    assert [(one.promise, one.due_at) for one in clock.promises] == [
        ("class A", at("06-02 09:00")),
        ("stopped", at("06-01 13:00")),
        ("everybody", at("06-04 18:00")),
    ]


def test_working_days_end_with_the_day_and_pauses_move_them():
    targets = {"resolution": {"working_days": 1, "pauses": True}}
    assert resolution(targets=targets).due_at == at("06-02 18:00")
    told = [event("06-01 10:00", "paused"), event("06-01 12:00", "resumed")]
    assert resolution(*told, targets=targets).due_at == at("06-03 11:00")


def test_a_deadline_that_was_given_counts_and_pauses_do_not_move_it():
    given = event("06-01 09:00", "opened", due_at={"resolution": at("06-01 15:00")})
    told = [
        given,
        event("06-01 10:00", "paused"),
        event("06-01 12:00", "resumed"),
        event("06-01 15:00", "solved"),
    ]
    clock = clocks(desk(FOUR_HOURS), told)["resolution"]
    assert (clock.due_at, clock.met, minutes(clock)) == (at("06-01 15:00"), True, (240, 120))
    assert (clock.remaining, clock.share_used) == (timedelta(0), 1)
    late = clocks(desk({}), [given, event("06-01 15:01", "closed")])["resolution"]
    assert (late.promise, late.met) == ("due_at", False)
    moved = [given, event("06-01 14:00", "changed", due_at={"resolution": at("06-02 15:00")})]
    assert clocks(desk({}), moved)["resolution"].due_at == at("06-02 15:00")


def test_what_is_later_than_now_is_not_known_yet():
    clock = resolution(event("06-01 10:00", "paused"), event("06-01 12:00", "solved"), now="06-01 11:00")
    assert (clock.stopped_at, clock.waiting, clock.met) == (None, True, None)
    assert clock.due_at == at("06-01 14:00")  # if it went on now


def test_the_moments_of_the_shares():
    clock = resolution(event("06-01 10:00", "paused"), event("06-01 11:00", "resumed"), now="06-01 11:30")
    told = [moment_of_share(clock, share) for share in (0.5, 0.75, Fraction(9, 10), 1)]
    assert told == [at(f"06-01 {one}") for one in ("12:00", "13:00", "13:36", "14:00")]
    assert (clock.share_used, clock.remaining) == (Fraction(3, 8), timedelta(minutes=150))


def test_nobody_knows_when_a_waiting_clock_reaches_a_share():
    clock = resolution(event("06-01 12:00", "paused"), now="06-01 13:00")
    assert moment_of_share(clock, 0.75) == at("06-01 12:00")
    assert moment_of_share(clock, 0.9) is None


def test_the_next_warning_is_the_next_share_of_a_running_clock():
    clock = resolution(now="06-01 11:30")
    assert next_warning(clock, at("06-01 10:59")) == (Fraction(1, 2), at("06-01 11:00"))
    assert next_warning(clock, at("06-01 11:00")) == (Fraction(3, 4), at("06-01 12:00"))
    assert next_warning(clock, at("06-01 12:40")) == (1, at("06-01 13:00"))
    assert next_warning(clock, at("06-01 13:00")) is None
    assert (
        next_warning(resolution(event("06-01 11:00", "paused"), now="06-01 11:30"), at("06-01 09:00")) is None
    )
    assert next_warning(resolution(event("06-01 11:00", "solved")), at("06-01 09:00")) is None


def test_a_given_deadline_warns_in_spite_of_a_pause():
    given = event("06-01 09:00", "opened", due_at={"resolution": at("06-01 13:00")})
    clock = clocks(desk(FOUR_HOURS), [given, event("06-01 10:00", "paused")], at("06-01 10:30"))["resolution"]
    assert next_warning(clock, at("06-01 10:30")) == (Fraction(1, 2), at("06-01 11:00"))


def test_a_clock_is_breached_after_its_due_moment_and_not_at_it():
    assert resolution(now="06-01 13:00").breached is False
    assert resolution(now="06-01 13:01").breached is True
    assert resolution(event("06-01 13:00", "solved")).met is True
    assert resolution(event("06-01 13:01", "solved")).met is False


def test_other_objects_bring_clocks_of_their_own():
    """Steps of an 8D: each starts with the end of the one before."""
    steps = {
        "d3": Kind("d3", frozenset({"contained"})),
        "d4": Kind("d4", frozenset({"cause_found"}), "contained"),
    }
    promises = tuple(Promise(kind, kind, 24 * 60 * MINUTE, pauses=True) for kind in steps)
    made = Desk([Policy(promises)], {"here": history("24x7")}, "here", steps)
    told = [
        event("06-01 09:00", "opened"),
        event("06-01 19:00", "contained"),
        event("06-03 19:00", "cause_found"),
    ]
    found = clocks(made, told)
    assert [(one.kind, one.due_at, one.met) for one in found.values()] == [
        ("d3", at("06-02 09:00"), True),
        ("d4", at("06-02 19:00"), False),
    ]
    assert "d3" not in CASE_KINDS


def test_a_promise_on_a_calendar_nobody_knows_is_told():
    with pytest.raises(ClockFault, match="no calendar called"):
        resolution(targets={"resolution": {"minutes": 1, "calendar": "moon"}})


def test_merges_in_a_circle_are_told():
    merges = {"a": Merge("b", at("06-01 09:00")), "b": Merge("a", at("06-01 09:00"))}
    assert survivor("a", at("06-01 08:00"), merges) == "a"
    with pytest.raises(ClockFault, match="lead back"):
        survivor("a", at("06-01 10:00"), merges)
