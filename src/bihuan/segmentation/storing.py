"""Storing computed metric values: all customers in one transaction, as one set."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import date
from itertools import batched
from pathlib import Path

from django.db import connection

from bihuan.customers.models import Customer

from .models import MetricRow

# What MetricRow keeps as columns of its own: (metric, whether it is stored as whole millionths).
HOT_COLUMNS: list[tuple[str, bool]] = [
    ("revenue_12m", True),
    ("margin_12m", True),
    ("orders_12m", False),
    ("recency_days", False),
    ("overdue_amount", True),
]
NULLABLE = {"recency_days"}
CHUNK = 5000

Row = tuple[int, str, int | None, int | None, int | None, int | None, int | None, str]


def read_rows(path: Path, as_of: str, known: set[int]) -> Iterator[Row]:
    """The rows of the file that the computing process wrote; customers that were deleted meanwhile are left out."""
    empty = [None if name in NULLABLE else 0 for name, _ in HOT_COLUMNS]
    with path.open(encoding="utf-8", newline="\n") as stream:
        for line in stream:
            customer, *hot, values = line.rstrip("\n").split("\t", len(HOT_COLUMNS) + 1)
            if int(customer) not in known:
                continue
            numbers = [int(text) if text else blank for text, blank in zip(hot, empty, strict=True)]
            yield (int(customer), as_of, *numbers, values)  # type: ignore[misc]


def store_values(path: Path, as_of: date) -> int:
    """Replace all current values by those of the file, within the caller's transaction; returns the customers."""
    columns = ["customer_id", "as_of", *(name for name, _ in HOT_COLUMNS), "values"]
    table = connection.ops.quote_name(MetricRow._meta.db_table)
    listed = ", ".join(connection.ops.quote_name(name) for name in columns)
    known = set(Customer.objects.values_list("id", flat=True))
    rows = read_rows(path, as_of.isoformat(), known)
    stored = 0
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({listed}) FROM STDIN (FORMAT csv)") as copy:
                for chunk in batched(rows, CHUNK):
                    copy.write(_as_csv(chunk))
                    stored += len(chunk)
        else:
            marks = ", ".join(["%s"] * len(columns))
            for chunk in batched(rows, CHUNK):
                cursor.executemany(f"INSERT INTO {table} ({listed}) VALUES ({marks})", chunk)
                stored += len(chunk)
    return stored


def _as_csv(rows: tuple[Row, ...]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows(["" if value is None else value for value in row] for row in rows)
    return text.getvalue()
