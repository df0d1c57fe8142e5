"""Measuring the service desk: a sweep over a million open clocks, and the queue with 200,000 open cases, on SQLite.

`python -m bihuan.service.bench SIDE FOLDER` runs one side in a process of its own on the company that lies there.
"""

from __future__ import annotations

import json
import os
import resource
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
CLOCKS, DUE = 1_000_000, 1_000
OPEN_CASES, CUSTOMERS, TEAMS, AGENTS = 200_000, 20_000, 20, 200
ROUNDS = 60


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    from . import bench_lot_page
    from .finding.bench import bench_find
    from .review.bench import bench_review

    own = {"sweep": bench_sweep, "queue": bench_queue, "review": bench_review, "find": bench_find}
    return own | bench_lot_page.benches()


def bench_sweep() -> dict[str, Any]:
    """Seconds for one sweep that finds 1,000 due clocks among a million open ones, and tells of them; limit: the same rows
    read, updated and told of by plain sqlite3. Meant to stay under 1 s."""
    with tempfile.TemporaryDirectory() as folder:
        run_side("make_clocks", folder)
        shutil.copytree(folder, f"{folder}-plain")
        try:
            ours, plain = run_side("sweep", folder), run_side("sweep_plain", f"{folder}-plain")
        finally:
            shutil.rmtree(f"{folder}-plain")
    return {
        "name": "sweep",
        "ours": ours["figure"],
        "limit": plain["figure"],
        "ratio": round(ours["figure"] / plain["figure"], 2),
        "unit": "s",
        "peak_mb": ours["peak_mb"],
        "data": f"{CLOCKS} open clocks, {ours['clocks']} due, {ours['notices']} notices, SQLite; nothing due: "
        f"{ours['again_ms']} ms; meant: under 1 s",
    }


def bench_queue() -> dict[str, Any]:
    """The queue's slowest p95 in ms (everybody's, a team's, one's own, filtered); limit: the same rows by one plain SQL.
    Meant to stay under 60 ms."""
    with tempfile.TemporaryDirectory() as folder:
        run_side("make_cases", folder)
        ours, plain = run_side("queue", folder), run_side("queue_plain", folder)
    told = ", ".join(f"{name} {p50}/{p95}" for name, (p50, p95) in ours["pages"].items())
    return {
        "name": "queue",
        "ours": ours["figure"],
        "limit": plain["figure"],
        "ratio": round(ours["figure"] / plain["figure"], 2),
        "unit": "ms p95",
        "peak_mb": ours["peak_mb"],
        "data": f"{OPEN_CASES} open cases, SQLite; p50/p95: {told}; meant: under 60 ms",
    }


def run_side(side: str, folder: str) -> dict[str, Any]:
    environment = os.environ | {
        "BIHUAN_HOME": folder, "BIHUAN_NOW": NOW.isoformat(), "DJANGO_SETTINGS_MODULE": "bihuan.config.settings",
    }  # fmt: skip
    environment.pop("BIHUAN_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.service.bench", side, folder],
        env=environment, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


# Made data ------------------------------------------------------------------------------------------------------------


def _database(folder: str) -> sqlite3.Connection:
    return sqlite3.connect(Path(folder) / "bihuan.sqlite3")


def _stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


def _company(folder: str, customers: int, cases: int) -> None:
    """Teams, agents, a director, customers and open cases, by plain SQL in sets."""
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from bihuan.people.actors import renew_stamp
    from bihuan.people.models import Team, User, UserRole

    root = Team.objects.create(name="演示公司")
    teams = [Team.objects.create(name=f"演示服务{number}", parent=root) for number in range(TEAMS)]
    people = [
        User(username=f"agent{number}", name=f"演示·客服{number}", team=teams[number % TEAMS])
        for number in range(AGENTS)
    ]
    people.append(User(username="director", name="演示·总监", team=root))
    User.objects.bulk_create(people)
    UserRole.objects.bulk_create(
        UserRole(user=one, role="director" if one.username == "director" else "service_agent")
        for one in people
    )
    manager = User.objects.create(username="manager", name="演示·经理", team=root)
    UserRole.objects.create(user=manager, role="manager")
    renew_stamp(NOW)
    first_agent, first_team, stamp = people[0].pk, teams[0].pk, _stamp(NOW)
    with _database(folder) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        _fill(
            database, "customers_customer", customers,
            name="'演示客户' || i", external_id="'K' || i", status="'active'", version="1", completeness="0",
            created_at=f"'{stamp}'", updated_at=f"'{stamp}'", team_id=f"{first_team} + i % {TEAMS}",
        )  # fmt: skip
        # Scattered over two weeks around now, so that neighbours in time are no neighbours in the table.
        due = f"strftime('%Y-%m-%d %H:%M:%S', '{stamp}', ((i * 7919) % 1209600 - 302400) || ' seconds')"
        _fill(
            database, "service_case", cases,
            number="printf('2603-%06d', i)", kind="CASE i % 3 WHEN 0 THEN 'complaint' ELSE 'question' END",
            title="'演示：第' || i || '件'", text="'演示'", customer_id=f"1 + i % {customers}",
            severity="1 + i % 3", urgency="'regular'", channel="'phone'", status="'open'", stage="'in_progress'",
            owner_id=f"{first_agent} + i % {AGENTS}", team_id=f"{first_team} + i % {TEAMS}", tier="'standard'",
            opened_at=f"'{stamp}'", created_at=f"'{stamp}'", updated_at=f"'{stamp}'", version="1",
            next_due_at=due, next_due_kind="'resolution'", told_level="0",
        )  # fmt: skip


def _fill(database: sqlite3.Connection, table: str, rows: int, **columns: str) -> None:
    """So many rows, each column an SQL expression over `i`; text columns without one are empty."""
    listed = database.execute(f"PRAGMA table_info({table})").fetchall()
    for _place, name, kind, not_null, _default, is_key in listed:
        if name not in columns and not_null and not is_key:
            columns[name] = "''" if kind.startswith(("varchar", "text")) else "0"
    database.execute(
        f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}) "
        f"INSERT INTO {table} (id, {', '.join(columns)}) SELECT i, {', '.join(columns.values())} FROM n"
    )


def make_clocks(folder: str) -> dict[str, Any]:
    """Four open clocks a case; every thousandth has come to its first moment."""
    cases = CLOCKS // 4
    _company(folder, CUSTOMERS, cases)
    stamp, apart = _stamp(NOW), CLOCKS // DUE

    def moment(hours: int) -> str:
        shift = f"CASE WHEN i % {apart} = 0 THEN -60 - i % 1000 ELSE 60 + (i * 7919) % 1209600 END + {hours * 3600}"
        return f"strftime('%Y-%m-%d %H:%M:%S', '{stamp}', (({shift})) || ' seconds')"

    def written(hours: int) -> str:
        return f"replace({moment(hours)}, ' ', 'T') || '+00:00'"

    moments = (
        f"'[[50, \"' || {written(0)} || '\"], [75, \"' || {written(6)} || '\"], "
        f"[90, \"' || {written(9)} || '\"], [100, \"' || {written(12)} || '\"]]'"
    )
    with _database(folder) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        _fill(
            database, "service_caseclock", CLOCKS,
            case_id="1 + (i - 1) / 4", kind="'clock' || (i % 4)", run="1", promise="'made'",
            started_at=f"'{stamp}'", due_at=moment(12), moments=moments, next_moment_at=moment(0),
        )  # fmt: skip
    return {}


def make_cases(folder: str) -> dict[str, Any]:
    _company(folder, CUSTOMERS, OPEN_CASES)
    return {}


# The sides ------------------------------------------------------------------------------------------------------------


def sweep(folder: str) -> dict[str, Any]:
    import django

    django.setup()
    from .sweeping import sweep as run

    run(NOW - timedelta(days=1))  # nothing is due: opens the database, reads the matrix
    began = perf_counter()
    found = run(NOW)
    figure = perf_counter() - began
    began = perf_counter()
    run(NOW)
    again = perf_counter() - began
    return {
        "figure": round(figure, 3), "clocks": found.clocks, "notices": found.notices,
        "again_ms": round(again * 1000, 2),
    }  # fmt: skip


def sweep_plain(folder: str) -> dict[str, Any]:
    """The rows read, set on and told of by three statements."""
    with _database(folder) as database:
        database.execute("SELECT count(*) FROM people_user").fetchone()
        began = perf_counter()
        rows = database.execute(
            "SELECT id, case_id, kind, moments, due_at FROM service_caseclock WHERE next_moment_at <= ?",
            [_stamp(NOW)],
        ).fetchall()
        later = _stamp(NOW + timedelta(hours=6))
        database.executemany(
            "UPDATE service_caseclock SET told_level = 50, next_moment_at = ? WHERE id = ?",
            [(later, row[0]) for row in rows],
        )
        database.executemany(
            "INSERT INTO service_casenotice (case_id, recipient_id, kind, run, level, due_at, at) "
            "VALUES (?, 1, ?, 1, 50, ?, ?)",
            [(row[1], row[2], row[4], later) for row in rows],
        )
        database.commit()
        figure = perf_counter() - began
    return {"figure": round(figure, 4)}


def queue(folder: str) -> dict[str, Any]:
    import django

    django.setup()
    from django.test import Client
    from django.urls import reverse

    from bihuan.people.models import User

    address = reverse("cases")
    asked = {
        "all": ("director", address),
        "team": ("agent7", address),
        "own": ("agent7", f"{address}?whose=me&status=in_work"),
        "filtered": ("agent7", f"{address}?status=in_work&kind=complaint&severity=1"),
        "overdue": ("director", f"{address}?late=1&severity=1"),
        "manager": ("manager", address),
    }
    pages: dict[str, tuple[float, float]] = {}
    for name, (username, page) in asked.items():
        client = Client()
        client.force_login(User.objects.get(username=username))
        taken = []
        for number in range(-5, ROUNDS):
            began = perf_counter()
            answer = client.get(page)
            if number >= 0:
                taken.append((perf_counter() - began) * 1000)
            if answer.status_code != 200 or b"2603-" not in answer.content:
                raise RuntimeError(f"{page}: {answer.status_code}")
        pages[name] = (round(statistics.median(taken), 1), round(sorted(taken)[int(len(taken) * 0.95)], 1))
    return {"figure": max(p95 for _p50, p95 in pages.values()), "pages": pages}


def queue_plain(folder: str) -> dict[str, Any]:
    """The bare limit: fifty-one rows with their names by one SQL, p95 of the rounds, in ms."""
    taken = []
    with _database(folder) as database:
        for _number in range(ROUNDS):
            began = perf_counter()
            database.execute(
                "SELECT c.id, c.title, c.number, c.next_due_at, k.name, c.severity, c.stage, u.name "
                "FROM service_case c JOIN customers_customer k ON k.id = c.customer_id "
                "LEFT JOIN people_user u ON u.id = c.owner_id "
                "WHERE c.next_due_at IS NOT NULL ORDER BY c.next_due_at, c.id LIMIT 51"
            ).fetchall()
            taken.append((perf_counter() - began) * 1000)
    return {"figure": round(sorted(taken)[int(len(taken) * 0.95)], 3)}


def main(side: str, folder: str) -> int:
    from .finding import bench as of_finding
    from .review import bench as of_review

    sides: dict[str, Callable[[str], dict[str, Any]]] = {
        "make_clocks": make_clocks, "make_cases": make_cases, "sweep": sweep, "sweep_plain": sweep_plain,
        "queue": queue, "queue_plain": queue_plain,
        "make_review": of_review.make_review, "review": of_review.review, "review_plain": of_review.review_plain,
        "make_findable": of_finding.make_findable, "find": of_finding.find, "find_plain": of_finding.find_plain,
    }  # fmt: skip
    answer = sides[side](folder)
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
