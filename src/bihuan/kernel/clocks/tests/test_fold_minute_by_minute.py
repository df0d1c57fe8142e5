"""Folding any order of events equals counting minutes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bihuan.kernel.clocks import Event, moment_of_share

from .desks import at, desk
from .minute_by_minute import reckon

START = at("06-01 00:00")
MINUTE = timedelta(minutes=1)
HOURS = [(540, 720), (780, 1080)]
CALENDAR = {"zone": "UTC", "week": {"daily": ["09:00-12:00", "13:00-18:00"]}}
TIERS = ["A", "B"]

minutes = st.integers(8 * 60, 2 * 24 * 60) | st.sampled_from([540, 720, 780, 1080, 1980, 2160])
PLAIN = ["opened", "reopened", "reopened", "resumed", "resumed", "responded", "on_site", "worked_around", "solved",
         "solved", "called_back", "closed", "updated"]  # fmt: skip
happenings = st.one_of(
    st.tuples(st.sampled_from(PLAIN), st.just({})),
    st.tuples(st.just("paused"), st.fixed_dictionaries({"reason": st.sampled_from(["customer", "parts"])})),
    st.tuples(st.just("changed"), st.fixed_dictionaries({"tier": st.sampled_from(TIERS)})),
)
promises = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(["response", "resolution", "resolution", "call_back", "on_site"]),
        "minutes": st.integers(0, 700) | st.sampled_from([0, 180, 480]),
        "unit": st.sampled_from(["business", "elapsed"]),
        "pauses": st.sampled_from([True, False, ["customer"]]),
        "tier": st.sampled_from([None, *TIERS]),
        "on_change": st.sampled_from(["keep", "retroactive", "restart"]),
        "on_reopen": st.sampled_from(["continue", "continue", "through"]),
    }
)


def as_targets(told: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {key: value for key, value in one.items() if key != "tier"}
        | ({"when": {"tier": one["tier"]}} if one["tier"] else {})
        for one in told
    ]


def as_told(events: list[tuple[int, str, dict[str, Any]]]) -> list[Event]:
    return [Event(START + MINUTE * minute, name, data) for minute, name, data in events]


def made(events: list[tuple[int, tuple[str, dict[str, Any]]]]) -> list[tuple[int, str, dict[str, Any]]]:
    told = [
        (minute, name, dict(data, tier="A") if name == "opened" else data) for minute, (name, data) in events
    ]
    return sorted(told, key=lambda one: one[0])


@settings(max_examples=400, deadline=None)
@given(
    st.integers(8 * 60, 20 * 60),
    st.lists(st.tuples(minutes, happenings), max_size=14),
    st.lists(promises, min_size=1, max_size=5),
    st.integers(0, 3 * 24 * 60),
)
@example(
    600, [(610, ("paused", {"reason": "customer"})), (700, ("solved", {})), (800, ("reopened", {}))], [], 2000
)
def test_any_case_equals_the_count_of_minutes(
    opened: int,
    events: list[tuple[int, tuple[str, dict[str, Any]]]],
    promised: list[dict[str, Any]],
    now: int,
):
    promised = [{**one, "name": str(index)} for index, one in enumerate(promised)]
    told = made([(opened, ("opened", {})), *events])
    found = {
        one.kind: (
            (one.started_at - START) / MINUTE,
            (one.due_at - START) / MINUTE,
            one.paused / MINUTE,
            None if one.stopped_at is None else (one.stopped_at - START) / MINUTE,
            one.used / MINUTE,
        )
        for one in desk(as_targets(promised), CALENDAR).clocks(as_told(told), START + MINUTE * now)
    }
    assert found == reckon(told, promised, HOURS, now)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(minutes, happenings), max_size=10),
    st.lists(promises, min_size=1, max_size=3),
    st.integers(600, 2 * 24 * 60),
    st.integers(0, 24 * 60),
)
def test_a_clock_that_stopped_never_changes(
    events: list[tuple[int, tuple[str, dict[str, Any]]]],
    promised: list[dict[str, Any]],
    now: int,
    later: int,
):
    """Whatever happens afterwards, short of reopening the case."""
    told = as_told(made([(540, ("opened", {})), *events]))
    reopened = [one for one in told if one.name in ("opened", "reopened")]
    made_desk = desk(as_targets(promised), CALENDAR)
    then = {one.kind: one for one in made_desk.clocks(told, START + MINUTE * now)}
    afterwards = {one.kind: one for one in made_desk.clocks(told, START + MINUTE * (now + later))}
    if not any(one.at > START + MINUTE * now for one in reopened):
        for kind, clock in then.items():
            if clock.stopped_at is not None:
                assert afterwards[kind] == clock


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(minutes, happenings), max_size=10), promises, st.integers(600, 3 * 24 * 60))
def test_shares_are_reached_in_order_and_the_last_at_the_due_moment(
    events: list[tuple[int, tuple[str, dict[str, Any]]]], promised: dict[str, Any], now: int
):
    told = as_told(made([(540, ("opened", {})), *events]))
    for clock in desk(as_targets([promised]), CALENDAR).clocks(told, START + MINUTE * now):
        moments = [moment_of_share(clock, share) for share in (0.5, 0.75, 0.9, 1)]
        known = [one for one in moments if one is not None]
        assert known == sorted(known)
        assert moments[: len(known)] == known  # once one is unknown, the later ones are
        if moments[-1] is not None:
            assert moments[-1] == clock.due_at
        elif clock.stopped_at is None:
            assert clock.waiting
