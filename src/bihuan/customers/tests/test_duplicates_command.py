"""`bihuan duplicates`: the same services from the command line."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from bihuan.customers.duplicates.derived import derived_columns
from bihuan.customers.models import Customer

NOW = datetime(2026, 6, 30, 4, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def pair() -> tuple[Customer, Customer]:
    made = [
        Customer.objects.create(
            external_id=key, name=name, created_at=NOW, updated_at=NOW, **derived_columns(name, "")
        )
        for key, name in (("K1", "江苏三木化工有限公司"), ("K2", "江蘇三木化工"))
    ]
    return made[0], made[1]


def command(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict[str, Any]]:
    from bihuan.config.cli import main

    assert main(["duplicates", *words, "--json"]) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_command_finds_merges_and_undoes(
    pair: tuple[Customer, Customer], capsys: pytest.CaptureFixture[str]
) -> None:
    (found,) = command(capsys, "find")
    assert set(found) == {"cluster", "members", "probability"}
    assert found["members"] == ["K1", "K2"]
    (merged,) = command(capsys, "merge", str(found["cluster"]), "--into", "K2")
    assert (merged["winner"], merged["losers"]) == ("K2", ["K1"])
    (undone,) = command(capsys, "undo", str(merged["merge"]))
    assert undone == {"id": merged["merge"], "restored": undone["restored"], "kept": []}


def test_the_command_matches_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.csv").write_text("id,name\n1,江苏三木化工有限公司\n2,浙江绿源食品\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("nr,bezeichnung\n7,江蘇三木化工\n", encoding="utf-8")
    (tmp_path / "map.yaml").write_text("name: bezeichnung\nid: nr\n", encoding="utf-8")
    from bihuan.config.cli import main

    files = [str(tmp_path / "b.csv"), "--profile", "company", "--mapping", str(tmp_path / "map.yaml")]
    assert command(capsys, "dedupe", *files) == []
    both = command(capsys, "link", str(tmp_path / "a.csv"), *files)
    assert [(one["a"], one["b"], one["merge"]) for one in both] == [("1", "7", True)]
    assert main(["duplicates", "link", str(tmp_path / "a.csv"), str(tmp_path / "absent.csv")]) == 1
    assert main(["duplicates", "dedupe", str(tmp_path / "b.csv")]) == 1  # no column of names
    assert main(["duplicates", "merge", "999999"]) == 1
    assert main(["duplicates", "undo", "999999"]) == 1
