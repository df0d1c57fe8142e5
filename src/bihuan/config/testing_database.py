"""For pytest on SQLite: the migrated test database is kept as a file, and the next run begins with a copy of it.

The file is named by a hash of all migrations and of every module of ours that they import, in turn, with the data that
modules read: when any of these changes, the migrations run again. Where there is no such file, as in CI, they always run.
"""

from __future__ import annotations

import ast
import hashlib
import os
import shutil
import sqlite3
import sys
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import django
from django.apps import apps
from django.db.backends.sqlite3.creation import DatabaseCreation

SOURCES = Path(__file__).resolve().parents[2]
PREFIX = "test-database-"
_held: list[sqlite3.Connection] = []


def begin_with_the_kept_one() -> None:
    """From now on a test database in memory begins as the kept file, if there is one; then little is left to migrate."""
    create = DatabaseCreation._create_test_db  # type: ignore[attr-defined]

    def created(self: Any, *args: Any, **more: Any) -> str:
        name: str = create(self, *args, **more)
        if self.is_in_memory_db(name) and kept_file().exists():
            memory = sqlite3.connect(name, uri=True)
            with closing(sqlite3.connect(f"{kept_file().as_uri()}?mode=ro", uri=True)) as kept:
                kept.backup(memory)
            _held.append(memory)  # what is in memory lasts as long as somebody is connected
        return name

    DatabaseCreation._create_test_db = created  # type: ignore[attr-defined]


def keep(connection: Any) -> None:
    """Keep the migrated database for the next run, in place of older ones; nothing where the folder is not ours to write."""
    while _held:
        _held.pop().close()
    if connection.vendor != "sqlite" or not connection.is_in_memory_db() or kept_file().exists():
        return
    made = kept_file().with_suffix(f".{os.getpid()}")
    try:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(made)])
        for old in made.parent.glob(f"{PREFIX}*.sqlite3"):
            if old != kept_file():  # another process of this run may have been first
                old.unlink(missing_ok=True)
        made.replace(kept_file())
    except (OSError, django.db.Error):
        made.unlink(missing_ok=True)


def lay_into(home: Path) -> None:
    """Give a home a migrated, empty database, where one is kept; where not, whoever uses the home migrates it."""
    if kept_file().exists():
        shutil.copyfile(kept_file(), home / "bihuan.sqlite3")


@cache
def kept_file() -> Path:
    return Path(sys.prefix) / f"{PREFIX}{_fingerprint()}.sqlite3"


def _fingerprint() -> str:
    found = hashlib.sha256(f"{django.__version__} {sqlite3.sqlite_version} {SOURCES}".encode())
    migrations = sorted(
        path for one in apps.get_app_configs() for path in Path(one.path).glob("migrations/*.py")
    )
    files = {*migrations, *_imported(migrations)}
    for path in sorted([*files, *SOURCES.glob("bihuan/*/*.yaml")]):
        found.update(f"\0{path}\0".encode() + path.read_bytes())
    return found.hexdigest()[:24]


def _imported(begin: list[Path]) -> set[Path]:
    """The files of our modules that these import, and those import in turn."""
    seen: set[Path] = set()
    waiting = [path for path in begin if path.is_relative_to(SOURCES)]
    while waiting:
        path = waiting.pop()
        for module in _names(path):
            for depth in range(1, len(module) + 1):
                place = SOURCES.joinpath(*module[:depth])
                for file in (place.with_suffix(".py"), place / "__init__.py"):
                    if file not in seen and file.is_file():
                        seen.add(file)
                        waiting.append(file)
    return seen


def _names(path: Path) -> set[tuple[str, ...]]:
    """The modules that a file of ours may import, as tuples of names from `bihuan` on."""
    package = path.relative_to(SOURCES).parent.parts
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {tuple(one.name.split(".")) for one in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            module = (*base, *(node.module.split(".") if node.module else ()))
            found |= {module, *((*module, one.name) for one in node.names)}
    return {one for one in found if one[:1] == ("bihuan",)}
