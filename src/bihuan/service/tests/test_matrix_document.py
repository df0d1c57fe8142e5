"""A service matrix as a document: what it says, and in words what is wrong with one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.utils import translation

from bihuan.kernel.clocks import ClockFault
from bihuan.service.matrix import MatrixFault, exemption_for, parse_matrix
from bihuan.service.tests.matrices import named, promise, said, small_matrix
from bihuan.service.wording import say_fault


def test_a_matrix_says_its_words_and_rules() -> None:
    matrix = parse_matrix(small_matrix())
    assert matrix.tiers == ("gold", "plain")
    assert matrix.status_of("waiting").label["en"] == "waiting"
    assert matrix.channels[1].calendar_for("gold") == "24x7"
    assert matrix.channels[1].calendar_for("plain") == "works"
    assert matrix.channels[0].calendar_for("gold") is None
    found = matrix.promise_named("gold-response")
    assert found is not None and (found.source, found.promise.kind) == ("test", "response")
    assert matrix.promise_named("of an earlier wording") is None


def test_it_survives_being_stored_as_json() -> None:
    stored, given = parse_matrix(json.loads(json.dumps(small_matrix()))), parse_matrix(small_matrix())
    assert replace(stored, calendars={}) == replace(given, calendars={})
    assert stored.calendars["works"].versions == given.calendars["works"].versions


def test_a_reason_pauses_the_clocks_it_names_and_no_others() -> None:
    document = small_matrix()
    document["promises"].append(promise("never-waits", "resolution", hours=90, pauses=False))
    document["promises"].append(promise("waits", "resolution", hours=90, pauses=["customer"]))
    by_name = {one.promise.name: one.promise.pauses for one in parse_matrix(document).on_cases.promises}
    assert by_name["solved"] == by_name["waits"] == {"customer"}
    assert by_name["called-back"] == {"unreachable"}
    assert by_name["gold-response"] is False
    assert by_name["never-waits"] is False


def test_what_is_promised_to_nobody_needs_a_reason() -> None:
    document = small_matrix()
    document["promises"][2]["when"] = {
        "kind": ["complaint", "question", "order_query", "technical_support", "quality_objection"]
    }
    with pytest.raises(MatrixFault) as refused:
        parse_matrix(document)
    assert refused.value.code == "no_promise"
    assert refused.value.params["kind"] == "suggestion"
    document["without"] = [
        {"clock": "resolution", "when": {"kind": "suggestion"}, "reason": said("collected"), "source": "test"}
    ]
    why = exemption_for(parse_matrix(document), "resolution", {"kind": "suggestion"})
    assert why is not None and why.reason["en"] == "collected"


def put(*path: Any) -> Callable[[dict[str, Any], Any], None]:
    def change(document: dict[str, Any], value: Any) -> None:
        place: Any = document
        for step in path[:-1]:
            place = place[step]
        place[path[-1]] = value

    return change


BROKEN: list[tuple[Callable[[dict[str, Any], Any], None], Any, str]] = [
    (put("colour"), "red", "colour: “colour” is not known here."),
    (put("kinds"), None, "kinds: “kinds” is missing."),
    (put("kinds"), named("question"), "kinds: All of these are needed"),
    (put("kinds", 0, "id"), "whim", "kinds[0].id: “whim” is not known here."),
    (put("kinds", 0, "label"), {"en": "Question"}, "kinds[0].label: A text in Chinese"),
    (put("kinds", 0, "id"), {}, "kinds[0].id: A text is expected here."),
    (put("promises", 0, "name"), ["x"], "promises[0].name: A text is expected here."),
    (put("clocks", "executive", "stop"), {}, "clocks.executive.stop: A text is expected here."),
    (put("approvals", "currency"), " ", "approvals.currency: A text is expected here."),
    (put("severities", 1, "id"), 4, "severities[1].id: “4” is not known here."),
    (put("severities", 1, "id"), 1, "severities[1]: “1” stands here twice."),
    (put("tiers"), ["gold", "gold"], "tiers[1]: “gold” stands here twice."),
    (put("tiers"), "gold", "tiers: A list is expected here."),
    (put("untiered"), "silver", "untiered: “silver” is not known here. Known: gold, plain."),
    (put("calendar"), "moon", "calendar: There is no calendar called “moon”"),
    (put("calendars", "works"), "moon", "calendars.works: There is no calendar called “moon”"),
    (put("calendars", "works", "week"), {"mon": ["9 to 5"]}, "calendars.works.week.mon[0]: “9 to 5” are no hours"),
    (put("channels", 1, "tier_calendars"), {"silver": "24x7"}, "channels[1].tier_calendars.silver: “silver” is not known"),
    (put("statuses", 0, "category"), "asleep", "statuses[0].category: “asleep” is not known here."),
    (put("statuses", 0, "category"), "open", "statuses: All of these are needed"),
    (put("statuses", 2, "pause_reason"), "rain", "statuses[2].pause_reason: “rain” is not known here."),
    (put("pause_reasons", 0, "clocks"), ["snooze"], "pause_reasons[0].clocks[0]: “snooze” is not known here."),
    (put("promises", 0, "hours"), "soon", "promises[0].hours: “soon” is not a number"),
    (put("promises", 0, "minute"), 5, "promises[0].minute: “minute” is not known here."),
    (put("promises", 0, "start"), "opened", "promises[0].start: “start” is not known here."),
    (put("promises", 0, "kind"), "snooze", "promises[0].kind: “snooze” is not known here."),
    (put("promises", 0, "when"), {"tier": "silver"}, "promises[0].when.tier: “silver” is not known here."),
    (put("promises", 0, "when"), {"colour": "red"}, "promises[0].when.colour: “colour” is not known here."),
    (put("promises", 0, "calendar"), "moon", "promises[0].calendar: There is no calendar called “moon”"),
    (put("promises", 0, "label"), "fast", "promises[0].label: A text in Chinese"),
    (put("promises", 0, "source"), None, "promises[0]: “source” is missing."),
    (put("promises", 1, "name"), "gold-response", "promises[1]: “gold-response” stands here twice."),
    (put("promises", 1, "on_change"), "keep", "promises[1].on_change: All promises for “response” need the same"),
    (put("promises", 2, "pauses"), ["unreachable"], "promises[2].pauses[0]: The reason “unreachable” may not pause"),
    (put("promises", 2, "pauses"), "always", "promises[2].pauses: “pauses” is true, false or a list"),
    (put("promises", 1, "when"), {"tier": "gold"}, "promises: A case of kind “question”, severity 1, urgency “regular” and tier “plain”"),
    (put("escalation", "2"), [{"share": 120, "to": "owner"}], "escalation.2[0].share: “120” is not a whole number from 0 to 100."),
    (put("escalation", "2"), [{"share": 90, "to": "owner"}, {"share": 50, "to": "owner"}], "escalation.2[1]: The shares of an escalation rise"),
    (put("escalation", "2"), [{"share": 90, "to": "the boss"}], "escalation.2[0].to: “the boss” is not known here."),
    (put("escalation"), {"1": []}, "escalation: All of these are needed"),
    (put("green_channel", "clock"), "snooze", "green_channel.clock: “snooze” is not known here."),
    (put("green_channel", "may_freeze_schedule"), "yes", "green_channel.may_freeze_schedule: “yes” is not known here. Known: true, false."),
    (put("green_channel", "requests", 0, "capacity_share"), 10, "green_channel.requests[0].capacity_share: “10” is not a number from 0 to 1."),
    (put("objections", "windows"), [{"days": 5, "family": "板", "source": "x"}], "objections.windows: One entry has to hold for everything"),
    (put("objections", "windows", 1, "about"), "smell", "objections.windows[1].about: “smell” is not known here."),
    (put("objections", "windows", 2, "days"), True, "objections.windows[2].days: “True” is not a whole number"),
    (put("approvals", "limits", 2, "up_to"), 90000, "approvals.limits: Nobody may approve “return” above 90000"),
    (put("approvals", "limits", 0, "up_to"), -1, "approvals.limits[0].up_to: “-1” is not a number"),
    (put("approvals", "limits", 0, "remedies"), ["flowers"], "approvals.limits[0].remedies[0]: “flowers” is not known here."),
    (put("repeats", 0, "by"), "weather", "repeats[0].by: “weather” is not known here."),
    (put("investigation", "promises", 1, "hours"), "soon", "investigation.promises[1].hours: “soon” is not a number"),
    (put("investigation", "clocks", "d3"), {}, "investigation.clocks.d3.label: A text in Chinese"),
    (put("investigation", "promises"), None, "investigation: “promises” is missing."),
    (put("handling"), {"when": 1}, "handling: A list is expected here."),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "value", "words"), BROKEN, ids=[words.split(":")[0] for *_x, words in BROKEN]
)
def test_a_broken_matrix_is_refused_with_the_place(
    change: Callable[[dict[str, Any], Any], None], value: Any, words: str
) -> None:
    document = small_matrix()
    change(document, value)
    with pytest.raises(ClockFault) as refused:
        parse_matrix(document)
    assert str(refused.value).startswith(words)
    with translation.override("en"):
        assert say_fault(refused.value) == str(refused.value)


def test_a_fault_is_said_in_chinese() -> None:
    document = small_matrix()
    document["promises"][2]["pauses"] = ["unreachable"]
    with pytest.raises(MatrixFault) as refused:
        parse_matrix(document)
    with translation.override("zh-hans"):
        assert (
            say_fault(refused.value) == "promises[2].pauses[0]: 原因“unreachable”不得暂停时限“resolution”。"
        )


@pytest.mark.parametrize("document", [None, [], "matrix", 3])
def test_what_is_no_matrix_at_all_is_refused(document: object) -> None:
    with pytest.raises(MatrixFault) as refused:
        parse_matrix(document)
    assert refused.value.code == "not_a_mapping"


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The path of everything in a document."""
    if path:
        yield path
    steps: Any = (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    )
    for key, one in steps:
        yield from places(one, (*path, key))


@pytest.mark.parametrize(
    "odd", [None, 0, -1, 10**30, True, "", "x", [], [None], [[]], {}, {"x": None}, {1: 2}]
)
def test_whatever_stands_anywhere_is_read_or_refused_with_words(odd: Any) -> None:
    for path in places(small_matrix()):
        document = small_matrix()
        put(*path)(document, odd)
        try:
            parse_matrix(document)
        except ClockFault as fault:
            assert say_fault(fault)
