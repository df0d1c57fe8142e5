"""The lake itself: exact, whole at any moment, read beside a database in use."""

from __future__ import annotations

import csv
import gzip
import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

import bihuan
from bihuan.kernel.analytics.compute import compute
from bihuan.kernel.analytics.export import export
from bihuan.kernel.analytics.lake import open_lake, values_file
from bihuan.kernel.analytics.registry import load_all

from .made_lake import Values, read_values_file

SOURCE = str(Path(bihuan.__file__).parent.parent)
STAMP = "2026-01-01 00:00:00"


def run_command(home: Path, *words: str, module: str = "bihuan.config") -> str:
    environment = os.environ | {"BIHUAN_HOME": str(home), "PYTHONPATH": SOURCE, "BIHUAN_DATABASE_URL": ""}
    done = subprocess.run(
        [sys.executable, "-m", module, *words], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout


@pytest.fixture(scope="module")
def empty_database(tmp_path_factory: pytest.TempPathFactory, migrated: Callable[[Path], Path]) -> Path:
    home = migrated(tmp_path_factory.mktemp("empty"))
    run_command(home, "migrate", "-v0", "--settings", "bihuan.config.settings", module="django")
    with sqlite3.connect(home / "bihuan.sqlite3") as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return home / "bihuan.sqlite3"


def fill(database: sqlite3.Connection, table: str, names: str, rows: Iterable[tuple[Any, ...]]) -> None:
    """Insert rows; columns that are not named and must be filled get 0, '' or a date."""
    listed = names.split()
    known = database.execute(f"PRAGMA table_info({table})").fetchall()
    rest = [one for one in known if one[1] not in listed and one[3] and one[1] != "id"]
    blanks = [0 if "int" in one[2] or "bool" in one[2] else STAMP if "date" in one[2] else "" for one in rest]
    columns = ", ".join([*listed, *(one[1] for one in rest)])
    marks = ", ".join("?" * (len(listed) + len(rest)))
    database.executemany(
        f"INSERT INTO {table} ({columns}) VALUES ({marks})", ((*row, *blanks) for row in rows)
    )


def load_invoices(path: Path, target: Path, until: str) -> Decimal:
    """The wholesaler's lines up to a day into an empty database; returns the sum of the assigned ones."""
    customers: dict[str, int] = {}
    products: dict[str, int] = {}
    orders: dict[str, list[Any]] = {}
    lines = []
    total = 0
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for row in csv.DictReader(stream):
            if row["InvoiceDate"][:10] > until:
                continue
            customer = (
                customers.setdefault(row["CustomerID"], len(customers) + 1) if row["CustomerID"] else None
            )
            product = products.setdefault(row["StockCode"], len(products) + 1)
            number = row["InvoiceNo"]
            kind = {"C": "credit_note", "A": "adjustment"}.get(number[0], "order")
            fresh = [len(orders) + 1, number, kind, customer, row["InvoiceDate"], row["InvoiceDate"][:10], 0]
            order = orders.setdefault(number, fresh)
            order[6] += 1
            quantity, price = int(row["Quantity"]) * 10**6, int(Decimal(row["UnitPrice"]) * 10**6)
            amount = quantity * price // 10**6
            total += amount if order[3] else 0
            line_kind = 1 if kind == "order" and quantity > 0 else 2 if kind == "credit_note" else 3
            lines.append(
                (order[0], order[6], line_kind, order[3], order[5], product, quantity, price, amount)
            )
    with sqlite3.connect(target) as database:
        database.execute("PRAGMA synchronous = OFF")
        pairs = [(key, name, name) for name, key in customers.items()]
        fill(database, "customers_customer", "id external_id name", pairs)
        fill(
            database, "catalog_product", "id code name", [(key, name, name) for name, key in products.items()]
        )
        documents = [tuple(one[:6]) for one in orders.values()]
        fill(database, "sales_order", "id number kind customer_id ordered_at ordered_on", documents)
        names = "order_id ordinal kind customer_id ordered_on product_id quantity price amount"
        fill(database, "sales_orderline", names, lines)
    return Decimal(total).scaleb(-6)


def compute_values(root: Path, day: date) -> Values:
    compute(root, load_all(), day, root / "lines", [])
    return read_values_file(values_file(root, day.isoformat(), open_lake(root).generation))


def write_lake(root: Path, database: Path) -> dict[str, Any]:
    dirty = dict.fromkeys(load_all().datasets)
    return export(root, {"kind": "sqlite", "path": str(database)}, dirty, load_all().datasets.values())


@pytest.mark.shared_data
@pytest.mark.slow
def test_the_wholesalers_spring_looks_in_august_as_it_looked_in_spring(
    shared_data: Callable[[str], Path], empty_database: Path, tmp_path: Path
) -> None:
    path = shared_data("online_retail/online_retail_to_2011-08-31.csv.gz")
    seen = []
    for until in ("2011-05-20", "2011-08-31"):
        copy = tmp_path / f"{until}.sqlite3"
        copy.write_bytes(empty_database.read_bytes())
        total = load_invoices(path, copy, until)
        root = tmp_path / until
        write_lake(root, copy)
        seen.append(compute_values(root, date(2011, 5, 20)))
        last = compute_values(root, date(2011, 8, 31))
        assert sum(values["revenue_lifetime"] for values in last.values()) == total
    spring, looked_back = seen
    came_later = looked_back.keys() - spring.keys()
    assert all(looked_back[customer]["orders_lifetime"] == 0 for customer in came_later)
    assert {customer: looked_back[customer] for customer in spring} == spring
    assert len(spring) > 2000


def small_database(empty: Path, target: Path, customers: int = 200, lines: int = 20000) -> Path:
    target.write_bytes(empty.read_bytes())
    with sqlite3.connect(target) as database:
        fill(database, "customers_customer", "id name", ((i, f"Made {i}") for i in range(1, customers + 1)))
        fill(database, "catalog_product", "id code name", [(1, "P", "Made product")])
        days = [date(2025, 1 + i % 12, 1 + i % 28).isoformat() for i in range(lines // 4)]
        orders = ((i + 1, f"D{i}", "order", 1 + i % customers, day, day) for i, day in enumerate(days))
        fill(database, "sales_order", "id number kind customer_id ordered_at ordered_on", orders)
        rows = (
            (1 + i // 4, 1 + i % 4, 1, 1 + i // 4 % customers, days[i // 4], 1, 10**6, 333333, 333333)
            for i in range(lines)
        )
        names = "order_id ordinal kind customer_id ordered_on product_id quantity price amount"
        fill(database, "sales_orderline", names, rows)
    return target


def revenue_in(root: Path) -> Decimal:
    import duckdb

    files = open_lake(root).files("order_lines")
    row = duckdb.execute("SELECT sum(amount), count(*) FROM read_parquet(?)", [files]).fetchone()
    assert row is not None
    return row[0]


def test_a_killed_export_leaves_the_lake_that_was_there(empty_database: Path, tmp_path: Path) -> None:
    database = small_database(empty_database, tmp_path / "db.sqlite3")
    root = tmp_path / "lake"
    write_lake(root, database)
    before, files = revenue_in(root), open_lake(root).named_files()
    with sqlite3.connect(database) as connection:
        connection.execute("UPDATE sales_orderline SET amount = amount + 1")
    request = json.dumps(
        {
            "lake": str(root),
            "source": {"kind": "sqlite", "path": str(database)},
            "dirty": dict.fromkeys(load_all().datasets),
        }
    )
    killed = 0
    for delay in (0.15, 0.3, 0.45, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0):
        process = subprocess.Popen(
            [sys.executable, "-m", "bihuan.kernel.analytics.export"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
            env=os.environ | {"PYTHONPATH": SOURCE},
        )
        assert process.stdin is not None
        process.stdin.write(request)
        process.stdin.close()
        time.sleep(delay)
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait()
        now = revenue_in(root)
        assert now in (before, before + Decimal("0.02"))
        if now != before:
            break
        assert open_lake(root).named_files() == files
    assert killed
    write_lake(root, database)
    assert revenue_in(root) == before + Decimal("0.02")
    write_lake(root, database)
    on_disk = {str(path.relative_to(root)) for path in root.rglob("g*.parquet")}
    generation = open_lake(root).generation
    assert {
        name for name in on_disk if f"/g{generation}_" not in name and f"/g{generation - 1}_" not in name
    } == set()


def test_numbers_cross_exactly(empty_database: Path, tmp_path: Path) -> None:
    import duckdb

    database = small_database(empty_database, tmp_path / "db.sqlite3", customers=2, lines=8)
    amounts = [
        1,
        -1,
        999_999_999_999_999_999,
        -999_999_999_999_999_999,
        100_000,
        2_550_000,
        9_007_199_254_740_993,
        0,
    ]
    with sqlite3.connect(database) as connection:
        for key, amount in enumerate(amounts, start=1):
            connection.execute("UPDATE sales_orderline SET amount = ? WHERE id = ?", (amount, key))
    write_lake(tmp_path / "lake", database)
    files = open_lake(tmp_path / "lake").files("order_lines")
    rows = duckdb.execute("SELECT amount FROM read_parquet(?) ORDER BY id", [files]).fetchall()
    assert [row[0] for row in rows] == [Decimal(amount).scaleb(-6) for amount in amounts]


def test_a_company_without_facts_has_a_lake(empty_database: Path, tmp_path: Path) -> None:
    write_lake(tmp_path / "lake", empty_database)
    assert compute_values(tmp_path / "lake", date(2026, 1, 1)) == {}


@pytest.mark.slow
def test_writers_keep_writing_while_metrics_are_refreshed(empty_database: Path, tmp_path: Path) -> None:
    """The live file is read by another process while two writers count up: no commit of theirs is lost."""
    small_database(empty_database, tmp_path / "bihuan.sqlite3")
    writer = (
        "import sqlite3, sys, time\n"
        "db = sqlite3.connect(sys.argv[1], timeout=30, isolation_level=None)\n"
        "end = time.time() + 8; n = 0\n"
        "while time.time() < end:\n"
        "    db.execute('BEGIN IMMEDIATE')\n"
        "    db.execute('UPDATE sales_orderline SET amount = amount + 1 WHERE id = 1'); db.execute('COMMIT'); n += 1\n"
        "    time.sleep(0.002)\n"
        "print(n)\n"
    )
    database = tmp_path / "bihuan.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("UPDATE sales_orderline SET amount = 0 WHERE id = 1")
    writers = [
        subprocess.Popen([sys.executable, "-c", writer, str(database)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    done = json.loads(run_command(tmp_path, "metrics", "refresh", "--as-of", "2025-12-31", "--json"))
    commits = sum(int(one.communicate()[0]) for one in writers)
    assert done["customers"] == 200
    with sqlite3.connect(database) as connection:
        assert connection.execute("SELECT amount FROM sales_orderline WHERE id = 1").fetchone() == (commits,)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
