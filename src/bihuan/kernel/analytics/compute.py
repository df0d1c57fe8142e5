"""From the lake to metric values, in a process of its own: `python -m bihuan.kernel.analytics.compute < request`.

The request is a JSON object: {"lake": FOLDER, "as_of": DATE, "out": FILE, "columns": [[metric, is_fixed], …]}. All
values go to the lake's history (`metric_values/as_of=DATE/`) and to FILE for the process that stores
them: a line per customer with its id, the asked columns and all values as a JSON object, separated by tabs. The
answer is one JSON object: {"as_of", "generation", "customers", "values", "coverage": {metric: customers}}.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .engine import DuckDB, Tables, compute_wide, family_rows
from .export import quoted
from .lake import open_lake, values_file
from .registry import Registry, load_all

if TYPE_CHECKING:
    import duckdb

BATCH = 5000
# A JSON number, or a text that is a plain decimal: 12.5 and "12.5", but no code such as "007".
IS_NUMBER = (
    "TRY_CAST(value AS DECIMAL(18,6)) IS NOT NULL "
    "OR regexp_full_match(value, '\"-?(0|[1-9][0-9]{0,11})(\\.[0-9]{1,6})?\"')"
)


def compute(
    root: Path, known: Registry, as_of: date, out: Path, columns: Sequence[tuple[str, bool]]
) -> dict[str, Any]:
    """Compute everything for one day, keep it in the lake and write the file to store from."""
    lake = open_lake(root)
    backend = DuckDB()
    connection: duckdb.DuckDBPyConnection = backend.connection.con
    tune(connection, root)
    tables = Tables(backend, lake, known, as_of)
    wide = compute_wide(tables)
    names = ", ".join(f'wide."{name}"' for name in wide.columns)
    backend.keep("metrics_alone", wide)
    facts = family_columns(tables, connection)
    more = "".join(f", facts.{identifier(name)}" for name in facts)
    connection.execute(
        f"CREATE TEMP TABLE metric_values AS SELECT {names}{more} "
        "FROM metrics_alone AS wide LEFT JOIN family_wide AS facts USING (customer_id)"
    )
    keep_history(connection, values_file(root, as_of.isoformat(), lake.generation))
    return {"as_of": as_of.isoformat(), "generation": lake.generation} | write_lines(connection, out, columns)


def tune(connection: duckdb.DuckDBPyConnection, root: Path) -> None:
    """Spill beside the lake; `BIHUAN_ANALYTICS_MEMORY` (such as 2GB) bounds what is held in memory."""
    connection.execute(f"SET temp_directory = {quoted(str(root / '.scratch'))}")
    memory = os.environ.get("BIHUAN_ANALYTICS_MEMORY")
    if memory:
        connection.execute(f"SET memory_limit = {quoted(memory)}")


def family_columns(tables: Tables, connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Make the table `family_wide`: a column per name that occurs, a number where every value is one, else text."""
    backend = tables.backend
    connection.execute("CREATE TEMP TABLE family_long (customer_id BIGINT, name VARCHAR, value VARCHAR)")
    for number, prefix in enumerate(tables.known.families):
        backend.keep(f"family_{number}", family_rows(tables, prefix))
        connection.execute(f"INSERT INTO family_long SELECT customer_id, name, value FROM family_{number}")
    found = connection.execute(
        f"SELECT name, bool_and({IS_NUMBER}) FROM family_long GROUP BY name ORDER BY name"
    ).fetchall()
    columns = [
        f"max({number_or_text(is_number)}) FILTER (WHERE name = {quoted(name)}) AS {identifier(name)}"
        for name, is_number in found
    ]
    listed = "".join(f", {column}" for column in columns)
    connection.execute(
        f"CREATE TEMP TABLE family_wide AS SELECT customer_id{listed} FROM family_long GROUP BY customer_id"
    )
    return [name for name, _ in found]


def number_or_text(is_number: bool) -> str:
    if is_number:
        return "TRY_CAST(replace(value, '\"', '') AS DECIMAL(18,6))"
    # A text that is no good JSON, say with a control character, is taken as it stands rather than failing everybody's.
    return (
        "CASE WHEN value LIKE '\"%' THEN coalesce(TRY(json_extract_string(value, '$')), trim(value, '\"')) "
        "ELSE value END"
    )


def identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def keep_history(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """The day's values in the lake. The ones of the generation before stay, for who is reading them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    waiting = path.with_name(f".{path.name}.{os.getpid()}")
    connection.execute(f"COPY metric_values TO {quoted(str(waiting))} (FORMAT parquet, COMPRESSION zstd)")
    waiting.replace(path)
    for old in sorted(path.parent.glob("g*.parquet"), key=lambda one: one.stat().st_mtime)[:-2]:
        old.unlink(missing_ok=True)


def json_member(name: str, kind: str) -> str:
    """SQL for `"name":value,` in JSON, null where there is no value. Numbers keep all their digits."""
    column = identifier(name)
    if kind.startswith("DECIMAL"):
        value = f"rtrim(rtrim(CAST({column} AS VARCHAR), '0'), '.')"
    elif kind == "BIGINT":
        value = f"CAST({column} AS VARCHAR)"
    else:
        value = f"CAST(to_json({column}) AS VARCHAR)"
    return f"{quoted(json.dumps(name, ensure_ascii=False) + ':')} || {value} || ','"


def write_lines(
    connection: duckdb.DuckDBPyConnection, out: Path, columns: Sequence[tuple[str, bool]]
) -> dict[str, Any]:
    """Write the file to store from, and count."""
    kinds = {
        name: kind
        for name, kind, *_ in connection.execute("DESCRIBE metric_values").fetchall()
        if name != "customer_id"
    }
    members = ", ".join(json_member(name, kind) for name, kind in kinds.items())
    asked = [
        f"replace(CAST({identifier(name)} AS VARCHAR), '.', '')"  # six places: the digits are the millionths
        if is_fixed
        else f"CAST({identifier(name)} AS VARCHAR)"
        for name, is_fixed in columns
    ]
    fields = ", ".join(["CAST(customer_id AS VARCHAR)", *(f"coalesce({one}, '')" for one in asked)])
    connection.execute(
        f"SELECT concat_ws(chr(9), {fields}, '{{' || rtrim(concat({members}), ',') || '}}') || chr(10) "
        "FROM metric_values ORDER BY customer_id"
    )
    customers = 0
    with out.open("w", encoding="utf-8") as stream:
        while batch := connection.fetchmany(BATCH):
            stream.writelines(line for (line,) in batch)
            customers += len(batch)
    counts = ", ".join(f"count({identifier(name)})" for name in kinds)
    coverage = dict(
        zip(kinds, connection.execute(f"SELECT {counts} FROM metric_values").fetchall()[0], strict=True)
    )
    return {"customers": customers, "values": sum(coverage.values()), "coverage": coverage}


def main() -> int:
    os.umask(0o077)
    request = json.load(sys.stdin)
    result = compute(
        Path(request["lake"]),
        load_all(),
        date.fromisoformat(request["as_of"]),
        Path(request["out"]),
        [(name, is_fixed) for name, is_fixed in request["columns"]],
    )
    json.dump(result, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main())
