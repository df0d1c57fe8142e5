"""Folding any order of events equals counting minutes."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from random import Random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.kernel.clocks import Event, moment_of_share

from .desks import at, desk
from .minute_by_minute import reckon

START = at("06-01 00:00")
MINUTE = timedelta(minutes=1)
HOURS = [(540, 720), (780, 1080)]
CALENDAR = {"zone": "UTC", "week": {"daily": ["09:00-12:00", "13:00-18:00"]}}
TIERS = ["A", "B"]

# Each as often as it moves something; hypothesis chooses among them evenly.
HAPPENINGS: list[tuple[str, dict[str, Any]]] = [
    *(
        (name, {})
        for name in ("opened", "updated", "responded", "on_site", "worked_around", "called_back", "closed")
    ),
    *((name, {}) for name in ("solved", "reopened", "resumed") for _again in range(3)),
    *(("paused", {"reason": reason}) for reason in ("customer", "parts")),
    *(("changed", {"tier": tier}) for tier in TIERS),
]
GAPS = [0, 0, 1, 17, 60, 120, 235, 600]
happenings = st.tuples(st.sampled_from(GAPS), st.sampled_from(HAPPENINGS))
moments = st.sampled_from([600, 900, 1300, 1980, 2400, 3000, 4000, 6000])
Told = list[tuple[int, tuple[str, dict[str, Any]]]]
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


def made(opened: int, events: Told) -> list[tuple[int, str, dict[str, Any]]]:
    """A case opened at that minute, and what follows after the gaps given."""
    told, minute = [(opened, "opened", {"tier": "A"})], opened
    for gap, (name, data) in events:
        minute += gap
        told.append((minute, name, {"tier": "B"} if name == "opened" else data))
    return told


def check(opened: int, events: Told, promised: list[dict[str, Any]], now: int) -> None:
    promised = [{**one, "name": str(index)} for index, one in enumerate(promised)]
    told = made(opened, events)
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


@settings(max_examples=250, deadline=None)
@given(
    st.integers(8 * 60, 19 * 60),
    st.lists(happenings, max_size=14),
    st.lists(promises, min_size=1, max_size=5),
    moments,
)
def test_any_case_equals_the_count_of_minutes(
    opened: int, events: Told, promised: list[dict[str, Any]], now: int
):
    check(opened, events, promised, now)


def test_long_cases_equal_the_count_of_minutes():
    """As above with even chances, which hypothesis does not give: most cases are paused, changed and reopened."""
    seen = Counter[str]()
    for seed in range(250):
        chance = Random(seed)
        events = [(chance.choice(GAPS), chance.choice(HAPPENINGS)) for _ in range(chance.randint(4, 16))]
        promised = [
            {
                "kind": chance.choice(["response", "resolution", "resolution", "call_back", "workaround"]),
                "minutes": chance.choice([0, 60, 180, 333, 480, 700]),
                "unit": chance.choice(["business", "elapsed"]),
                "pauses": chance.choice([True, True, False, ["customer"]]),
                "tier": chance.choice([None, *TIERS]),
                "on_change": chance.choice(["keep", "retroactive", "restart"]),
                "on_reopen": chance.choice(["continue", "continue", "through"]),
            }
            for _ in range(chance.randint(1, 5))
        ]
        opened, now = chance.randint(480, 1140), chance.choice([1300, 2400, 4000, 6000])
        check(opened, events, promised, now)
        names = [name for _gap, (name, _data) in events]
        seen["reopened after solved"] += "solved" in names and "reopened" in names[names.index("solved") :]
        seen["paused and changed"] += {"paused", "changed"} <= set(names)
    assert min(seen.values()) > 80, seen


@settings(max_examples=100, deadline=None)
@given(
    st.lists(happenings, max_size=10),
    st.lists(promises, min_size=1, max_size=3),
    moments,
    st.sampled_from([0, 1, 240, 1440]),
)
def test_a_clock_that_stopped_never_changes(
    events: Told,
    promised: list[dict[str, Any]],
    now: int,
    later: int,
):
    """Whatever happens afterwards, short of reopening the case."""
    told = as_told(made(540, events))
    reopened = [one for one in told if one.name in ("opened", "reopened")]
    made_desk = desk(as_targets(promised), CALENDAR)
    then = {one.kind: one for one in made_desk.clocks(told, START + MINUTE * now)}
    afterwards = {one.kind: one for one in made_desk.clocks(told, START + MINUTE * (now + later))}
    if not any(one.at > START + MINUTE * now for one in reopened):
        for kind, clock in then.items():
            if clock.stopped_at is not None:
                assert afterwards[kind] == clock


@settings(max_examples=100, deadline=None)
@given(st.lists(happenings, max_size=10), promises, moments)
def test_shares_are_reached_in_order_and_the_last_at_the_due_moment(
    events: Told, promised: dict[str, Any], now: int
):
    told = as_told(made(540, events))
    for clock in desk(as_targets([promised]), CALENDAR).clocks(told, START + MINUTE * now):
        moments = [moment_of_share(clock, share) for share in (0.5, 0.75, 0.9, 1)]
        known = [one for one in moments if one is not None]
        assert known == sorted(known)
        assert moments[: len(known)] == known  # once one is unknown, the later ones are
        if moments[-1] is not None:
            assert moments[-1] == clock.due_at
        elif clock.stopped_at is None:
            assert clock.waiting
