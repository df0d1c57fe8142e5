"""Measuring the start of a recall whose forward trace reaches 111,111 lots, of which 11,112 were shipped to 500 customers.

`python -m bihuan.quality.bench_recall SIDE FOLDER` runs one side in a process of its own on a company made there.
"""

from __future__ import annotations

import json
import resource
import sqlite3
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

from .bench_lots import CUSTOMERS, FORWARD, NOW, _size, _tree, customers, run_side

FAN = FORWARD[0]
MEANT = 20_000
ROWS = 1_000_000  # millionths


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return {"recall": bench}


def bench() -> dict[str, Any]:
    """ms of one start with journal, events and outbox; limit: writing as many rows by plain sqlite3, same run."""
    with tempfile.TemporaryDirectory() as folder:
        run_side("make", folder, "bench_recall")
        ours = run_side("ours", folder, "bench_recall")
        plain = run_side("plain", folder, "bench_recall")
    return {
        "name": "recall",
        "ours": ours["start"],
        "limit": plain["start"],
        "ratio": round(ours["start"] / plain["start"], 2),
        "unit": "ms",
        "peak_mb": ours["peak_mb"],
        "data": f"{ours['seen']}, SQLite; forward trace {ours['trace']} ms, page of the recall {ours['page']} ms,"
        f" {ours['queries']} queries; meant: at most {MEANT} ms",
    }


def make(folder: str) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    stamp = NOW.strftime("%Y-%m-%d %H:%M:%S")
    made, edges = (stamp, stamp), [(parent + 1, child + 1) for parent, child, _level in _tree(0, FAN)]
    lots = range(1, _size(FAN) + 1)
    customers()
    with sqlite3.connect(Path(folder) / "bihuan.sqlite3") as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute("PRAGMA synchronous = OFF")
        database.execute(
            "INSERT INTO catalog_product (id, code, name, name_en, family, grade, unit, is_active, description, version,"
            " created_at, updated_at) VALUES (1, 'P', '演示·产品', '', '', '', 'kg', 1, '', 1, ?, ?)", made,
        )  # fmt: skip
        for key, kind in ((1, "produce"), (2, "ship")):
            database.execute(
                "INSERT INTO quality_movement (id, number, kind, at, digest, lost, is_flagged, note, actor, actor_name,"
                " version, created_at, updated_at) VALUES (?, ?, ?, ?, '', 0, 0, '', '', '', 1, ?, ?)",
                (key, kind, kind, stamp, *made),
            )
        database.executemany(
            "INSERT INTO quality_lot (id, number, kind, unit, quantity, inflow, disposition, status, made_at, made_said,"
            " supplier, origin, place, product_id, version, created_at, updated_at) VALUES"
            " (?, ?, 'intermediate', 'kg', ?, ?, 'released', 'released', ?, '', '', '', '', 1, 1, ?, ?)",
            ((one, f"L{one}", 50 * ROWS, 100 * ROWS, stamp, *made) for one in lots),
        )
        database.executemany(
            "INSERT INTO quality_lotedge (source_id, target_id, movement_id, quantity, weight) VALUES (?, ?, 1, ?, ?)",
            ((source, target, 100 * ROWS, 100 * ROWS) for source, target in edges),
        )
        shipped = range(1, len(lots) + 1, 10)
        lines = [(1, one, 100, True) for one in lots]
        lines += [(1, source, -5, False) for source, _target in edges]
        lines += [(2, one, -1, False) for one in shipped]
        database.executemany(
            "INSERT INTO quality_movementline (movement_id, lot_id, quantity, weight, is_output, is_heel, version)"
            " VALUES (?, ?, ?, ?, ?, 0, 1)",
            ((key, lot, amount * ROWS, amount * ROWS, out) for key, lot, amount, out in lines),
        )
        database.executemany(
            "INSERT INTO quality_lotshipment (lot_id, movement_id, customer_id, quantity, unit, shipped_at)"
            " VALUES (?, 2, ?, ?, 'kg', ?)",
            ((lot, 1 + number % CUSTOMERS, ROWS, stamp) for number, lot in enumerate(shipped)),
        )
        database.execute("ANALYZE")
    return {}


def ours(folder: str) -> dict[str, Any]:
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from bihuan.people.actors import actor_for
    from bihuan.people.models import Team, User, UserRole

    from .models import Lot, RecallEntry, RecallLot
    from .recall.showing import recall_page
    from .recall.starting import start
    from .tracing import trace

    team = Team.objects.create(name="演示公司")
    person = User.objects.create(username="quality", name="演示·质量", team=team)
    UserRole.objects.create(user=person, role="quality")
    actor, lot = actor_for(person, "page", ""), Lot.objects.get(pk=1)
    began = perf_counter()
    trace(actor, lot, up=False)
    traced = perf_counter()
    recall = start(actor=actor, lot=lot, reason="演示", level="1", asked="stop", now=NOW)
    started = perf_counter()
    with CaptureQueriesContext(connection) as asked:
        recall_page(actor, recall.pk, now=NOW)
    shown = perf_counter()
    seen = f"{RecallLot.objects.count()} lots held, {RecallEntry.objects.count()} customers to tell"
    return {
        "trace": round((traced - began) * 1000), "start": round((started - traced) * 1000),
        "page": round((shown - started) * 1000), "queries": len(asked), "seen": seen,
    }  # fmt: skip


def plain(folder: str) -> dict[str, Any]:
    """What the recall wrote, read back and written once more into tables without constraints."""
    tables = ("quality_recalllot", "quality_recallshipment", "quality_lotevent", "audit_entry", "quality_lot")
    with sqlite3.connect(Path(folder) / "bihuan.sqlite3") as database:
        rows = {one: database.execute(f'SELECT * FROM "{one}"').fetchall() for one in tables}
        began = perf_counter()
        for name, held in rows.items():
            marks = ", ".join("?" * len(held[0]))
            columns = ", ".join(f"c{number}" for number in range(len(held[0])))
            database.execute(f"CREATE TABLE bare_{name} ({columns})")
            database.executemany(f"INSERT INTO bare_{name} VALUES ({marks})", held)
        database.commit()
    return {"start": round((perf_counter() - began) * 1000)}


def main(side: str, folder: str) -> int:
    sides: dict[str, Callable[[str], dict[str, Any]]] = {"make": make, "ours": ours, "plain": plain}
    answer = sides[side](folder)
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
