"""Measuring the monthly review over 200,000 cases of two years, on SQLite: the page of a month and that of a quarter."""

from __future__ import annotations

import statistics
import tempfile
from time import perf_counter
from typing import Any

from .. import bench as desk

CASES, DAYS, CLOCKS_EACH = 200_000, 730, 3
PAGES = {
    "month": "period=2026-02",
    "quarter": "period=2025-Q4",
    "month, a product": "period=2026-02&product=P7",
    "month, a leader's": "period=2026-02",
}
ROUNDS = 7
# What a page may take, in milliseconds.
MEANT = {"month": 300, "quarter": 1_000}
MONTHS = (("2026-01-31 16:00:00", "2026-02-28 16:00:00"), ("2025-12-31 16:00:00", "2026-01-31 16:00:00"))


def bench_review() -> dict[str, Any]:
    """The month's page, median in ms; limit: the month's counts beside those of the month before by plain SQL."""
    with tempfile.TemporaryDirectory() as folder:
        desk.run_side("make_review", folder)
        ours, plain = desk.run_side("review", folder), desk.run_side("review_plain", folder)
    told = ", ".join(f"{name} {taken}" for name, taken in ours["pages"].items())
    return {
        "name": "review",
        "ours": ours["figure"],
        "limit": plain["figure"],
        "ratio": round(ours["figure"] / plain["figure"], 2),
        "unit": "ms median",
        "peak_mb": ours["peak_mb"],
        "data": f"{CASES} cases in {DAYS} days, SQLite; {told}; meant: "
        + ", ".join(f"{name} under {limit}" for name, limit in MEANT.items()),
    }


def make_review(folder: str) -> dict[str, Any]:
    """Cases of two years: most solved within days, every twentieth reopened once; three clocks each, a product each."""
    desk._company(folder, desk.CUSTOMERS, CASES)
    end = desk._stamp(desk.NOW)
    opened = f"strftime('%Y-%m-%d %H:%M:%S', '{end}', (-((id * 7919) % {DAYS * 86_400})) || ' seconds')"
    later = "strftime('%Y-%m-%d %H:%M:%S', {}, ({}) || ' seconds')".format
    with desk._database(folder) as database:
        database.execute("PRAGMA foreign_keys = OFF")
        database.execute(f"UPDATE service_case SET opened_at = {opened}")
        # One in fifty is still open, whenever it was opened.
        solved = later("opened_at", "3600 + (id * 104729) % 864000")
        database.execute(
            f"UPDATE service_case SET solved_at = {solved}, closed_at = {solved}, status = 'closed', stage = 'closed',"
            " next_due_at = NULL, satisfaction = CASE WHEN id % 4 = 0 THEN 1 + id % 5 END,"
            " solution = '演示：处理好了', cause = CASE WHEN id % 3 = 0 THEN '演示原因' || (id % 12) ELSE '' END"
            f" WHERE id % 50 != 0 AND {solved} < '{end}'"
        )
        number = f"1 + (i - 1) / {CLOCKS_EACH}"
        base = f"(SELECT opened_at FROM service_case WHERE id = {number})"
        ended = f"(SELECT solved_at FROM service_case WHERE id = {number})"
        desk._fill(
            database, "service_caseclock", CASES * CLOCKS_EACH,
            case_id=number, kind=f"CASE i % {CLOCKS_EACH} WHEN 0 THEN 'response' WHEN 1 THEN 'resolution' ELSE 'update' END",
            run="1", promise="'made'", started_at=base, due_at=later(base, "86400 * (1 + i % 5)"), stopped_at=ended,
            is_breached="CASE WHEN i % 7 = 0 THEN 1 ELSE 0 END", moments="'[]'",
        )  # fmt: skip
        for share, kind, before in ((20, "solved", 1800), (20, "reopened", 1200), (1, "solved", 0)):
            database.execute(
                "INSERT INTO service_caseevent"
                " (case_id, at, kind, is_internal, field_class, actor, actor_name, data)"
                f" SELECT id, {later('solved_at', f'-{before}')}, '{kind}', 0, 'public', 'x', 'x', '{{}}'"
                f" FROM service_case WHERE solved_at IS NOT NULL AND id % {share} = 0"
            )
        database.execute(
            "INSERT INTO service_casereference (case_id, kind, key, label)"
            " SELECT id, 'product', 'P' || (id % 40), '演示' || (id % 40) FROM service_case"
        )
        database.execute(
            "INSERT INTO service_qualitycost"
            " (incurred_on, category, amount, text, created_at, created_by, factor, case_id, customer_id, product_id)"
            " SELECT date(solved_at), 'external', 100 + id % 900, '', solved_at, 'x', '', id, customer_id, NULL"
            " FROM service_case WHERE id % 30 = 0 AND solved_at IS NOT NULL"
        )
        database.execute("ANALYZE")
    return {}


def review(folder: str) -> dict[str, Any]:
    import django

    django.setup()
    from django.test import Client
    from django.urls import reverse

    from bihuan.people.models import User

    pages = {}
    for name, query in PAGES.items():
        client = Client()
        client.force_login(User.objects.get(username="manager" if "leader" in name else "director"))
        taken = []
        for number in range(-1, ROUNDS):
            began = perf_counter()
            answer = client.get(f"{reverse('review')}?{query}")
            if number >= 0:
                taken.append((perf_counter() - began) * 1000)
            if answer.status_code != 200:
                raise RuntimeError(f"{name}: {answer.status_code}")
        pages[name] = round(statistics.median(taken))
    return {"figure": pages["month"], "pages": pages}


def review_plain(folder: str) -> dict[str, Any]:
    """Cases opened by kind, solved, open, and clocks kept, of two months: four statements each."""
    taken = []
    with desk._database(folder) as database:
        for _number in range(ROUNDS):
            began = perf_counter()
            for since, until in MONTHS:
                for statement in (
                    "SELECT kind, count(*) FROM service_case WHERE opened_at >= ? AND opened_at < ? GROUP BY kind",
                    "SELECT count(*), avg(satisfaction) FROM service_case WHERE solved_at >= ? AND solved_at < ?",
                    "SELECT kind, count(*), sum(is_breached = 0) FROM service_caseclock"
                    " WHERE stopped_at >= ? AND stopped_at < ? GROUP BY kind",
                    "SELECT opened_at, solved_at FROM service_case WHERE solved_at >= ? AND solved_at < ?",
                ):
                    database.execute(statement, [since, until]).fetchall()
            taken.append((perf_counter() - began) * 1000)
    return {"figure": round(statistics.median(taken), 2)}
