"""`bihuan evidence`, as a person runs it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bihuan.config.cli import main
from bihuan.quality import evidence_source

from .evidence_making import NOW, batch, make_log

LEAVES = "\n00\n10\n2021\n3031\n40414243\n5051525354555657\n606162636465666768696a6b6c6d6e6f\n"
ROOT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.fixture
def log(settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A made log with no database beside it."""
    settings.HOME = tmp_path
    monkeypatch.setattr("bihuan.quality.evidence_commands.database_rows", lambda: None)
    return make_log(evidence_source.evidence_log().folder, 300, 700)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    def run(*words: object) -> tuple[int, str, str]:
        status = main(["evidence", *map(str, words)])
        told = capsys.readouterr()
        return status, told.out, told.err

    return run


@pytest.mark.parametrize(
    ("text", "root"),
    [
        (LEAVES, ROOT),  # conformance case 6: RFC 6962's leaves
        (LEAVES.rstrip("\n"), ROOT),
        (LEAVES.replace("\n", "\r\n"), ROOT),
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("\n", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ],
)
def test_root_prints_the_published_root(run, tmp_path: Path, text: str, root: str):
    path = tmp_path / "leaves"
    path.write_bytes(text.encode())
    assert run("root", "--leaves", path) == (0, root + "\n", "")


@pytest.mark.parametrize("text", ["0", "zz", "00 11", "\n0x00"])
def test_root_refuses_what_is_not_hexadecimal(run, tmp_path: Path, text: str):
    path = tmp_path / "leaves"
    path.write_text(text)
    status, out, err = run("root", "--leaves", path)
    assert (status, out) == (1, "")
    assert err.startswith("第")
    assert run("root", "--leaves", tmp_path / "none")[0] == 2


def test_verify_says_what_the_log_is(run, log):
    status, out, _err = run("verify")
    head = log.head().head
    assert (status, json.loads(out)) == (
        0,
        {"size": 700, "root": head.root.hex(), "ok": True, "findings": []},
    )


def test_verify_names_what_is_wrong(run, log, tmp_path: Path):
    kept = tmp_path / "kept"
    kept.write_bytes(log.head_of(300).to_bytes())
    path = log.folder / "tile/entries/001"
    path.write_bytes(path.read_bytes().replace(b"12.500", b"92.500", 1))
    status, out, err = run("verify", "--head", kept)
    answer = json.loads(out)
    assert (status, answer["ok"]) == (1, False)
    assert [(one["at"], one["code"]) for one in answer["findings"]] == [("entry 256", "entry_altered")]
    assert "entry 256: 该条目不是当初签署的内容。" in err
    assert run("verify", "--head", tmp_path / "none")[0] == 2


@pytest.mark.django_db
def test_verify_holds_the_databases_rows_against_the_log(run, log, monkeypatch: pytest.MonkeyPatch):
    """Rows of facts are tried in `test_evidence_joined`; the rows here are made."""
    rows = [(index, log.entry(index)) for index in range(700)]
    rows[3] = (3, rows[3][1].replace(b"12.500", b"13.500"))
    monkeypatch.setattr("bihuan.quality.evidence_commands.database_rows", lambda: iter(rows))
    status, out, _err = run("verify")
    assert status == 1
    assert [one["at"] for one in json.loads(out)["findings"]] == ["row 3"]


def test_a_bundle_holds_before_the_verifier_that_was_handed_out(run, log, tmp_path: Path):
    kept, bundle, script = (tmp_path / name for name in ("kept", "bundle.json", "bihuan_verify.py"))
    status, out, _err = run("head", "--size", "300")
    assert status == 0
    kept.write_text(out, encoding="utf-8")
    status, out, _err = run("bundle", "--index", "5", "--id", "lot_made:650", "--head", kept, "--out", bundle)
    assert status == 0
    assert json.loads(out) == {
        "file": str(bundle), "size": 700, "events": 2, "bytes": bundle.stat().st_size,
    }  # fmt: skip
    assert run("verifier", "--out", script)[0] == 0
    assert os.access(script, os.X_OK)
    words = [sys.executable, "-I", str(script), str(bundle), "--head", str(kept)]
    assert subprocess.run(words, capture_output=True).returncode == 0


def test_what_cannot_be_bundled_is_said(run, log, tmp_path: Path):
    assert run("bundle")[0] == 2
    assert run("bundle", "--id", "lot_made:9999")[2] == "没有编号为“lot_made:9999”的条目。\n"
    assert run("bundle", "--index", "700")[0] == 1
    kept = tmp_path / "kept"
    kept.write_text("nonsense")
    assert run("bundle", "--index", "1", "--head", kept)[0] == 1


def test_heads_are_listed_and_a_new_key_signs_the_next(run, log):
    _status, out, _err = run("heads")
    assert [json.loads(line)["size"] for line in out.splitlines()] == [0, 300, 700]
    assert run("rotate-key")[0] == 0
    log.append(batch(range(700, 710)), now=NOW)
    assert run("verify")[0] == 0
    assert json.loads(run("head", "--json")[1])["size"] == 710


def test_a_company_without_a_log_is_told_so(run, settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("bihuan.quality.evidence_commands.database_rows", lambda: None)
    settings.HOME = tmp_path / "none"
    for word in ("verify", "head", "heads", "rotate-key"):
        status, out, err = run(word)
        assert (status, out) == (1, "")
        assert "还没有存证日志" in err
    assert not (tmp_path / "none").exists()
