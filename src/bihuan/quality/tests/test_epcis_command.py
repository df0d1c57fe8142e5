"""`bihuan epcis check` as a person calls it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from bihuan.config.cli import main
from bihuan.quality.epcis import MESSAGES, Fault
from bihuan.quality.epcis_commands import say_fault
from bihuan.quality.tests.epcis_samples import OBJECT, document


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    good, bad = tmp_path / "good.json", tmp_path / "坏.json"
    good.write_text(json.dumps(document(OBJECT)), encoding="utf-8")
    bad.write_text(json.dumps(document(OBJECT | {"bizStep": "cooking"})), encoding="utf-8")
    return good, bad


def _lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_a_file_and_status_0_although_one_is_refused(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    good, bad = map(str, files)
    with translation.override("en"):
        assert main(["epcis", "check", good, bad]) == 0
    first, second = _lines(capsys.readouterr().out)
    assert list(first) == ["file", "accepted", "events", "hashes", "errors"]
    assert first["file"] == good and first["accepted"] and first["events"] == len(first["hashes"]) == 1
    assert second == {
        "file": bad,
        "accepted": False,
        "events": 1,
        "hashes": [],
        "errors": [
            {
                "path": "$.epcisBody.eventList[0].bizStep",
                "message": "“cooking” is no standard value of bizStep; a value of one's own must be a URI.",
            }
        ],
    }


def test_the_reader_is_told_in_chinese(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    with translation.override("zh-hans"):
        main(["epcis", "check", str(files[1])])
    assert "cooking" in capsys.readouterr().out
    with translation.override("zh-hans"):
        for code, sentence in MESSAGES.items():
            values: dict[str, object] = dict.fromkeys(
                "value field scheme ai digit limit key line column at prefix word low high count".split(), 7
            )
            told = say_fault(Fault((), code, values))
            assert told != sentence % values and any("\u4e00" <= letter <= "\u9fff" for letter in told), code


def test_a_file_that_is_not_there_is_told_and_the_others_are_checked(
    files: tuple[Path, Path], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["epcis", "check", str(tmp_path / "none.json"), str(files[0])]) == 1
    out, err = capsys.readouterr()
    assert [line["accepted"] for line in _lines(out)] == [True]
    assert "none.json" in err
    assert main(["epcis", "check", str(tmp_path)]) == 1


def test_what_was_hashed_can_be_shown(files: tuple[Path, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["epcis", "check", "--pre-hashes", "--hash-version", "CBV2.1", str(files[0])]) == 0
    (line,) = _lines(capsys.readouterr().out)
    assert line["pre_hashes"][0].startswith("eventType=ObjectEvent")
    assert line["hashes"][0].endswith("?ver=CBV2.1")


def test_bad_use_is_status_2() -> None:
    with pytest.raises(SystemExit) as ended:
        main(["epcis", "check"])
    assert ended.value.code == 2
