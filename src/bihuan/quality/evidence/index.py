"""Which id stands where: a table beside the log, made of it and made anew when it is lost.

It follows the head: an entry that no head covers is never in it. Ids that grow (a row's number, a time-ordered id) cost least.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from .faults import EvidenceFault

NAME = "ids.sqlite3"
TABLES = """
CREATE TABLE IF NOT EXISTS ids (id TEXT PRIMARY KEY, place INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS covered (one INTEGER PRIMARY KEY CHECK (one = 1), size INTEGER NOT NULL);
INSERT OR IGNORE INTO covered VALUES (1, 0);
"""


class IdIndex:
    def __init__(self, folder: Path) -> None:
        self._path = folder.absolute() / NAME

    def size(self) -> int:
        """How many entries are in it; 0 where it is missing or cannot be read."""
        if not self._path.exists():
            return 0
        try:
            with self._reading() as connection:
                return self._size(connection)
        except sqlite3.DatabaseError:
            return 0

    def find(self, ids: Sequence[str]) -> dict[str, int]:
        """Where these ids stand; those that are not there are left out."""
        if not self._path.exists():
            return {}
        with self._reading() as connection:
            rows = connection.execute(
                "SELECT ids.id, ids.place FROM json_each(?) AS wanted CROSS JOIN ids ON ids.id = wanted.value",
                [json.dumps(ids)],
            )
            return dict(rows.fetchall())

    def add(self, ids: Iterable[str], start: int, size: int) -> None:
        """The ids of the entries from `start` on; then all up to `size` are in."""
        with self._open() as connection:
            if self._size(connection) != start:
                raise EvidenceFault("does_not_add_up")
            connection.executemany(
                "INSERT OR IGNORE INTO ids VALUES (?, ?)", zip(ids, range(start, size), strict=True)
            )
            connection.execute("UPDATE covered SET size = ?", [size])

    def remove(self) -> None:
        for suffix in ("", "-wal", "-shm"):
            self._path.with_name(NAME + suffix).unlink(missing_ok=True)

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(f"{self._path.as_uri()}?mode=ro", uri=True, timeout=30)
        try:
            yield connection
        finally:
            connection.close()

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        connection = sqlite3.connect(self._path, timeout=30, isolation_level=None)
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("PRAGMA cache_size=-32000")
            connection.executescript(TABLES)
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")
        finally:
            connection.close()

    @staticmethod
    def _size(connection: sqlite3.Connection) -> int:
        (size,) = connection.execute("SELECT size FROM covered").fetchone()
        return int(size)
