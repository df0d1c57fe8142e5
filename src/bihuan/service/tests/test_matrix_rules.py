"""What a service matrix answers: clocks and their versions, alarms, objection windows, approvals, repeated complaints."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from bihuan.service.matrix import (
    MatrixFault,
    Past,
    alarms,
    approver_for,
    case_attributes,
    desk_of,
    handled_by,
    investigation_desk_of,
    is_green,
    last_day_to_object,
    may_approve,
    next_alarm,
    objection_window,
    parse_matrix,
    policy_of,
    promise_in,
    repeats_of,
)
from bihuan.service.tests.matrices import at, clocks_of, promise, shown, small_matrix

MATRIX = parse_matrix(small_matrix())
DESK = desk_of(MATRIX)


def opened(moment: str, **given: str) -> tuple[str, str, dict[str, str]]:
    return (moment, "opened", case_attributes(MATRIX, **{"kind": "complaint", "tier": "gold", **given}))


def test_a_case_gets_what_it_was_not_told_from_the_matrix() -> None:
    assert case_attributes(MATRIX, kind="complaint") == {
        "kind": "complaint", "tier": "plain", "severity": "3", "urgency": "regular"
    }  # fmt: skip
    given = case_attributes(
        MATRIX, kind="question", tier="gold", severity=1, urgency="urgent", channel="phone"
    )
    assert list(given.values()) == ["question", "gold", "1", "urgent", "phone"]
    assert case_attributes(MATRIX, kind="question", tier="of another pack")["tier"] == "plain"
    for wrong in ({"kind": "whim"}, {"severity": 9}, {"urgency": "mad"}, {"channel": "owl"}):
        with pytest.raises(MatrixFault):
            case_attributes(MATRIX, **{"kind": "question", **wrong})  # type: ignore[arg-type]


def test_every_promise_names_its_calendar() -> None:
    assert {one.calendar for one in policy_of(MATRIX).promises} == {"24x7"}


def test_a_promise_by_urgency_counts_from_the_moment_the_case_became_urgent() -> None:
    found = clocks_of(
        DESK, "11-02 12:00", opened("11-02 09:00"), ("11-02 11:30", "changed", {"urgency": "critical"})
    )
    assert shown(found["executive"].due_at) == "11-02 13:30"
    assert shown(found["response"].due_at) == "11-02 10:00"


def test_alarms_rise_along_the_chain_and_past_the_due_time() -> None:
    clock = clocks_of(DESK, "11-02 09:10", opened("11-02 09:00"))["response"]
    assert [(shown(one.at), one.step, one.to) for one in alarms(MATRIX, clock, 1)] == [
        ("11-02 09:30", 0, ("owner",)),
        ("11-02 10:00", 1, ("manager",)),
        ("11-02 10:30", 2, ("director", "executive")),
    ]


def test_the_next_alarm_is_the_first_that_is_still_to_come() -> None:
    clock = clocks_of(DESK, "11-02 09:10", opened("11-02 09:00"))["response"]
    coming = [
        next_alarm(MATRIX, clock, 1, at(f"11-02 {now}")) for now in ("09:10", "09:30", "10:00", "10:30")
    ]
    assert [one and one.step for one in coming] == [0, 1, 2, None]


def test_a_clock_that_stopped_alarms_nobody_any_more() -> None:
    early = clocks_of(DESK, "11-03 09:00", opened("11-02 09:00"), ("11-02 09:20", "responded", None))
    assert alarms(MATRIX, early["response"], 1) == ()
    late = clocks_of(DESK, "11-03 09:00", opened("11-02 09:00"), ("11-02 10:10", "responded", None))
    assert [one.step for one in alarms(MATRIX, late["response"], "1")] == [0, 1]


def test_a_clock_that_waits_has_only_the_alarms_before_its_pause() -> None:
    events = (opened("11-02 09:00"), ("11-02 22:00", "paused", {"reason": "customer"}))
    waiting = clocks_of(DESK, "11-04 09:00", *events)["resolution"]
    assert [shown(one.at) for one in alarms(MATRIX, waiting, 1)] == ["11-02 21:00"]
    going_on = clocks_of(DESK, "11-04 09:00", *events, ("11-04 08:00", "resumed", None))["resolution"]
    assert shown(alarms(MATRIX, going_on, 1)[1].at) == "11-04 19:00"


def test_a_new_matrix_leaves_stopped_clocks_as_they_were() -> None:
    document = small_matrix()
    document["calendar"] = "works"
    document["promises"] = [
        promise("gold-response", "response", hours=2, unit="business", when={"tier": "gold"}),
        promise("plain-response", "response", hours=8, when={"tier": "plain"}),
        promise("quicker", "resolution", hours=12),
    ]
    del document["clocks"]["call_back"], document["clocks"]["executive"]
    document["pause_reasons"].pop()
    document["green_channel"]["clock"] = "response"
    both = desk_of([(None, MATRIX), (at("11-03 00:00"), parse_matrix(document))])
    events = (opened("11-02 09:00"), ("11-02 09:40", "responded", None))
    before = clocks_of(DESK, "11-02 20:00", *events)
    after = clocks_of(both, "11-03 20:00", *events)
    assert after["response"] == before["response"]
    assert (after["resolution"].promise, shown(after["resolution"].due_at)) == ("quicker", "11-02 21:00")
    # A case opened under the new one counts in the new calendar's hours: 17:30 and two hours of work.
    fresh = clocks_of(both, "11-03 18:00", opened("11-03 17:30"))
    assert shown(fresh["response"].due_at) == "11-04 10:30"


def test_a_change_elsewhere_in_the_matrix_starts_no_clock_anew() -> None:
    document = small_matrix()
    document["promises"][0]["minutes"] = 30
    document["calendars"]["works"]["week"] = {"mon-fri": ["08:00-17:00"]}
    both = desk_of([(None, MATRIX), (at("11-02 10:00"), parse_matrix(document))])
    found = clocks_of(both, "11-02 10:30", opened("11-02 09:00", urgency="critical"))
    assert shown(found["executive"].due_at) == "11-02 11:00"
    assert shown(found["response"].due_at) == "11-02 10:30"


def test_a_promise_is_said_as_it_was_worded_when_its_clock_stopped() -> None:
    document = small_matrix()
    document["promises"][2]["label"]["en"] = "solved, as we say now"
    versions = [(None, MATRIX), (at("11-03 00:00"), parse_matrix(document))]

    def label(name: str, moment: str) -> str | None:
        found = promise_in(versions, name, at(moment))
        return None if found is None else found.label["en"]

    assert label("solved", "11-02 09:00") == "solved"
    assert label("solved", "11-03 00:00") == "solved, as we say now"
    assert label("of nobody", "11-03 00:00") is None


@pytest.mark.parametrize(
    ("family", "about", "days"),
    [
        ("板", "appearance", 5),
        ("板", "quantity", 60),
        ("线", "quantity", 10),
        ("线", "quality", 30),
        (None, None, 30),
    ],
)
def test_the_narrowest_objection_window_counts(family: str | None, about: str | None, days: int) -> None:
    assert objection_window(MATRIX, family, about).days == days


def test_the_day_of_receipt_does_not_count() -> None:
    window = objection_window(MATRIX, None, "quantity")
    assert last_day_to_object(window, date(2026, 11, 1)) == date(2026, 11, 11)
    assert window.tolerance is not None and float(window.tolerance) == 0.003


@pytest.mark.parametrize(
    ("remedy", "amount", "party"),
    [
        ("replacement", "1000", "service_agent"),
        ("replacement", "1000.01", "manager"),
        ("price_reduction", "1", "manager"),
        ("compensation", "50000", "manager"),
        ("compensation", "50000.01", "director"),
    ],
)
def test_the_lowest_party_whose_limit_is_enough_approves(remedy: str, amount: str, party: str) -> None:
    assert approver_for(MATRIX, remedy, Decimal(amount)) == party


def test_nobody_approves_above_the_limit() -> None:
    assert may_approve(MATRIX, "manager", "rework", Decimal(50000))
    assert not may_approve(MATRIX, "manager", "rework", Decimal("50000.01"))
    assert not may_approve(MATRIX, "service_agent", "compensation", Decimal(1))
    assert not may_approve(MATRIX, "technical", "replacement", Decimal(0))
    assert may_approve(MATRIX, "director", "compensation", Decimal(10**9))
    with pytest.raises(MatrixFault):
        approver_for(MATRIX, "flowers", Decimal(1))
    with pytest.raises(ValueError):
        approver_for(MATRIX, "rework", Decimal(-1))


def past(day: int, kind: str = "complaint", lot: str = "L1", defect: str = "rust") -> Past:
    moment = datetime(2026, 11, 1, tzinfo=UTC) + timedelta(days=day)
    return Past(kind, moment, {"lot": frozenset({lot}), "defect": frozenset({defect})})


def test_complaints_repeat_by_lot_and_by_defect_within_the_window() -> None:
    found = repeats_of(MATRIX, past(29), [past(0), past(10, lot="L2"), past(5, kind="question")])
    assert [(rule.by, mark, count) for rule, mark, count in found] == [
        ("lot", "L1", 2),
        ("defect", "rust", 3),
    ]
    assert repeats_of(MATRIX, past(29), [past(-2), past(-3)]) == ()
    assert repeats_of(MATRIX, past(29, kind="question"), [past(28), past(28)]) == ()
    assert repeats_of(MATRIX, past(0), [past(1), past(2)]) == ()


def test_the_green_channel_is_for_those_it_names() -> None:
    assert is_green(MATRIX, case_attributes(MATRIX, kind="question", urgency="critical"))
    assert not is_green(MATRIX, case_attributes(MATRIX, kind="question", urgency="urgent"))
    (together,) = handled_by(MATRIX, {"kind": "complaint"})
    assert together.together == ("technical", "quality")
    assert handled_by(MATRIX, {"kind": "question"}) == ()


def test_a_step_of_an_investigation_counts_from_the_step_before() -> None:
    desk = investigation_desk_of(MATRIX)
    found = clocks_of(desk, "11-04 09:00", opened("11-02 09:00"), ("11-04 09:00", "d3_done", None))
    assert found["d3"].met and shown(found["d3"].due_at) == "11-05 09:00"
    assert shown(found["d4"].due_at) == "12-02 09:00"
    contained = MATRIX.promise_named("contained")
    assert contained is not None and contained.promise.kind == "d3"
