"""The command as a person runs it: each in a process of its own, in a folder where nothing has been prepared."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest


def bihuan(home: Path, *words: object, **told: str) -> subprocess.CompletedProcess[str]:
    """Run the command on SQLite in that home, without a terminal."""
    surroundings = {key: value for key, value in os.environ.items() if not key.startswith("BIHUAN_")}
    return subprocess.run(
        [sys.executable, "-m", "bihuan.config", *map(str, words)],
        env=surroundings | {"BIHUAN_HOME": str(home)} | told,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )


def test_no_command_needs_another_before_it(tmp_path: Path) -> None:
    counted = bihuan(tmp_path / "new", "counts", "--json")
    assert counted.returncode == 0, counted.stderr
    assert set(json.loads(counted.stdout).values()) == {0}
    asked = bihuan(tmp_path / "other", "customer", "show", "K1", "--json")
    assert (asked.returncode, asked.stdout) == (1, "")
    assert "Traceback" not in asked.stderr
    assert "K1" in asked.stderr


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"BIHUAN_DATABASE_URL": "postgresql://a:b@127.0.0.1:1/c"}, id="no server there"),
        pytest.param({"BIHUAN_HOME": __file__}, id="the home is a file"),
        pytest.param({"BIHUAN_PORT": "many"}, id="no port"),
    ],
)
def test_a_database_or_folder_that_fails_is_told_in_a_sentence(tmp_path: Path, told: dict[str, str]) -> None:
    words = ("serve",) if "BIHUAN_PORT" in told else ("counts",)
    done = bihuan(tmp_path, *words, **told)
    assert done.returncode in (1, 2)
    assert "Traceback" not in done.stderr
    assert done.stderr.strip()


def test_what_is_no_table_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04" + bytes(100))
    (tmp_path / "b.csv").write_text("id,name\n1," + "x" * 200_000 + "\n2,y\n", encoding="utf-8")
    (tmp_path / "c.csv").write_bytes(bytes(100))
    for file in (tmp_path, tmp_path / "a.xlsx", tmp_path / "b.csv", tmp_path / "c.csv"):
        done = bihuan(tmp_path, "duplicates", "dedupe", file, "--json")
        assert (done.returncode, done.stdout) == (1, ""), file
        assert "Traceback" not in done.stderr
        assert done.stderr.strip()


def test_files_of_other_programs_are_matched(tmp_path: Path) -> None:
    rows = "编号\t公司名称\t电话\n1\t江苏三木化工有限公司\t13800138000\n2\t三木化工\t13800138000\n3\t青岛海湾\t1\n"
    (tmp_path / "wide.csv").write_bytes(rows.encode("utf-16"))
    done = bihuan(tmp_path, "duplicates", "dedupe", tmp_path / "wide.csv", "--json")
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(one["a"], one["b"], one["merge"]) for one in found] == [("1", "2", True)]


def test_a_policy_file_that_is_no_text_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "policy.yaml").write_bytes(b"\xff\xfe\x00x")
    done = bihuan(tmp_path / "home", "policy", "validate", tmp_path / "policy.yaml", "--json")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Traceback" not in done.stderr
    assert "policy.yaml" in done.stderr


def test_whoever_is_alone_decides_on_what_the_system_proposes(tmp_path: Path) -> None:
    """From nothing to a tier: init, import, propose without computing metrics first, decide."""
    rows = "客户编号,客户名称\nK1,甲乙化工有限公司\nK2,丙丁香料有限公司\n"
    (tmp_path / "customers.csv").write_text(rows, encoding="utf-8")
    home = tmp_path / "home"
    assert bihuan(home, "init", "--pack", "terpene").returncode == 0
    assert bihuan(home, "import", tmp_path / "customers.csv", "--as", "customers").returncode == 0
    proposed = bihuan(home, "policy", "propose", "terpene_tiers", "--as-of", "2026-11-20", "--json")
    candidates = [json.loads(line) for line in proposed.stdout.splitlines()]
    assert {one["customer"] for one in candidates} == {"K1", "K2"}
    words = ("policy", "approve", candidates[0]["proposal"], "--by", "admin", "--effective", "2026-11-20")
    assert json.loads(bihuan(home, *words, "--json").stdout)["decided"] == 2
    shown = json.loads(bihuan(home, "customer", "show", "K1", "--json").stdout)
    assert shown["tier"]["value"] == candidates[0]["to"]
    assert shown["tier"]["reasons"]
