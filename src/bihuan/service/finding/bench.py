"""Measuring how cases are found again: 200,000 open cases of a hundred wordings, on SQLite."""

from __future__ import annotations

import statistics
import tempfile
from time import perf_counter
from typing import Any

from ..bench import OPEN_CASES, ROUNDS, _database, make_cases, run_side


def bench_find() -> dict[str, Any]:
    """The slowest p95 in ms of finding cases by words on the queue's page (rare, frequent, everywhere, two words, a customer's),
    and of the panel of similar cases; limit: one plain match in the index. Meant to stay under 100 ms."""
    with tempfile.TemporaryDirectory() as folder:
        run_side("make_findable", folder)
        ours, plain = run_side("find", folder), run_side("find_plain", folder)
    told = ", ".join(f"{name} {p50}/{p95}" for name, (p50, p95) in ours["pages"].items())
    return {
        "name": "find",
        "ours": ours["figure"],
        "limit": plain["figure"],
        "ratio": round(ours["figure"] / plain["figure"], 2),
        "unit": "ms p95",
        "peak_mb": ours["peak_mb"],
        "data": f"{OPEN_CASES} open cases, SQLite; p50/p95: {told}; meant: under 100 ms",
    }


PLACES = ("釜内", "管道", "包装桶", "托盘", "取样口", "标签", "阀门", "过滤器", "罐车", "库房")
FAULTS = ("结晶", "发黄", "渗漏", "破损", "有异味", "含量偏低", "水分偏高", "结块", "沉淀", "色号超标")
SAID = [f"客户来电说{place}{fault}，要求今天答复" for place in PLACES for fault in FAULTS]


def make_findable(folder: str) -> dict[str, Any]:
    """Cases of a hundred wordings, each with a lot of its own, in the index."""
    make_cases(folder)
    with _database(folder) as database:
        for place, said in enumerate(SAID):
            database.execute(
                "UPDATE service_case SET text = ? || '，批号 LOT' || id WHERE id % ? = ?",
                (said, len(SAID), place),
            )
    from bihuan.customers.search import rebuild_search as of_customers

    from .index import rebuild_search

    of_customers()
    began = perf_counter()
    return {"indexed": rebuild_search(), "seconds": round(perf_counter() - began, 1)}


def find(folder: str) -> dict[str, Any]:
    import django

    django.setup()
    from django.test import Client
    from django.urls import reverse

    from bihuan.people.models import User

    address = reverse("cases")
    asked = {
        "rare": ("director", f"{address}?q=LOT77777"),
        "frequent": ("director", f"{address}?q=结晶"),
        "everywhere": ("director", f"{address}?q=演示"),
        "two words": ("director", f"{address}?q=管道 渗漏"),
        "customer": ("director", f"{address}?q=演示客户777 结块"),
        "team": ("agent7", f"{address}?q=结晶"),
        "team, rare": ("agent7", f"{address}?q=LOT77777"),
        "nothing": ("manager", f"{address}?q=没有这样的"),
        "similar": ("director", reverse("panel", args=["case", 77_777, "similar"])),
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
            if answer.status_code != 200:
                raise RuntimeError(f"{page}: {answer.status_code}")
        pages[name] = (round(statistics.median(taken), 1), round(sorted(taken)[int(len(taken) * 0.95)], 1))
    return {"figure": max(p95 for _p50, p95 in pages.values()), "pages": pages}


def find_plain(folder: str) -> dict[str, Any]:
    """The bare limit: a page of rows that hold one frequent word, by one SQL, p95 of the rounds, in ms."""
    taken = []
    with _database(folder) as database:
        for _number in range(ROUNDS):
            began = perf_counter()
            database.execute(
                "SELECT c.id, c.title FROM service_case c WHERE c.id IN (SELECT rowid FROM service_case_search "
                "WHERE service_case_search MATCH '\"结晶\"') ORDER BY c.next_due_at, c.id LIMIT 51"
            ).fetchall()
            taken.append((perf_counter() - began) * 1000)
    return {"figure": round(sorted(taken)[int(len(taken) * 0.95)], 3)}
