"""Writing many rows at once, where making an object of each would take longer than the database does.

All pass by what models do when they are saved. What is inserted is for rows that are appended and not looked at again. Fields that are not named
are left to the database, which has to know what they are then (null, or a default of its own).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from django.db import connection, models
from django.db.models import QuerySet, Value

BATCH = 10_000


def insert_from(model: type[models.Model], rows: QuerySet[Any], given: dict[str, Any]) -> int:
    """One statement: a new row of `model` for each of `rows`, in their order; says how many.

    `given`: by name of the field an expression over the row, or a value that is the same in all.
    """
    fields = _fields(model, given)
    names = [f"given_{name}" for name in given]
    values = {
        name: said if hasattr(said, "resolve_expression") else Value(said, output_field=field)
        for name, said, field in zip(names, given.values(), fields, strict=True)
    }
    statement, parameters = rows.annotate(**values).values_list(*names).query.sql_with_params()
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column or "") for field in fields)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {quote(model._meta.db_table)} ({columns}) {statement}", parameters)
        return int(cursor.rowcount)


def insert_rows(model: type[models.Model], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """New rows of `model` from tuples of values in the order of `names`; numbers, moments and text only."""
    fields = _fields(model, names)
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column or "") for field in fields)
    head = f"INSERT INTO {quote(model._meta.db_table)} ({columns})"
    prepare = [field.get_db_prep_save for field in fields]
    told = ([one(value, connection) for one, value in zip(prepare, row, strict=True)] for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            for batch in _batches(told):
                cursor.executemany(f"{head} VALUES ({', '.join(['%s'] * len(fields))})", batch)
            return
        # Columns as arrays: one statement of a few parameters, however many rows.
        types = ", ".join(f"%s::{field.cast_db_type(connection)}[]" for field in fields)
        for batch in _batches(told):
            cursor.execute(f"{head} SELECT * FROM unnest({types})", [list(one) for one in zip(*batch, strict=True)])  # fmt: skip


def add_rows(rows: Iterable[models.Model]) -> None:
    """New rows as they stand in memory, all of one model, whose keys nobody asks for; numbers, moments and text only.

    As `bulk_create` does, which takes a third longer for the few rows of a posting.
    """
    told = list(rows)
    if not told:
        return
    model = type(told[0])
    fields = [field for field in model._meta.concrete_fields if not field.primary_key]
    values = ([getattr(row, field.attname) for field in fields] for row in told)
    insert_rows(model, [field.name for field in fields], values)


def update_rows(names: Sequence[str], rows: Iterable[models.Model]) -> None:
    """Write the named fields of rows of one model as they stand in memory; numbers, moments and text only.

    As `bulk_update` does, without its expression of a case for each row and field, which takes longer than the writing.
    """
    for batch in _batches(iter(rows)):
        model = type(batch[0])
        key = model._meta.pk
        assert key is not None
        fields = [*_fields(model, names), key]
        quote = connection.ops.quote_name
        table, columns = quote(model._meta.db_table), [quote(field.column or "") for field in fields]
        values = [
            [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]
            for row in batch
        ]
        with connection.cursor() as cursor:
            if connection.vendor != "postgresql":
                said = ", ".join(f"{one} = %s" for one in columns[:-1])
                cursor.executemany(f"UPDATE {table} SET {said} WHERE {columns[-1]} = %s", values)
                continue
            said = ", ".join(f"{one} = given.{one}" for one in columns[:-1])
            types = ", ".join(f"%s::{field.cast_db_type(connection)}[]" for field in fields)
            cursor.execute(
                f"UPDATE {table} SET {said} FROM unnest({types}) AS given({', '.join(columns)})"
                f" WHERE {table}.{columns[-1]} = given.{columns[-1]}",
                [list(one) for one in zip(*values, strict=True)],
            )


def _fields(model: type[models.Model], names: Iterable[str]) -> list[models.Field[Any, Any]]:
    columns = {field.name: field for field in model._meta.concrete_fields}
    return [columns[name] for name in names]


def _batches(rows: Iterator[Any]) -> Iterator[list[Any]]:
    while batch := list(islice(rows, BATCH)):
        yield batch
