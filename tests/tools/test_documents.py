"""What documents say is so: dependencies are listed with their reason, terms are those that pages use."""

from __future__ import annotations

import json
import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))

from translation import catalogue  # noqa: E402

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name_of(requirement: str) -> str:
    return re.split(r"[\[=<>~;]", requirement)[0].strip()


def test_every_dependency_has_a_row_with_its_reason_and_licence():
    listed = (ROOT / "docs/dependencies.md").read_text(encoding="utf-8")
    wanted = [*PROJECT["project"]["dependencies"], *PROJECT["dependency-groups"]["dev"]]
    wanted += [one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra]
    names = [name_of(one) for one in wanted] + list(
        json.loads((ROOT / "package.json").read_text(encoding="utf-8"))["dependencies"]
    )
    assert [name for name in names if name not in listed] == []


def test_nothing_that_runs_is_under_the_gpl_or_agpl():
    """LGPL is allowed: such packages are imported as they are published."""
    lock = (ROOT / "requirements/run.txt").read_text(encoding="utf-8")
    strict = {}
    for name in re.findall(r"^([a-z0-9][a-z0-9._-]*)", lock, re.M):
        try:
            about = metadata(name)
        except PackageNotFoundError:  # for another system
            continue
        said = [about.get("License-Expression") or "", (about.get("License") or "")[:60]]
        said += [one for one in about.get_all("Classifier", []) if "License" in one]
        if re.search(r"\bA?GPL|Affero|(?<!Lesser )General Public", " ".join(said)):
            strict[name] = said
    assert strict == {}


@pytest.mark.parametrize("lock", sorted((ROOT / "requirements").glob("*.txt")), ids=lambda one: one.name)
def test_locks_hold_hashes_and_no_addresses(lock: Path):
    text = lock.read_text(encoding="utf-8")
    assert "://" not in text
    for block in re.split(r"\n(?=\S)", text.strip()):
        assert "--hash=sha256:" in block, block[:80]


def test_the_lock_of_the_pages_scripts_names_no_registry():
    packages = json.loads((ROOT / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert all("integrity" in one for name, one in packages.items() if name)


def test_pages_use_the_terms_of_the_glossary():
    """A page that shows a term alone shows the Chinese that the glossary gives."""
    rows = re.findall(r"^\| ([^|]+) \| ([^|]+) \|", (ROOT / "docs/glossary.md").read_text("utf-8"), re.M)[1:]
    assert len(rows) > 70
    assert [term.lower() for term, _chinese in rows] == sorted(term.lower() for term, _chinese in rows)
    said: dict[str, str] = {}
    for path in ROOT.glob("src/bihuan/*/locale/zh_Hans/LC_MESSAGES/django.po"):
        entries, _obsolete = catalogue.read(path)
        said |= {one.message: one.translations.get(0, "") for one in entries if one.context is None}
    other = []
    for term, chinese in rows:
        for one in term.split(", "):
            for form in (one[0].upper() + one[1:], one[0].upper() + one[1:] + "s"):
                if (
                    form in said
                    and said[form] not in chinese
                    and not any(word in said[form] for word in re.split("[、；（）]", chinese) if word)
                ):
                    other.append(f"{form}: {said[form]}, in the glossary {chinese}")
    assert other == []
