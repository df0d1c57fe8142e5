"""`bihuan case clocks`, as a person runs it on the log of another system."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from bihuan.config.cli import main

KEYS = ["case", "kind", "started_at", "due_at", "paused_minutes", "stopped_at", "used_minutes", "met"]
FOUR_HOURS = {"resolution": {"minutes": 240, "unit": "business", "pauses": True}}
CALENDAR = """
zone: Europe/Berlin
week: {mon: ["09:00-18:00"], tue: ["09:00-18:00"], wed: ["09:00-18:00"], thu: ["09:00-18:00"], fri: ["09:00-18:00"]}
holidays: [2013-06-05]
workdays: [2013-06-08]
"""


class Replayed:
    def __init__(self, status: int, out: str, err: str) -> None:
        self.status, self.err = status, err
        self.rows = [json.loads(line) for line in out.splitlines()]

    def of(self, case: object, kind: str = "resolution") -> dict[str, Any]:
        (row,) = [one for one in self.rows if (one["case"], one["kind"]) == (case, kind)]
        return row


@pytest.fixture
def replay(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Runs the command on these lines (mappings, or texts as they are)."""

    def run(
        lines: Iterable[Any], *options: str, targets: object = FOUR_HOURS, calendar: str | None = CALENDAR
    ) -> Replayed:
        log, goals, hours = (tmp_path / name for name in ("log.jsonl", "targets.json", "hours.yaml"))
        log.write_text(
            "\n".join(one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in lines),
            encoding="utf-8",
        )
        goals.write_text(targets if isinstance(targets, str) else json.dumps(targets, indent="\t"))
        if calendar is not None:
            hours.write_text(calendar, encoding="utf-8")
        words = ["case", "clocks", str(log), "--targets", str(goals)]
        words += [] if calendar is None else ["--calendar", str(hours)]
        status = main([*words, *options])
        told = capsys.readouterr()
        return Replayed(status, told.out, told.err)

    return run


def line(case: object, moment: str, name: str, **more: Any) -> dict[str, Any]:
    return {"case": case, "at": f"2013-06-{moment}Z", "event": name, **more}


ZAMMAD = [
    line(1, "04T09:00", "opened", severity=1, tier="A"),
    line(1, "04T09:00", "paused"),
    line(1, "04T10:30", "resumed"),
    line(1, "04T11:00", "paused"),
    line(1, "04T11:30", "resumed"),
    line(1, "04T12:00", "closed"),
]


def test_the_published_case_comes_out_to_the_minute(replay):
    done = replay(ZAMMAD)
    assert (done.status, done.err) == (0, "")
    (row,) = done.rows
    assert list(row) == KEYS
    assert row == {
        "case": 1,
        "kind": "resolution",
        "started_at": "2013-06-04T09:00:00Z",
        "due_at": "2013-06-04T15:00:00Z",
        "paused_minutes": 120,
        "stopped_at": "2013-06-04T12:00:00Z",
        "used_minutes": 60,
        "met": True,
    }


def test_the_calendar_file_knows_holidays_and_make_up_days(replay):
    done = replay([line("a", "04T15:30", "opened"), line("b", "07T15:30", "opened")], "--now", "2013-06-20")
    assert done.of("a")["due_at"] == "2013-06-06T10:30:00Z"  # Wednesday the 5th is free
    assert done.of("b")["due_at"] == "2013-06-08T10:30:00Z"  # Saturday the 8th is worked
    assert (done.of("a")["stopped_at"], done.of("a")["met"]) == (None, None)


def test_interleaved_cases_come_out_as_each_would_alone(replay):
    others = [{**one, "case": "zwei"} for one in ZAMMAD]
    woven = [one for pair in zip(ZAMMAD, others, strict=True) for one in pair]
    alone, both = replay(ZAMMAD), replay(woven)
    assert [both.of(1)] == alone.rows
    assert both.of("zwei") == alone.rows[0] | {"case": "zwei"}


def test_an_authoritys_stored_deadlines_count_instead_of_the_targets(replay):
    """Permits: a deadline for some, none for others; as a date it lasts through the day. Pauses do not move it."""
    log = [
        line("p1", "03T08:00", "opened", due_at={"resolution": "2013-06-10"}),
        line("p2", "03T08:00", "opened", due_at={"resolution": None}),
        line("p3", "03T08:00", "opened", due_at={"objection": "2013-06-04T10:00:00+02:00"}),
        line("p1", "04T08:00", "paused"),
        line("p1", "10T21:30", "solved"),
        line("p2", "10T08:00", "solved"),
        line("p3", "04T08:01", "closed"),
    ]
    done = replay(log)
    assert done.of("p1")["due_at"] == "2013-06-10T21:59:59.999999Z"
    assert (done.of("p1")["met"], done.of("p2")["met"]) == (True, False)
    assert (done.of("p3", "objection")["due_at"], done.of("p3", "objection")["met"]) == (
        "2013-06-04T08:00:00Z",
        False,
    )
    assert replay(log, targets={}).of("p1")["met"] is True


def test_targets_by_tier_and_severity_and_a_change_of_tier(replay):
    targets = [
        {
            "when": {"tier": "A"},
            "resolution": {"minutes": 60},
            "response": {"minutes": 15, "unit": "elapsed"},
        },
        {"when": {"tier": "B", "severity": [1, 2]}, "resolution": {"minutes": 120}},
        {"resolution": {"minutes": 480}},
    ]
    log = [
        line("x", "04T08:00", "opened", tier="C", severity=2),
        line("y", "04T08:00", "opened", tier="A", severity=3),
        line("x", "04T08:30", "changed", tier="B"),
        line("y", "04T08:10", "responded"),
        line("x", "04T12:00", "solved"),
        line("y", "04T09:00", "solved"),
    ]
    done = replay(log, targets=targets)
    assert done.of("x")["due_at"] == "2013-06-04T10:00:00Z"
    assert (done.of("x")["met"], done.of("y")["met"], done.of("y", "response")["met"]) == (False, True, True)
    assert len(done.rows) == 3


def test_an_explanation_names_all_promises_the_calendar_and_the_pauses(replay):
    targets = [FOUR_HOURS, {"name": "everybody", "resolution": {"working_days": 5}}]
    (row,) = replay(ZAMMAD, "--explain", targets=targets).rows
    assert list(row)[: len(KEYS)] == KEYS
    assert [one["promise"] for one in row["promises"]] == ["[0].resolution", "everybody"]
    assert (row["calendar"], row["remaining_minutes"], row["share_used"]) == ("hours@1", 180, 0.25)
    assert [one["from"] for one in row["pauses"]] == ["2013-06-04T09:00:00Z", "2013-06-04T11:00:00Z"]


def test_lines_that_cannot_be_read_are_told_by_number_and_their_case_is_withheld(replay):
    log = [
        *ZAMMAD,
        "not json",
        "[1]",
        "",
        line("bad", "04T09:00", "opened"),
        {"case": "bad", "at": "yesterday", "event": "solved"},
        {"case": "old", "at": "0300-01-01", "event": "opened"},
        {"case": None, "at": "2013-06-04", "event": "opened"},
        {"case": "no event", "at": "2013-06-04"},
        {"case": "due", "at": "2013-06-04", "event": "opened", "due_at": "2013-06-05"},
    ]
    done = replay(log)
    assert done.status == 0
    assert {one["case"] for one in done.rows} == {1}
    told = done.err.splitlines()
    assert [one.split(" ")[1] for one in told if one.startswith("第")] == [
        "7",
        "8",
        "11",
        "12",
        "13",
        "14",
        "15",
    ]
    assert "yesterday" in done.err
    assert "未输出 4 个" in done.err


def test_a_file_of_something_else_is_refused(replay, tmp_path: Path):
    done = replay(["case,at,event", "1,2013-06-04,opened"])
    assert (done.status, done.rows) == (1, [])
    assert "没有一行可读" in done.err


def test_an_empty_log_has_no_clocks(replay):
    done = replay([])
    assert (done.status, done.rows, done.err) == (0, [], "")


def test_events_of_another_trade_move_nothing_and_are_named(replay):
    done = replay([*ZAMMAD[:5], line(1, "04T11:45", "Eskaliert"), line(1, "04T11:50", "updated"), ZAMMAD[5]])
    assert done.rows == replay(ZAMMAD).rows
    assert "Eskaliert (1)" in done.err
    assert "updated" not in done.err


def test_times_without_a_zone_are_the_wall_clock_of_the_calendar(replay):
    log = [{"case": 1, "at": "2013-06-04T11:00:00", "event": "opened"}, line(1, "04T10:00", "solved")]
    assert replay(log).of(1)["started_at"] == "2013-06-04T09:00:00Z"


def test_now_is_the_moment_the_log_is_looked_at(replay):
    then = replay(ZAMMAD, "--now", "2013-06-04T11:10:00Z").of(1)
    assert (then["stopped_at"], then["met"], then["used_minutes"], then["paused_minutes"]) == (
        None,
        None,
        30,
        100,
    )
    assert replay(ZAMMAD, "--now", "2013-06-04T11:10:30Z").of(1)["paused_minutes"] == 100.5


def test_without_now_the_time_of_the_machine_counts(replay, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("BIHUAN_NOW", "2013-06-04T11:10:00Z")
    opened = ZAMMAD[:1]
    assert replay(opened).of(1)["used_minutes"] == 130
    # what the log knows has happened, even if the machine's clock is behind
    assert replay(ZAMMAD).of(1)["stopped_at"] == "2013-06-04T12:00:00Z"


@pytest.mark.parametrize(
    ("targets", "calendar", "options", "status", "told"),
    [
        ({"resolution": {"unit": "business"}}, CALENDAR, (), 1, "resolution: "),
        ("{resolution: [", CALENDAR, (), 1, "targets.json"),
        ("a: &a 1\nb: *a", CALENDAR, (), 1, "aliases"),
        ({"resolution": {"minutes": 1, "calendar": "moon"}}, CALENDAR, (), 1, "moon"),
        (FOUR_HOURS, "zone: Mars/Olympus\nweek: {}", (), 1, "Mars/Olympus"),
        (FOUR_HOURS, "zone: UTC\nweek: {mon: ['9-5']}", (), 1, "week.mon[0]"),
        (FOUR_HOURS, None, ("--calendar", "never"), 2, "cn-office"),
        (FOUR_HOURS, CALENDAR, ("--now", "soon"), 2, "--now"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(replay, targets, calendar, options, status, told):
    done = replay(ZAMMAD, *options, targets=targets, calendar=calendar)
    assert (done.status, done.rows) == (status, [])
    assert told in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("log", "targets", "told"),
    [
        ("none.jsonl", "t.json", "none.jsonl 不存在"),
        (".", "t.json", "是文件夹"),
        ("t.json", "none.json", "none.json 不存在"),
    ],
)
def test_a_file_that_is_not_there_is_told_in_a_sentence(
    tmp_path: Path, capsys, monkeypatch, log, targets, told
):
    monkeypatch.chdir(tmp_path)
    Path("t.json").write_text(json.dumps(FOUR_HOURS))
    assert main(["case", "clocks", log, "--targets", targets, "--calendar", "24x7"]) == 1
    assert told in capsys.readouterr().err


def test_a_calendar_of_ours_goes_by_name(replay):
    log = [{"case": 1, "at": "2026-02-14T17:30:00+08:00", "event": "opened"}]
    targets = {"resolution": {"minutes": 60, "unit": "business"}}
    done = replay(log, "--calendar", "cn-office-9x5", "--now", "2026-02-15", targets=targets, calendar=None)
    assert done.of(1)["due_at"] == "2026-02-24T01:30:00Z"
    assert done.err == ""


def test_a_due_time_in_a_year_without_a_holiday_list_is_told(replay):
    log = [{"case": 1, "at": "2026-12-31T17:30:00+08:00", "event": "opened"}]
    done = replay(log, "--calendar", "cn-office", "--now", "2026-12-31T18:00", calendar=None)
    assert done.status == 0
    assert "尚未公布放假安排" in done.err


def test_a_pipe_is_read_like_a_file(tmp_path: Path):
    (tmp_path / "t.json").write_text(json.dumps(FOUR_HOURS))
    (tmp_path / "c.yaml").write_text(CALENDAR, encoding="utf-8")
    words = ["case", "clocks", "-", "--targets", "t.json", "--calendar", "c.yaml"]
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.config", *words],
        input="\ufeff" + "\n".join(map(json.dumps, ZAMMAD)),
        env=os.environ | {"BIHUAN_HOME": str(tmp_path / "home")},
        cwd=tmp_path,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["due_at"] == "2013-06-04T15:00:00Z"
    assert not (tmp_path / "home" / "bihuan.sqlite3").exists()
