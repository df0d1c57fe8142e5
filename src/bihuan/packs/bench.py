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
from pathlib import Path
from typing import Any

CUSTOMERS = 20_000


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return {"simulate": bench_simulate}


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
