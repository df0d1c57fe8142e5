"""Bulk loading of made tables: executemany on SQLite, COPY on PostgreSQL, one transaction for all.

Where the tables were empty, their indexes (and on PostgreSQL their foreign keys) are built after the rows, which is
several times faster. All of it happens inside the caller's transaction: a kill leaves nothing behind.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime
from itertools import batched, chain
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from .plan import Table, as_list

# Parents before children.
TABLES = (
    "customers.Customer", "customers.CustomerName", "customers.CustomerRelation", "customers.CustomerFact",
    "customers.Site", "customers.Contact", "customers.CustomerTag", "customers.CustomerCompetitor",
    "sales.Order", "sales.OrderLine", "sales.Receivable", "sales.Payment",
    "quality.Lot", "quality.LotEvent", "quality.Movement", "quality.MovementLine", "quality.LotEdge",
    "quality.LotReservation", "quality.LotShipment",
    "quality.TestResult", "quality.ProcessReading",
)  # fmt: skip


MOST_PARAMETERS = 750


def written_in_order(table: Table) -> int:
    """Parents before children: SQLite looks for the children of a late parent row by row."""
    return TABLES.index(table.name)


def first_free_ids() -> dict[str, int]:
    """By table, the number after the last one in use."""
    found = {}
    for name in TABLES:
        last = apps.get_model(name)._default_manager.order_by("-pk").values_list("pk", flat=True).first()
        found[name] = (last or 0) + 1
    return found


class Loader:
    """Writes tables. Use inside `bulk_load()`."""

    def write(self, table: Table) -> None:
        model = apps.get_model(table.name)
        varying, constants = columns_of(model, table)
        columns = [as_list(column) for column in varying.values()]
        if connection.vendor == "postgresql":
            copy_rows(model, list(varying), constants, columns)
        else:
            insert_rows(model, list(varying), constants, zip(*columns, strict=True))


def columns_of(model: type[models.Model], table: Table) -> tuple[dict[str, Any], dict[str, Any]]:
    """Varying columns and constant ones, by database name; fields that a step did not give take their default."""
    varying: dict[str, Any] = {}
    constants: dict[str, Any] = {}
    given = dict(table.columns)
    for field in model._meta.concrete_fields:
        value = given.pop(field.attname) if field.attname in given else default_of(field)
        if isinstance(value, str | int | float | bool | None):
            constants[str(field.column)] = value
        else:
            if len(value) != table.rows:
                raise ValueError(f"{table.name}.{field.attname}: {len(value)} values for {table.rows} rows")
            varying[str(field.column)] = value
    if given:
        raise ValueError(f"{table.name} has no {', '.join(given)}")
    return varying, constants


def default_of(field: Any) -> Any:
    value = field.get_db_prep_save(field.get_default(), connection)
    if hasattr(value, "obj"):  # PostgreSQL's wrapper around JSON
        return json.dumps(value.obj)
    return str(value) if isinstance(value, date | datetime) else value


def literal(value: Any) -> str:
    """A constant as SQL text; constants come from the models' defaults and from the steps, never from outside."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return ("true" if value else "false") if connection.vendor == "postgresql" else str(int(value))
    if isinstance(value, int | float):
        return str(value)
    return "'" + str(value).replace("'", "''").replace("%", "%%") + "'"


def insert_rows(
    model: type[models.Model], names: list[str], constants: dict[str, Any], rows: Iterable[tuple[Any, ...]]
) -> None:
    """Many rows a statement: a third faster than one, as SQLite opens and closes less."""
    quote = connection.ops.quote_name
    columns = ", ".join(map(quote, [*names, *constants]))
    one = ", ".join(["?"] * len(names) + [literal(value).replace("%%", "%") for value in constants.values()])
    start = f"INSERT INTO {quote(model._meta.db_table)} ({columns}) VALUES "
    at_once = max(1, MOST_PARAMETERS // len(names))
    values = chain.from_iterable(rows)
    connection.ensure_connection()
    raw = connection.connection
    rest: tuple[Any, ...] = ()

    def whole() -> Iterator[tuple[Any, ...]]:
        nonlocal rest
        for batch in batched(values, at_once * len(names)):
            if len(batch) < at_once * len(names):
                rest = batch
            else:
                yield batch

    raw.executemany(start + ", ".join([f"({one})"] * at_once), whole())
    if rest:
        raw.execute(start + ", ".join([f"({one})"] * (len(rest) // len(names))), rest)


def copy_rows(
    model: type[models.Model], names: list[str], constants: dict[str, Any], columns: Iterable[list[Any]]
) -> None:
    quote = connection.ops.quote_name
    listed = ", ".join(map(quote, [*names, *constants]))
    table = quote(model._meta.db_table)
    tail = "".join("\t" + copied(one) for one in constants.values()) + "\n"
    texts = [list(map(copied, column)) for column in columns]
    with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({listed}) FROM STDIN") as copy:
        for lines in batched(map("\t".join, zip(*texts, strict=True)), 5_000):
            copy.write(tail.join(lines) + tail)


_ESCAPES = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"})


def copied(value: Any) -> str:
    """A value in COPY's text form."""
    if value is None:
        return "\\N"
    if isinstance(value, str):
        return value if value.isalnum() else value.translate(_ESCAPES)
    return str(value)


@contextmanager
def bulk_load() -> Iterator[Loader]:
    """One transaction in which tables are loaded fast; indexes and numbering are right at its end."""
    outermost = not connection.in_atomic_block
    checks_off = connection.vendor == "sqlite" and outermost and connection.disable_constraint_checking()
    if checks_off:
        run_sql("PRAGMA temp_store=FILE")  # sorted in memory, the keys of a big index would take gigabytes
    try:
        with transaction.atomic():
            rebuild = set_aside_indexes()
            yield Loader()
            for statement in rebuild:
                run_sql(statement)
            continue_numbering()
    finally:
        if checks_off:
            connection.enable_constraint_checking()
            run_sql("PRAGMA temp_store=MEMORY")
    if connection.vendor == "sqlite" and outermost:
        run_sql("PRAGMA optimize")
        run_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    elif connection.vendor == "postgresql" and outermost:
        for name in TABLES:
            run_sql(f"ANALYZE {connection.ops.quote_name(apps.get_model(name)._meta.db_table)}")


def run_sql(statement: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall() if cursor.description else []


def set_aside_indexes() -> list[str]:
    """Drop what only slows a load down, on tables without rows; returns the statements that build it again."""
    empty = [
        apps.get_model(name)._meta.db_table
        for name in TABLES
        if not apps.get_model(name)._default_manager.exists()
    ]
    if not empty:
        return []
    marks = ", ".join(f"'{one}'" for one in empty)
    quote = connection.ops.quote_name
    if connection.vendor == "sqlite":
        found = run_sql(
            f"SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL AND tbl_name IN ({marks})"
        )
        for name, _sql in found:
            run_sql(f"DROP INDEX {quote(name)}")
        return [sql for _name, sql in found]
    run_sql("SET CONSTRAINTS ALL IMMEDIATE")  # what is pending would forbid changing the tables
    keys = run_sql(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        f" WHERE contype = 'f' AND conrelid::regclass::text IN ({marks})"
    )
    indexes = run_sql(
        f"SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = current_schema() AND tablename IN ({marks})"
        " AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid ="
        " (quote_ident(schemaname) || '.' || quote_ident(indexname))::regclass)"
    )
    for table, name, _definition in keys:
        run_sql(f"ALTER TABLE {table} DROP CONSTRAINT {quote(name)}")
    for name, _definition in indexes:
        run_sql(f"DROP INDEX {quote(name)}")
    return [definition for _name, definition in indexes] + [
        f"ALTER TABLE {table} ADD CONSTRAINT {quote(name)} {definition}" for table, name, definition in keys
    ]


def continue_numbering() -> None:
    """Rows came with their numbers: PostgreSQL's sequences go on after them. Nothing elsewhere."""
    if connection.vendor != "postgresql":
        return
    for name in TABLES:
        table = connection.ops.quote_name(apps.get_model(name)._meta.db_table)
        run_sql(
            f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT coalesce(max(id), 1) FROM {table}))"
        )
