"""Sets of rows in and out of the database, without an object per row; or, in a dry run, nowhere."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import DatabaseError, connection

Row = Sequence[Any]


@contextmanager
def long_log() -> Iterator[None]:
    """Let SQLite's write-ahead log grow while many rows come in: fewer pages are copied twice."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_autocheckpoint = 25000")
    try:
        yield
    finally:
        with suppress(DatabaseError), connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_autocheckpoint = 1000")


@dataclass(frozen=True, slots=True)
class Table:
    """A database table and the columns that are written, `id` first."""

    name: str
    columns: tuple[str, ...]

    def place(self, column: str) -> int:
        return self.columns.index(column)


class Store:
    """Writes within the caller's transaction. Values are what the database holds: whole millionths, ISO texts."""

    dry = False

    def __init__(self, import_id: int) -> None:
        self.import_id = import_id

    def ids(self, table: Table, count: int) -> Sequence[int]:
        """Fresh primary keys."""
        if not count:
            return range(0)
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(
                    "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)",
                    [table.name, count],
                )
                return [row[0] for row in cursor.fetchall()]
            # The transaction holds the only write lock, so nobody else takes these numbers meanwhile.
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table.name])
            row = cursor.fetchone()
            cursor.execute(f"SELECT MAX(id) FROM {table.name}")
            first = max((row or (0,))[0] or 0, cursor.fetchone()[0] or 0) + 1
            return range(first, first + count)

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        """Add rows whose columns are in the table's order."""
        if not rows:
            return
        names = ", ".join(f'"{column}"' for column in table.columns)
        if connection.vendor == "postgresql":
            connection.ensure_connection()
            with (
                connection.connection.cursor() as cursor,
                cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy,
            ):
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" * len(table.columns))
        connection.ensure_connection()
        with connection.wrap_database_errors:
            connection.connection.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)

    def change(
        self, table: Table, changes: Sequence[tuple[int, dict[str, Any], dict[str, Any], int]]
    ) -> None:
        """Change rows: (id, new values, old values, version before). The old values are kept for the undo."""
        if not changes:
            return
        groups: dict[tuple[str, ...], list[Row]] = {}
        for row_id, new, _, version in changes:
            groups.setdefault(tuple(new), []).append((*new.values(), version + 1, row_id))
        with connection.cursor() as cursor:
            for columns, rows in groups.items():
                sets = ", ".join(f"{column} = %s" for column in columns)
                cursor.executemany(f"UPDATE {table.name} SET {sets}, version = %s WHERE id = %s", rows)
        self.insert_plain(
            "integration_importchange",
            ("source_id", "table", "object_id", "before", "version"),
            [
                (
                    self.import_id,
                    table.name,
                    row_id,
                    json.dumps({**old, "version": version}, ensure_ascii=False, default=str),
                    version + 1,
                )
                for row_id, _, old, version in changes
            ],
        )

    def note_made(self, table: Table, ids: Sequence[int]) -> None:
        """Remember rows of a table that has no place for the import's number."""
        rows = [(self.import_id, table.name, row_id, "{}", 0) for row_id in ids]
        self.insert_plain(
            "integration_importchange", ("source_id", "table", "object_id", "before", "version"), rows
        )

    def insert_plain(self, table: str, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Add rows to a table that numbers itself."""
        names = ", ".join(f'"{column}"' for column in columns)
        marks = ", ".join(["%s"] * len(columns))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)

    def set_values(self, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Write derived values (id last in each row) without a version: sums, counts."""
        if rows:
            sets = ", ".join(f"{column} = %s" for column in columns)
            with connection.cursor() as cursor:
                cursor.executemany(f"UPDATE {table.name} SET {sets} WHERE id = %s", rows)


class DryStore(Store):
    """Numbers rows below zero and keeps nothing."""

    dry = True

    def __init__(self) -> None:
        super().__init__(0)
        self._next = -1

    def ids(self, table: Table, count: int) -> Sequence[int]:
        first = self._next
        self._next -= count
        return range(first, first - count, -1)

    def insert(self, table: Table, rows: Sequence[Row]) -> None:
        return

    def change(
        self, table: Table, changes: Sequence[tuple[int, dict[str, Any], dict[str, Any], int]]
    ) -> None:
        return

    def set_values(self, table: Table, columns: tuple[str, ...], rows: Sequence[Row]) -> None:
        return

    def note_made(self, table: Table, ids: Sequence[int]) -> None:
        return


def rows_where(select: str, column: str, values: Iterable[Any]) -> Iterator[Row]:
    """Rows of `select` (which has no WHERE yet) whose column is among the values, in one statement a thousand-fold.

    The values travel as one parameter, so that their number has no limit.
    """
    wanted = list(values)
    if not wanted:
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"{select} WHERE {column} = ANY(%s)", [wanted])
        else:
            cursor.execute(
                f"{select} WHERE {column} IN (SELECT value FROM json_each(%s))", [json.dumps(wanted)]
            )
        while chunk := cursor.fetchmany(5000):
            yield from chunk


def stored_moment(moment: dt.datetime) -> str:
    """An aware moment as this database holds it."""
    moment = moment.astimezone(dt.UTC)
    if connection.vendor == "postgresql":
        return moment.isoformat()
    return str(moment.replace(tzinfo=None))


def plain_value(value: Any) -> Any:
    """A value read from the database, in the form in which it is planned and written."""
    if isinstance(value, dt.datetime):
        return stored_moment(value if value.tzinfo else value.replace(tzinfo=dt.UTC))
    return value.isoformat() if isinstance(value, dt.date) else value
