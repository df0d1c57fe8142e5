"""Documents of targets: each way of writing them, and what is wrong with one."""

from __future__ import annotations

from typing import Any

import pytest

from bihuan.kernel.clocks import ClockFault, Unit, parse_targets
from bihuan.kernel.clocks.instants import MINUTE

FOUR = {"minutes": 240, "unit": "business", "pauses": True}
WAYS: list[Any] = [
    {"resolution": FOUR},
    {"resolution": [FOUR]},
    [{"resolution": FOUR}],
    [{"kind": "resolution", **FOUR}],
    [{"targets": {"resolution": FOUR}}],
    {"targets": [{"kind": "resolution", **FOUR}]},
    {"resolution": {"hours": 4, "pauses": True}},
    {"resolution": {"minutes": "240.0", "pauses": True}},
    {"solution": FOUR},
]


@pytest.mark.parametrize("document", WAYS)
def test_each_way_of_writing_a_target_is_understood(document: Any):
    read = parse_targets(document)
    (promise,) = read.policy.promises
    assert (promise.kind, promise.amount, promise.unit, promise.pauses) == (
        "resolution",
        240 * MINUTE,
        Unit.BUSINESS,
        True,
    )
    assert read.names["resolution"] == next(iter(document if "solution" in document else {"resolution": 1}))


@pytest.mark.parametrize(
    "document",
    [
        [{"when": {"tier": ["A", "B"], "severity": 1}, "resolution": FOUR}],
        [{"when": {"tier": ["A", "B"]}, "resolution": {**FOUR, "when": {"severity": "1"}}}],
        [{"kind": "resolution", "when": {"severity": 1, "tier": ["A", "B"]}, **FOUR}],
    ],
)
def test_conditions_hold_together(document: Any):
    (promise,) = parse_targets(document).policy.promises
    assert promise.applies_to({"tier": "A", "severity": 1, "colour": "red"})
    assert promise.applies_to({"tier": "B", "severity": "1"})
    assert not promise.applies_to({"tier": "C", "severity": 1})
    assert not promise.applies_to({"tier": "A"})


def test_a_target_may_name_its_own_events():
    read = parse_targets(
        {"d3": {"hours": 72, "unit": "elapsed", "start": "admitted", "stop": ["contained", "refused"]}}
    )
    kind = read.kinds["d3"]
    assert (kind.starts_on, kind.stops_on) == ("admitted", {"contained", "refused"})


@pytest.mark.parametrize(
    ("document", "path", "code"),
    [
        (3, "", "not_a_mapping"),
        ({"resolution": 240}, "resolution", "not_a_mapping"),
        ({"resolution": {"unit": "business"}}, "resolution", "missing"),
        ({"resolution": {"minutes": -1}}, "resolution.minutes", "bad_number"),
        ({"resolution": {"minutes": "many"}}, "resolution.minutes", "bad_number"),
        ({"resolution": {"minutes": True}}, "resolution.minutes", "bad_number"),
        ({"resolution": {"minutes": 1e300}}, "resolution.minutes", "bad_number"),
        ({"resolution": {"minutes": float("nan")}}, "resolution.minutes", "bad_number"),
        ({"resolution": {"minutes": 1, "unit": "lunar"}}, "resolution.unit", "one_of"),
        ({"resolution": {"minutes": 1, "pauses": "yes"}}, "resolution.pauses", "bad_pauses"),
        ({"resolution": {"minutes": 1, "minuets": 2}}, "resolution.minuets", "one_of"),
        ({"resolution": {"working_days": 1.5}}, "resolution.working_days", "bad_whole_number"),
        ([{"when": "A", "resolution": FOUR}], "[0].when", "not_a_mapping"),
        ([{"resolution": FOUR}, {"response": {}}], "[1].response", "missing"),
    ],
)
def test_a_fault_says_where_it_is(document: Any, path: str, code: str):
    with pytest.raises(ClockFault) as caught:
        parse_targets(document)
    assert (caught.value.path, caught.value.code) == (path, code)
