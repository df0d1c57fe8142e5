"""Short rounds in the worker: as often as asked, one's failure no other's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from bihuan.kernel import timetable

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def only_ours(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    timetable.load_jobs()
    monkeypatch.setattr(timetable, "_rounds", {})
    yield


def test_a_round_comes_as_often_as_it_was_asked_for():
    called: list[datetime] = []
    timetable.every_seconds("ours", 2, called.append)
    for tenths in range(0, 51, 5):
        timetable.run_due_rounds(NOON + timedelta(seconds=tenths / 10))
    assert called == [NOON, NOON + timedelta(seconds=2), NOON + timedelta(seconds=4)]


def test_a_round_that_fails_keeps_nobody_from_going_on(caplog: pytest.LogCaptureFixture):
    called: list[datetime] = []

    def fails(_now: datetime) -> None:
        raise RuntimeError("no")

    timetable.every_seconds("fails", 1, fails)
    timetable.every_seconds("goes on", 1, called.append)
    assert timetable.run_due_rounds(NOON) == 2
    assert called == [NOON]
    assert "round fails failed" in caplog.text


def test_a_clock_that_was_put_back_keeps_no_round_waiting():
    called: list[datetime] = []
    timetable.every_seconds("ours", 60, called.append)
    timetable.run_due_rounds(NOON)
    timetable.run_due_rounds(NOON - timedelta(hours=1))
    assert len(called) == 2
