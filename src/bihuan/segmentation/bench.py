"""Measuring metrics: each side in a process of its own, beside a plain limit in the same run.

`python -m bihuan.segmentation.bench SIDE FOLDER` runs one side on data that lies there and prints what it took.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import date
from pathlib import Path
from time import perf_counter
from typing import Any

DAY = date(2026, 9, 30)
LINES, CUSTOMERS = 5_000_000, 50_000
FEW_LINES, FEW_CUSTOMERS = 300_000, 5_000
EXPORT_LINES = 1_000_000
TOP = 80
RUNS = 15


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return {
        "metrics": bench_metrics,
        "metrics_store": bench_store,
        "revenue_by_month_top80": bench_revenue,
        "lake_export": bench_export,
    }


def bench_metrics() -> dict[str, Any]:
    """All metrics as of a day over 5 M lines, to values in memory; limit: one hand-written SQL a metric, summed."""
    with tempfile.TemporaryDirectory() as folder:
        run_side("make", folder, str(LINES), str(CUSTOMERS))
        plain, ours = run_side("plain", folder), run_side("ours", folder)
        return result(
            "metrics", ours, plain, "s", f"{LINES} lines, {CUSTOMERS} customers, {ours['metrics']} metrics"
        )


def bench_store() -> dict[str, Any]:
    """Values a second into MetricRow; limit: executemany of as many narrow rows into one 11-column table with 3
    indexes, in values a second."""
    with tempfile.TemporaryDirectory() as folder:
        run_side("make", folder, str(LINES // 10), str(CUSTOMERS))
        prepared = run_side("values", folder)
        ours, plain = run_side("store", folder), run_side("store_plain", folder)
        found = result(
            "metrics_store",
            ours,
            plain,
            "values/s",
            f"{prepared['values']} values, {CUSTOMERS} customers, SQLite",
        )
        found["ratio"] = round(found["limit"] / found["ours"], 3)
        return found


def bench_revenue() -> dict[str, Any]:
    """Revenue by month and the 80 largest customers, warm, median of 15; limit: the same as hand-written SQL."""
    with tempfile.TemporaryDirectory() as folder:
        run_side("make", folder, str(FEW_LINES), str(FEW_CUSTOMERS))
        plain, ours = run_side("revenue_plain", folder), run_side("revenue", folder)
        return result(
            "revenue_by_month_top80", ours, plain, "ms", f"{FEW_LINES} lines, {FEW_CUSTOMERS} customers"
        )


def bench_export() -> dict[str, Any]:
    """Lines a second from a SQLite database into the lake, by month, exact; limit: the bare table into one file."""
    with tempfile.TemporaryDirectory() as folder:
        run_side("fill", folder)
        plain, ours = run_side("export_plain", folder), run_side("export", folder)
        found = result(
            "lake_export", ours, plain, "lines/s", f"{EXPORT_LINES} lines, {CUSTOMERS} customers, SQLite"
        )
        found["ratio"] = round(found["limit"] / found["ours"], 3)
        return found


def result(name: str, ours: dict[str, Any], plain: dict[str, Any], unit: str, data: str) -> dict[str, Any]:
    return {
        "name": name,
        "ours": ours["figure"],
        "limit": plain["figure"],
        "ratio": round(ours["figure"] / plain["figure"], 3),
        "unit": unit,
        "peak_mb": ours["peak_mb"],
        "data": data,
    }


def run_side(side: str, folder: str, *more: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.segmentation.bench", side, folder, *more],
        check=True,
        stdout=subprocess.PIPE,
        env=os.environ | {"BIHUAN_HOME": folder, "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def make(folder: Path, lines: str, customers: str) -> dict[str, Any]:
    from .bench_data import make_lake

    make_lake(folder / "lake", int(lines), int(customers))
    return {}


def ours(folder: Path) -> dict[str, Any]:
    """From an open engine to the table of all values: expressions built, compiled and run."""
    from bihuan.kernel.analytics.engine import DuckDB, Tables, compute_wide
    from bihuan.kernel.analytics.lake import open_lake
    from bihuan.kernel.analytics.registry import load_all

    known, backend, lake = load_all(), DuckDB(), open_lake(folder / "lake")
    backend.read("warm", lake.files("order_lines")).count()
    began = perf_counter()
    wide = compute_wide(Tables(backend, lake, known, DAY))
    backend.connection.raw_sql(backend.connection.compile(wide)).to_arrow_table()
    return {"figure": round(perf_counter() - began, 3), "metrics": len(known.metrics)}


def plain(folder: Path) -> dict[str, Any]:
    from .bench_plain import PLAIN, open_plain

    connection = open_plain(folder / "lake")
    began = perf_counter()
    for query in PLAIN.values():
        connection.execute(query, {"day": DAY}).to_arrow_table()
    return {"figure": round(perf_counter() - began, 3)}


def values(folder: Path) -> dict[str, Any]:
    """Compute the file to store from, and make the database with its customers."""
    make_database(folder)

    from bihuan.kernel.analytics.processes import compute_values

    from .storing import HOT_COLUMNS

    made = compute_values(DAY.isoformat(), folder / "values.tsv", HOT_COLUMNS)
    return {"values": made["values"]}


def make_database(folder: Path) -> None:
    setup_django()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    insert_range(folder, "customers_customer", {"name": "'Made customer ' || i"}, CUSTOMERS)


def insert_range(folder: Path, table: str, given: dict[str, str], rows: int) -> None:
    """Fill a table with rows 1 to n by one statement; what must be filled and is not given gets 0, '' or a date."""
    import sqlite3

    with sqlite3.connect(folder / "bihuan.sqlite3") as database:
        wanted = {"id": "i"} | given
        for _, name, kind, needed, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
            if needed and name not in wanted:
                number, day = "int" in kind or "bool" in kind, "date" in kind
                wanted[name] = "0" if number else "'2026-01-01'" if day else "''"
        database.execute(
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
            f"INSERT INTO {table} ({', '.join(wanted)}) SELECT {', '.join(wanted.values())} FROM n"
        )


def fill(folder: Path) -> dict[str, Any]:
    make_database(folder)
    day = "date('2024-01-01', (i % 900) || ' days')"
    insert_range(folder, "catalog_product", {"code": "'P' || i", "name": "'Made product'"}, 2000)
    order = {
        "number": "'D' || i",
        "kind": "'order'",
        "customer_id": f"1 + i % {CUSTOMERS}",
        "ordered_on": day,
    }
    insert_range(folder, "sales_order", order, EXPORT_LINES // 5)
    line = {
        "order_id": "1 + (i - 1) / 5",
        "ordinal": "1 + i % 5",
        "kind": "1",
        "customer_id": f"1 + (1 + (i - 1) / 5) % {CUSTOMERS}",
        "ordered_on": day.replace("i %", "((i - 1) / 5 + 1) %"),
        "product_id": "1 + i % 2000",
        "quantity": "1000000 * (1 + i % 40)",
        "price": "10000 * (1 + i % 9000)",
        "amount": "10000 * (1 + i % 9000) * (1 + i % 40)",
        "cost": "6000 * (1 + i % 9000) * (1 + i % 40)",
    }
    insert_range(folder, "sales_orderline", line, EXPORT_LINES)
    return {}


def export_plain(folder: Path) -> dict[str, Any]:
    from bihuan.kernel.analytics.export import connect, quoted

    connection = connect({"kind": "sqlite", "path": str(folder / "bihuan.sqlite3")}, folder / "scratch")
    began = perf_counter()
    target = quoted(str(folder / "plain.parquet"))
    connection.execute(f"COPY (SELECT * FROM sales_orderline) TO {target} (FORMAT parquet)")
    return {"figure": round(EXPORT_LINES / (perf_counter() - began))}


def export(folder: Path) -> dict[str, Any]:
    from bihuan.kernel.analytics.export import export as write_lake
    from bihuan.kernel.analytics.registry import load_all

    source = {"kind": "sqlite", "path": str(folder / "bihuan.sqlite3")}
    began = perf_counter()
    write_lake(folder / "lake", source, {}, load_all().datasets.values())
    return {"figure": round(EXPORT_LINES / (perf_counter() - began))}


def setup_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    import django

    django.setup()


def store(folder: Path) -> dict[str, Any]:
    setup_django()
    from django.db import connection, transaction

    from .storing import store_values

    connection.ensure_connection()
    count = count_values(folder)
    began = perf_counter()
    with transaction.atomic():
        store_values(folder / "values.tsv", DAY)
    return {"figure": round(count / (perf_counter() - began))}


def count_values(folder: Path) -> int:
    with (folder / "values.tsv").open(encoding="utf-8") as stream:
        return sum(len(json.loads(line.rsplit("\t", 1)[1])) for line in stream)


def store_plain(folder: Path) -> dict[str, Any]:
    """The same values as rows of an 11-column table with three indexes: ten columns hold values, one the customer."""
    import sqlite3

    rows: list[tuple[Any, ...]] = []
    with (folder / "values.tsv").open(encoding="utf-8") as stream:
        for line in stream:
            customer, *_, text = line.split("\t")
            numbers = [value for value in json.loads(text).values() if not isinstance(value, str)]
            for start in range(0, len(numbers), 10):
                chunk = numbers[start : start + 10]
                rows.append((int(customer), *chunk, *[None] * (10 - len(chunk))))
    database = sqlite3.connect(folder / "plain.sqlite3")
    database.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; CREATE TABLE t (a INTEGER, b, c, d, e, f, g, h, i, j, k);"
        "CREATE INDEX t_a ON t (a); CREATE INDEX t_b ON t (b); CREATE INDEX t_c ON t (c);"
    )
    count = sum(10 - row.count(None) for row in rows)
    began = perf_counter()
    with database:
        database.executemany("INSERT INTO t VALUES (?,?,?,?,?,?,?,?,?,?,?)", rows)
    return {"figure": round(count / (perf_counter() - began))}


def revenue(folder: Path) -> dict[str, Any]:
    from bihuan.kernel.analytics.lake import open_lake
    from bihuan.sales.analysis import SalesAnalysis

    analysis = SalesAnalysis(open_lake(folder / "lake"))

    def ask() -> None:
        analysis.revenue_by_month(DAY)
        analysis.top_customers(DAY, TOP)

    return {"figure": median_ms(ask)}


def revenue_plain(folder: Path) -> dict[str, Any]:
    from .bench_plain import open_plain

    connection = open_plain(folder / "lake")

    def ask() -> None:
        connection.execute(
            "SELECT date_trunc('month', ordered_on) AS month, sum(amount) FROM lines WHERE ordered_on <= $day GROUP BY 1 ORDER BY 1",
            {"day": DAY},
        ).fetchall()
        connection.execute(
            "SELECT customer_id, sum(amount) AS revenue FROM lines WHERE customer_id IS NOT NULL AND ordered_on <= $day "
            f"GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {TOP}",
            {"day": DAY},
        ).fetchall()

    return {"figure": median_ms(ask)}


def median_ms(ask: Callable[[], None]) -> float:
    ask()
    taken = []
    for _ in range(RUNS):
        began = perf_counter()
        ask()
        taken.append(perf_counter() - began)
    return round(sorted(taken)[RUNS // 2] * 1000, 2)


SIDES: dict[str, Callable[..., dict[str, Any]]] = {
    "make": make,
    "ours": ours,
    "plain": plain,
    "values": values,
    "store": store,
    "store_plain": store_plain,
    "revenue": revenue,
    "revenue_plain": revenue_plain,
    "fill": fill,
    "export": export,
    "export_plain": export_plain,
}


def main(side: str, folder: str, *more: str) -> int:
    answer = SIDES[side](Path(folder), *more)
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
