"""Measuring the page of a lot among 200,003 lots and 1 million edges on SQLite, as a signed-in quality engineer asks for it.

`python -m bihuan.service.bench_lot_page SIDE FOLDER` runs one side in a process of its own on the company that lies there.
"""

from __future__ import annotations

import json
import os
import resource
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

from bihuan.quality import bench_lots

LOTS, EDGES = 200_003, 1_000_000  # a prime number of lots again
ROUNDS = 3
RESULTS, READINGS, CASES = 6, 24, 5_000
MOST_QUERIES, MEANT_P95 = 15, 100


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return {"lot_page": bench}


def bench() -> dict[str, Any]:
    """p95 in ms of the whole answer, guards and templates included; limit: the rows it needs by plain sqlite3, same run."""
    with tempfile.TemporaryDirectory() as folder:
        _run("make", folder)
        plain, ours = _run("plain", folder), _run("ours", folder)
    return {
        "name": "lot_page",
        "ours": ours["p95"],
        "limit": plain["p95"],
        "ratio": round(ours["p95"] / plain["p95"], 2),
        "unit": "ms p95",
        "peak_mb": ours["peak_mb"],
        "data": f"{LOTS} lots, {EDGES} edges, SQLite; traces of 63 lots, {RESULTS} results and {READINGS} readings a lot;"
        f" p50 {ours['p50']} ms (of which {ours['processor']} on the processor), {ours['queries']} queries (at most {MOST_QUERIES}), {ours['bytes']} bytes; trace picture of"
        f" 3906 lots p95 {ours['picture_p95']} ms; meant: at most {MEANT_P95} ms",
    }


def _run(side: str, folder: str) -> dict[str, Any]:
    environment = os.environ | {
        "BIHUAN_HOME": folder, "BIHUAN_NOW": bench_lots.NOW.isoformat(), "DJANGO_SETTINGS_MODULE": "bihuan.config.settings",
    }  # fmt: skip
    environment.pop("BIHUAN_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.service.bench_lot_page", side, folder],
        env=environment, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _traced() -> list[int]:
    return [bench_lots._lot(place) for place in bench_lots._starts()["trace"]]


def make(folder: str) -> dict[str, Any]:
    """The company of the genealogy's bench, smaller; its narrow traces get limits, results, readings and cases."""
    made = bench_lots.make(folder)
    stamp = bench_lots.NOW.strftime("%Y-%m-%d %H:%M:%S")
    lots = _traced()
    with sqlite3.connect(Path(folder) / "bihuan.sqlite3") as database:
        database.executemany(
            "INSERT INTO catalog_characteristic (id, code, name, name_en, unit, method) VALUES (?, ?, ?, '', '%', '')",
            ((10 + one, f"c{one}", f"演示·特性{one}") for one in range(RESULTS)),
        )
        database.executemany(
            "INSERT INTO quality_specification (product_id, customer_id, characteristic_id, lower, upper, valid_from)"
            " VALUES (1, ?, ?, NULL, ?, '2025-01-01')",
            (
                (whose, 10 + one, 1_000_000 * (1 + one % 3))
                for one in range(RESULTS)
                for whose in (None, *range(1, 11))
            ),
        )
        database.executemany(
            "INSERT INTO quality_testresult (lot_id, characteristic_id, value, said, is_below_detection, unit, method,"
            " instrument, laboratory, sample, tested_at, entered_by, verified_by, invalid_reason, version)"
            " VALUES (?, ?, 2, '2', 0, '%', '', '', '', '', ?, '', '', '', 1)",
            ((lot, 10 + one, stamp) for lot in lots for one in range(RESULTS)),
        )
        database.executemany(
            "INSERT INTO quality_processreading (lot_id, step, parameter, statistic, value, said, unit, set_point, lower, upper,"
            " version) VALUES (?, ?, ?, 'mean', 5, '5', '℃', 5, 4, 6, 1)",
            ((lot, f"演示·工序{one % 3}", f"p{one}") for lot in lots for one in range(READINGS)),
        )
        database.execute("ANALYZE")
    _open_cases()
    return made


def _open_cases() -> None:
    """Cases by number of lot: a few of each traced lot, most of others."""
    from bihuan.customers.models import Customer
    from bihuan.kernel.actor import SYSTEM

    from .models import Case, CaseReference
    from .services import open_case

    customers = list(Customer.objects.order_by("pk")[:50])
    first = open_case(actor=SYSTEM, customer=customers[0], text="演示", now=bench_lots.NOW)
    columns = {one.attname: getattr(first, one.attname) for one in Case._meta.concrete_fields}
    rows = [
        Case(**columns | {"id": None, "number": f"B{one}", "customer_id": customers[one % len(customers)].pk})
        for one in range(CASES)
    ]
    cases = Case.objects.bulk_create(rows, batch_size=500)
    lots = _traced()
    CaseReference.objects.bulk_create(
        CaseReference(
            case=case, kind="lot", key=f"P/L{lots[at % len(lots)] if at % 20 == 0 else at}", label="x"
        )
        for at, case in enumerate(cases)
    )


def ours(folder: str) -> dict[str, Any]:
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext, override_settings

    from bihuan.kernel.actor import SYSTEM
    from bihuan.people.services import create_team, create_user

    team = create_team(
        actor=SYSTEM, name="演示公司", now=bench_lots.NOW
    )  # a company as it is used: its access table is kept
    person = create_user(
        actor=SYSTEM, username="quality", name="演示·质量", roles=["quality"], team=team, now=bench_lots.NOW
    )
    client = Client()
    client.force_login(person)
    wide = [bench_lots._lot(place) for place in bench_lots._starts()["trace_wide"]]
    taken: list[float] = []
    processor: list[float] = []
    drawn: list[float] = []
    with override_settings(ALLOWED_HOSTS=["*"]):
        for number in range(-1, ROUNDS):
            for addresses, times in (
                ([f"/lots/{one}/" for one in _traced()], taken),
                ([f"/lots/{one}/trace/?depth=all" for one in wide], drawn),
            ):
                for address in addresses:
                    began, clock = perf_counter(), process_time()
                    answer = client.get(address)
                    spent, worked = (perf_counter() - began) * 1000, (process_time() - clock) * 1000
                    assert answer.status_code == 200, (address, answer.status_code)
                    if number >= 0:
                        times.append(spent)
                        if times is taken:
                            processor.append(worked)
        with CaptureQueriesContext(connection) as asked:
            body = client.get(f"/lots/{_traced()[0]}/").content
    return {
        "p50": round(statistics.median(taken), 1),
        "p95": round(statistics.quantiles(taken, n=20)[-1], 1),
        "processor": round(statistics.median(processor), 1),
        "picture_p95": round(statistics.quantiles(drawn, n=20)[-1], 1),
        "queries": len(asked),
        "bytes": len(body),
    }


def plain(folder: str) -> dict[str, Any]:
    """The bare limit: the lots of the trace upwards, results, readings, limits and shipments of the lot, by their indexes."""
    taken = []
    with sqlite3.connect(Path(folder) / "bihuan.sqlite3") as database:
        for number in range(-1, ROUNDS):
            for lot in _traced():
                began = perf_counter()
                for statement in (
                    "WITH RECURSIVE way(lot) AS (SELECT ? UNION SELECT e.source_id FROM way JOIN quality_lotedge e"
                    " ON e.target_id = way.lot) SELECT l.id, l.number, l.status FROM way JOIN quality_lot l ON l.id = way.lot",
                    "SELECT * FROM quality_testresult WHERE lot_id = ?",
                    "SELECT * FROM quality_processreading WHERE lot_id = ?",
                    "SELECT s.* FROM quality_specification s JOIN quality_lot l ON l.product_id = s.product_id WHERE l.id = ?",
                    "SELECT s.*, c.name FROM quality_lotshipment s JOIN customers_customer c ON c.id = s.customer_id"
                    " WHERE s.lot_id = ?",
                ):
                    database.execute(statement, [lot]).fetchall()
                if number >= 0:
                    taken.append((perf_counter() - began) * 1000)
    return {"p95": round(statistics.quantiles(taken, n=20)[-1], 3)}


def main(side: str, folder: str) -> int:
    bench_lots.LOTS, bench_lots.EDGES = LOTS, EDGES
    sides: dict[str, Callable[[str], dict[str, Any]]] = {"make": make, "ours": ours, "plain": plain}
    answer = sides[side](folder)
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
