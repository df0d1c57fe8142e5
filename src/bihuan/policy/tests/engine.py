"""The set evaluator on rows in memory: a real DuckDB, as the analytics process has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import ibis

from bihuan.policy import Policy
from bihuan.policy.sets import to_ibis

_connection = None


def connection() -> Any:
    global _connection
    if _connection is None:
        _connection = ibis.duckdb.connect()
    return _connection


def set_answers(
    policy: Policy, rows: Sequence[Mapping[str, Any]], types: Mapping[str, str] | None = None, **options: Any
) -> list[dict[str, Any]]:
    """One answer a row, in order. Rows hold inputs and, if wanted, current_tier and since."""
    engine = connection()
    columns = {name: "VARCHAR" if name in policy.text_inputs else "DOUBLE" for name in sorted(policy.metrics)}
    columns |= {name: kind for name, kind in (types or {}).items() if name in columns}
    columns |= {"current_tier": "VARCHAR", "since": "DATE"}
    listed = ", ".join(f'"{name}" {kind}' for name, kind in columns.items())
    engine.raw_sql(f"CREATE OR REPLACE TABLE rows_given (customer_id BIGINT, {listed})")
    marks = ", ".join("?" for _ in range(len(columns) + 1))
    values = [[index, *(_plain(row.get(name)) for name in columns)] for index, row in enumerate(rows)]
    if values:
        engine.con.executemany(f"INSERT INTO rows_given VALUES ({marks})", values)
    table = engine.table("rows_given")
    expression = to_ibis(policy, table, since_column="since", **options).order_by("customer_id")
    found = engine.raw_sql(engine.compile(expression))
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _plain(value: Any) -> Any:
    return float(value) if isinstance(value, Decimal) else value
