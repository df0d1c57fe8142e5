"""Starting the processes that export and compute, from one that holds the database."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from django.conf import settings
from django.db import connection

import bihuan
from bihuan.kernel.models import LakeChange

from .export import wanted_parts
from .lake import open_lake
from .registry import load_all

logger = logging.getLogger(__name__)
Check = Callable[[], None]
POLL_SECONDS = 0.2


class AnalyticsFailed(Exception):
    """A process of analytics ended badly; the lake and the stored values are what they were."""


def lake_root() -> Path:
    return Path(settings.HOME) / "lake"


def run_process(
    module: str, request: dict[str, Any], check: Check | None = None, secrets: dict[str, str] | None = None
) -> Any:
    """Run a module of this package with a JSON request and return its JSON answer.

    `check` is called while waiting; when it raises (the work was cancelled), the process is ended.
    """
    package = str(Path(bihuan.__file__).parent.parent)
    path = os.pathsep.join(one for one in (package, os.environ.get("PYTHONPATH")) if one)
    process = subprocess.Popen(
        [sys.executable, "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path} | (secrets or {}),
    )
    question: str | None = json.dumps(request)
    try:
        while True:
            try:
                answer, complaint = process.communicate(question, timeout=POLL_SECONDS if check else None)
                break
            except subprocess.TimeoutExpired:
                question = None
                if check:
                    check()
    except BaseException:
        process.kill()
        process.wait()
        raise
    if process.returncode != 0:
        logger.error("%s ended with %s\n%s", module, process.returncode, complaint)
        told = [
            line for line in complaint.splitlines() if re.match(r"[\w.]+(Error|Exception|Missing)\b", line)
        ]
        raise AnalyticsFailed(told[-1] if told else f"{module}: {process.returncode}")
    return json.loads(answer)


def refresh_lake(check: Check | None = None) -> dict[str, Any]:
    """Bring the lake up to the database: write the marked parts, then take those marks away.

    Returns what was written. On SQLite the database is read while others may write to it; if somebody did, the
    tables may not belong together, and everything is written again from a copy.

    Raises RuntimeError inside a transaction on PostgreSQL: another process reads the tables there, sees nothing of
    what is not committed, and would wait for ever for a lock that its own caller holds.
    """
    if connection.vendor == "postgresql" and connection.in_atomic_block:
        raise RuntimeError("the lake is refreshed after the transaction has ended, not within it")
    marks = list(LakeChange.objects.values_list("id", "dataset", "part"))
    dirty: dict[str, list[str]] = {}
    for _, dataset, part in marks:
        dirty.setdefault(dataset, []).append(part)
    root = lake_root()
    lake = open_lake(root)
    plan = [wanted_parts(dataset, lake, dirty) for dataset in load_all().datasets.values()]
    if all(parts == set() for parts in plan):
        return {"generation": lake.generation, "written": {}, "removed": {}}
    root.mkdir(parents=True, exist_ok=True)
    if connection.vendor == "postgresql":
        result = _export(root, {"kind": "postgres", "parameters": _parameters()}, dirty, check)
    elif _is_in_memory() or (before := _data_version()) is None:
        with _copy(root) as source:
            result = _export(root, source, dirty, check)
    else:
        live = {"kind": "sqlite", "path": str(connection.settings_dict["NAME"])}
        result = _export(root, live, dirty, check)
        if _data_version() != before:
            with _copy(root) as source:
                result = _export(root, source, dirty, check)
    LakeChange.objects.filter(id__in=[mark for mark, _, _ in marks]).delete()
    return result


def _export(
    root: Path, source: dict[str, str], dirty: dict[str, list[str]], check: Check | None
) -> dict[str, Any]:
    secrets = {}
    if source["kind"] == "postgres":
        secrets["PGPASSWORD"] = connection.settings_dict["PASSWORD"] or os.environ.get("PGPASSWORD", "")
    request = {"lake": str(root), "source": source, "dirty": dirty}
    return run_process("bihuan.kernel.analytics.export", request, check, secrets)


def _is_in_memory() -> bool:
    return connection.vendor == "sqlite" and bool(cast(Any, connection).is_in_memory_db())


def _data_version() -> int | None:
    """SQLite's count of others' commits; None inside a transaction, where others could not see our rows."""
    if connection.in_atomic_block:
        return None
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA data_version")
        return int(cursor.fetchone()[0])


@contextmanager
def _copy(root: Path) -> Iterator[dict[str, str]]:
    """A copy of the SQLite database as this connection sees it, for as long as the export reads it."""
    connection.ensure_connection()
    handle, name = tempfile.mkstemp(prefix=".copy-", suffix=".sqlite3", dir=root)
    try:
        if _is_in_memory() or connection.in_atomic_block:
            with os.fdopen(handle, "wb") as stream:
                stream.write(connection.connection.serialize())
        else:
            os.close(handle)
            import sqlite3

            target = sqlite3.connect(name)
            connection.connection.backup(target)
            target.close()
        yield {"kind": "sqlite", "path": name}
    finally:
        for suffix in ("", "-wal", "-shm", "-journal"):
            Path(name + suffix).unlink(missing_ok=True)


def _parameters() -> str:
    """libpq's words for the database; the password goes through the environment."""
    given = connection.settings_dict
    words = {"host": given["HOST"], "port": given["PORT"], "dbname": given["NAME"], "user": given["USER"]}
    words |= {key: str(value) for key, value in (given.get("OPTIONS") or {}).items() if key.startswith("ssl")}
    return " ".join(f"{key}='{_escaped(str(value))}'" for key, value in words.items() if value)


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("'", "\\'")


def compute_values(
    as_of: str, out: Path, columns: list[tuple[str, bool]], check: Check | None = None
) -> dict[str, Any]:
    """Compute all metrics of a day in a process of its own; the lines to store are in `out` afterwards."""
    request = {"lake": str(lake_root()), "as_of": as_of, "out": str(out), "columns": columns}
    return run_process("bihuan.kernel.analytics.compute", request, check)
