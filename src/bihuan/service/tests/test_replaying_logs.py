"""Reading a log: what is held in memory, and lines that nobody should write."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from bihuan.kernel.clocks import Desk, packaged_calendar, parse_targets
from bihuan.service.replay.lines import MOST_BYTES, EventReader
from bihuan.service.replay.log import Findings, replay

NOW = datetime(2026, 1, 1, tzinfo=UTC)


def run(log: io.BytesIO) -> tuple[list[tuple[str | int | float, bool | None]], Findings, list[int]]:
    targets = parse_targets({"resolution": {"hours": 8}})
    calendar = packaged_calendar("cn-office")
    assert calendar is not None
    kinds = dict(targets.kinds)
    refused: list[int] = []
    findings = Findings(told=lambda line, _reason: refused.append(line))
    desk = Desk([targets.policy], {"here": calendar}, "here", kinds)
    reader = EventReader(calendar.latest.zone, kinds, dict(targets.names))
    found = [
        (case, clock.met)
        for case, clocks in replay(log, desk, reader, NOW, False, findings)
        for clock in clocks
    ]
    return found, findings, refused


def event(case: object, hour: int, name: str) -> bytes:
    return json.dumps({"case": case, "at": f"2025-03-03T{hour:02}:00:00", "event": name}).encode()


def test_a_long_line_is_refused_and_the_next_one_read():
    long = b'{"case": "long", "note": "' + b"x" * (3 * MOST_BYTES) + b'"}'
    log = [event(1, 9, "opened"), long, event(1, 10, "solved"), b"x" * MOST_BYTES, event(1, 11, "closed")]
    found, findings, refused = run(io.BytesIO(b"\n".join(log)))
    assert (found, refused) == ([(1, True)], [2, 4])
    assert findings.events == 3


@pytest.mark.parametrize(
    "line",
    [
        b"\xff\xfe",
        b"[" * 200_000,
        b'{"case": [1], "at": "2025-03-03", "event": "opened"}',
        b"null",
        b'{"case": true}',
    ],
    ids=["not UTF-8", "nested without end", "a list for a case", "null", "true for a case"],
)
def test_a_line_that_nobody_should_write_is_refused_alone(line: bytes):
    found, _findings, refused = run(
        io.BytesIO(b"\n".join([event(1, 9, "opened"), line, event(1, 10, "solved")]))
    )
    assert (found, refused) == ([(1, True)], [2])


def test_a_case_is_one_whether_written_as_text_or_number():
    found, _findings, _refused = run(
        io.BytesIO(b"\n".join([event(7, 9, "opened"), event("7", 10, "solved")]))
    )
    assert found == [(7, True)]


def test_a_case_comes_out_when_its_last_line_was_read():
    log = [
        event("a", 9, "opened"),
        event("b", 9, "opened"),
        event("b", 10, "solved"),
        event("a", 11, "solved"),
    ]
    assert [case for case, _met in run(io.BytesIO(b"\n".join(log)))[0]] == ["b", "a"]


def test_a_case_whose_last_line_is_broken_still_comes_out():
    told = [
        event("a", 9, "opened"),
        event("a", 10, "solved"),
        b'{"case": "a", "at": "2025',
        event("b", 9, "opened"),
    ]
    told += [event("b", 10, "solved"), b'{"case": "b", "case": "c", "at": "2025-03-03", "event": "opened"}']
    found, _findings, refused = run(io.BytesIO(b"\n".join(told)))
    assert sorted(found, key=str) == [("a", True), ("b", True), ("c", None)]
    assert refused == [3]


class Growing(io.BytesIO):
    """A log that another program goes on writing while it is read."""

    def seek(self, place: int, whence: int = 0) -> int:
        if self.tell():
            super().seek(0, io.SEEK_END)
            self.write(b"\n" + event(1, 12, "reopened") + b"\n" + event(2, 12, "opened"))
        return super().seek(place, whence)


def test_what_is_written_meanwhile_waits_for_the_next_time():
    found, findings, _refused = run(Growing(b"\n".join([event(1, 9, "opened"), event(1, 10, "solved")])))
    assert (found, findings.events) == ([(1, True)], 2)


def test_memory_does_not_grow_with_the_log():
    """Ten times as many events of as many cases under way: the same peak, give or take."""

    def log(cases: int, each: int) -> io.BytesIO:
        def lines() -> Iterator[bytes]:
            for case in range(cases):
                yield event(case, 9, "opened")
                yield from (event(case, 10, "updated") for _ in range(each))
                yield event(case, 11, "solved")

        return io.BytesIO(b"\n".join(lines()))

    def peak(file: io.BytesIO) -> int:
        tracemalloc.start()
        found, _findings, _refused = run(file)
        assert len(found) == 200
        _now, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return most

    short, long = log(200, 5), log(200, 100)
    peak(short)  # the calendar's years
    assert peak(long) < 1.3 * peak(short) + 200_000
