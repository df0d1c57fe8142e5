"""Rows for measurements, written in sets and past the models, on SQLite and on PostgreSQL; a database of one's own there."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from django.db import ProgrammingError, connection, transaction

ADDRESS = "BIHUAN_DATABASE_URL"


@contextmanager
def own_database() -> Iterator[dict[str, str]]:
    """What the environment of a measurement says of its database; where a PostgreSQL is named, one made for it and dropped
    afterwards. The role must be allowed to make databases."""
    address = os.environ.get(ADDRESS)
    if not address:
        yield {}
        return
    name, parts = f"bihuan_bench_{os.getpid()}", urlsplit(address)
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        try:
            yield {ADDRESS: urlunsplit(parts._replace(path=f"/{name}"))}
        finally:
            server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def said_database() -> str:
    return "PostgreSQL" if os.environ.get(ADDRESS) else "SQLite"


def hasten() -> None:
    """A made database that is lost when the machine fails is made again."""
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA foreign_keys = OFF")
            cursor.execute("PRAGMA synchronous = OFF")


def write(table: str, columns: str, rows: Iterable[Sequence[Any]]) -> None:
    """Rows as they lie in the database: amounts in whole millionths, moments as UTC text. `columns` parted by commas."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({columns}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            marks = ", ".join(["%s"] * len(columns.split(",")))
            with transaction.atomic():
                cursor.executemany(f"INSERT INTO {table} ({columns}) VALUES ({marks})", rows)  # type: ignore[arg-type]  # any rows, one by one


@contextmanager
def unindexed(*tables: str) -> Iterator[None]:
    """Without the tables' indexes while very many rows are written."""
    names = ", ".join(f"'{one}'" for one in tables)
    asked = (
        f"SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN ({names})"
        " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        if connection.vendor == "postgresql"
        else f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({names})"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked)
        indexes = cursor.fetchall()
        for name, _made in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _name, made in indexes:
            cursor.execute(made)


def settle(*tables: str) -> None:
    """The planner's figures; on PostgreSQL also what lets it answer from indexes, and the numbers that come next."""
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            cursor.execute("ANALYZE")
            return
        for table in tables:
            cursor.execute(
                f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT COALESCE(MAX(id), 1) FROM {table}))"
            )
        cursor.execute("VACUUM ANALYZE")
        try:
            # What was just made is written down now, and not beside the measurement.
            cursor.execute("CHECKPOINT")
        except ProgrammingError:
            pass  # the role may not ask for it


@contextmanager
def bare(folder: str) -> Iterator[Callable[..., Any]]:
    """The database by its driver alone, every statement for itself: `execute(statement, values)`, marks written as %s."""
    address = os.environ.get(ADDRESS)
    if address:
        with psycopg.connect(address, autocommit=True) as server:
            yield server.execute
        return
    file = sqlite3.connect(Path(folder) / "bihuan.sqlite3", isolation_level=None)
    try:
        file.execute("PRAGMA journal_mode = WAL")
        file.execute("PRAGMA synchronous = NORMAL")
        yield lambda statement, values=(): file.execute(statement.replace("%s", "?"), values)
    finally:
        file.close()
