"""How fast a made company is written, against the plainest program that stores as many lines.

Ours is the whole command: it makes names, habits, orders, receivables and payments, writes twelve tables with their
keys and builds all indexes. The limit only writes: ready tuples into one table of eleven columns with three indexes.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

CUSTOMERS = 20_000


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return {"simulate": bench_simulate, "demo": bench_demo}


def bench_simulate() -> dict[str, Any]:
    """Order lines a second, by wall clock; the rows of the other tables are written in the same time."""
    with tempfile.TemporaryDirectory(prefix="bihuan-bench-") as folder:
        environment = os.environ | {"BIHUAN_HOME": folder}
        environment.pop("BIHUAN_DATABASE_URL", None)

        def child(*words: str) -> dict[str, Any]:
            done = subprocess.run(
                [sys.executable, *words], env=environment, check=True, stdout=subprocess.PIPE, text=True
            )
            found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
            return found

        child("-m", "bihuan.config", "init", "--pack", "terpene", "--json")
        ours = child("-m", "bihuan.packs.bench", "simulate")
        limit = child(
            "-m", "bihuan.packs.bench", "plain", str(Path(folder) / "plain.sqlite3"), str(ours["lines"])
        )
    speed, plain = ours["lines"] / ours["seconds"], ours["lines"] / limit["seconds"]
    return {
        "name": "simulate",
        "ours": round(speed),
        "limit": round(plain),
        "ratio": round(plain / speed, 2),
        "unit": "order lines/s",
        "peak_mb": ours["peak_mb"],
        "data": f"{ours['customers']} customers, {ours['orders']} orders, {ours['lines']} lines, {ours['rows']} rows in all; "
        f"{ours['rows'] / ours['seconds']:.0f} rows/s; processor {ours['cpu_seconds']} s",
    }


def bench_demo() -> dict[str, Any]:
    """The company that a new user meets, from nothing: migrations, made facts, metrics, decisions, evidence, certificates.

    Seconds by wall clock; limit: every row that then lies there, written once more into empty tables with their indexes.
    """
    with tempfile.TemporaryDirectory(prefix="bihuan-bench-") as folder:
        environment = os.environ | {"BIHUAN_HOME": folder}
        environment.pop("BIHUAN_DATABASE_URL", None)
        command = [sys.executable, "-m", "bihuan.config", "init", "--pack", "terpene", "--demo", "--json"]
        began, before = time.perf_counter(), os.times()
        subprocess.run(command, env=environment, check=True, capture_output=True)
        ours, after = time.perf_counter() - began, os.times()
        limit, rows = write_again(Path(folder) / "bihuan.sqlite3", Path(folder) / "again.sqlite3")
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return {
        "name": "demo",
        "ours": round(ours, 1),
        "limit": round(limit, 2),
        "ratio": round(ours / limit, 1),
        "unit": "s",
        "data": f"400 customers, {rows} rows; processor {cpu:.1f} s",
    }


def write_again(made: Path, empty: Path) -> tuple[float, int]:
    """Seconds to write all rows of a database into an empty one of the same tables and indexes, and how many they are."""
    with closing(sqlite3.connect(made)) as source, closing(sqlite3.connect(empty)) as raw:
        found = source.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
        ).fetchall()
        # Full text makes its own tables; their rows are not ours to write.
        virtual = [name for _kind, name, sql in found if "VIRTUAL TABLE" in sql.upper()]
        kept = [one for one in found if not any(one[1].startswith(name) for name in virtual)]
        for kind in ("table", "index"):
            raw.executescript(";".join(sql for one, _name, sql in kept if one == kind))
        tables = {
            name: source.execute(f'SELECT * FROM "{name}"').fetchall()
            for kind, name, _sql in kept
            if kind == "table"
        }
        raw.execute("PRAGMA synchronous=NORMAL")
        began = time.perf_counter()
        for name, rows in tables.items():
            if rows:
                raw.executemany(f'INSERT INTO "{name}" VALUES ({", ".join("?" * len(rows[0]))})', rows)
        raw.commit()
        return time.perf_counter() - began, sum(map(len, tables.values()))


def simulate_here() -> dict[str, Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    import django

    django.setup()
    from bihuan.kernel.actor import SYSTEM
    from bihuan.kernel.time import local_date, now

    from .simulation.run import simulate

    moment = now()
    made = simulate(
        actor=SYSTEM,
        pack="terpene",
        customers=CUSTOMERS,
        years=3,
        seed=1,
        until=local_date(moment),
        now=moment,
    )
    peak = sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return {
        "customers": made.customers, "orders": made.orders, "lines": made.lines, "rows": made.rows,
        "seconds": made.seconds, "cpu_seconds": made.cpu_seconds, "peak_mb": round(peak / 1024, 1),
    }  # fmt: skip


def write_plain(path: str, lines: int) -> dict[str, Any]:
    """`executemany` into one table of eleven columns with three indexes, WAL, synchronous NORMAL."""
    raw = sqlite3.connect(path, isolation_level=None)
    raw.executescript(
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
        "CREATE TABLE line (id INTEGER PRIMARY KEY, document TEXT, ordinal INT, customer INT, day TEXT, product INT,"
        " quantity INT, price INT, amount INT, promised TEXT, delivered TEXT);"
        "CREATE INDEX line_document ON line (document, ordinal); CREATE INDEX line_customer ON line (customer, day);"
        "CREATE INDEX line_product ON line (product);"
    )
    rows = [
        (
            at, f"SY{at // 2:08}", at % 2 + 1, at * 7919 % CUSTOMERS, f"2025-{at % 12 + 1:02}-{at % 28 + 1:02}",
            at % 16, at * 1000, 68_000_000_000, at * 68_000_000, f"2025-{at % 12 + 1:02}-28", None,
        )
        for at in range(lines)
    ]  # fmt: skip
    started = time.perf_counter()
    raw.execute("BEGIN")
    raw.executemany(f"INSERT INTO line VALUES ({', '.join('?' * 11)})", rows)
    raw.execute("COMMIT")
    return {"seconds": time.perf_counter() - started}


if __name__ == "__main__":
    print(
        json.dumps(
            simulate_here() if sys.argv[1] == "simulate" else write_plain(sys.argv[2], int(sys.argv[3]))
        )
    )
