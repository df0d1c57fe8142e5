"""Pages at size, and the memory of the web processes. The company is made once and kept for the next run.

`python -m bihuan.config.bench pages` measures in a process of its own: whole pages, signed in, warm, one reader, in
the server (through all middleware, without the network).
"""

from __future__ import annotations

import html
import http.cookiejar
import json
import os
import re
import resource
import socket
import statistics
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any

CUSTOMERS, LINES = 100_000, 3_000_000
ROUNDS = 100
LAZY = re.compile(r'hx-get="(/[^"]*)"[^>]*hx-trigger="load"')


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return {
        "page_list": lambda: bench_page("list", "p50"),
        "page_search": lambda: bench_page("search", "p95"),
        "page_customer": lambda: bench_page("customer", "p95"),
        "web_memory": bench_memory,
    }


def large_home() -> Path:
    """A made company of 100,000 customers and at least 3 M lines; made on the first call (some minutes)."""
    home = Path(os.environ.get("BIHUAN_BENCH_HOME") or "var/bench-100k").resolve()
    ready = home / "ready.json"
    environment = os.environ | {"BIHUAN_HOME": str(home)}
    environment.pop("BIHUAN_DATABASE_URL", None)

    def run(*words: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "bihuan.config", *words], env=environment, check=True, stdout=sys.stderr
        )

    run("init", "--pack", "terpene")  # also brings one of an earlier release up to this one's tables
    if not ready.exists():
        run(
            "simulate", "--pack", "terpene", "--customers", str(CUSTOMERS), "--years", "3", "--seed", "7", "--json"
        )  # fmt: skip
        run("metrics", "refresh", "--json")
        ready.write_text(json.dumps({"customers": CUSTOMERS}), encoding="utf-8")
    return home


_measured: dict[str, Any] = {}


def bench_page(name: str, figure: str) -> dict[str, Any]:
    """One page's time in ms; limit: its main rows by plain sqlite3 in the same run."""
    if not _measured:
        environment = os.environ | {"BIHUAN_HOME": str(large_home())}
        environment.pop("BIHUAN_DATABASE_URL", None)
        done = subprocess.run(
            [sys.executable, "-m", "bihuan.config.bench", "pages"],
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
        _measured.update(json.loads(done.stdout.splitlines()[-1]))
    found = _measured[name]
    return {
        "name": f"page_{name}",
        "ours": found[figure],
        "limit": found["plain"],
        "ratio": round(found[figure] / found["plain"], 2),
        "unit": f"ms {figure}",
        "peak_mb": _measured["peak_mb"],
        "data": f"{_measured['customers']} customers, {_measured['lines']} lines, SQLite; p50 {found['p50']}, "
        f"p95 {found['p95']}, {found['queries']} queries",
    }


def measure_pages() -> dict[str, Any]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    import django

    django.setup()
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from bihuan.customers.models import Customer
    from bihuan.people.models import User
    from bihuan.sales.models import OrderLine

    client = Client()
    client.force_login(User.objects.get(username="director"))
    ids = list(Customer.objects.filter(merged_into=None).order_by("id").values_list("id", flat=True)[::499])
    names = list(Customer.objects.filter(id__in=ids).values_list("name", flat=True))
    columns = "columns=name,tier,status,industry,region,owner_a,revenue_12m,recency_days"
    pages: dict[str, Callable[[int], str]] = {
        "list": lambda number: f"{reverse('customers')}?{columns}",
        "search": lambda number: (
            f"{reverse('customers')}?{urllib.parse.urlencode({'q': _fragment(names[number % len(names)], number)})}"
        ),
        "customer": lambda number: reverse("customer", args=[ids[number % len(ids)]]),
    }

    def visit(address: str) -> None:
        """A page and whatever it asks for by itself as it loads, as a browser would."""
        waiting = [address]
        while waiting:
            answer = client.get(waiting.pop())
            if answer.status_code != 200:
                raise RuntimeError(f"{address}: {answer.status_code}")
            waiting += [html.unescape(lazy) for lazy in LAZY.findall(answer.content.decode())]

    found: dict[str, Any] = {"customers": Customer.objects.count(), "lines": OrderLine.objects.count()}
    for name, addresses in pages.items():
        taken = []
        for number in range(-10, ROUNDS):
            started = perf_counter()
            visit(addresses(number))
            if number >= 0:
                taken.append((perf_counter() - started) * 1000)
        with CaptureQueriesContext(connection) as queries:
            client.get(addresses(0))
        found[name] = {
            "p50": round(statistics.median(taken), 2),
            "p95": round(sorted(taken)[int(len(taken) * 0.95)], 2),
            "queries": len(queries),
            "plain": _plain(name, ids, names),
        }
    found["peak_mb"] = round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, 1)
    return found


def _fragment(name: str, number: int) -> str:
    """What somebody would type: some two to four characters of a name."""
    start = number % max(1, len(name) - 6)
    return name[start : start + 2 + number % 3]


def _plain(name: str, ids: list[int], names: list[str]) -> float:
    """The bare limit: the same rows by one SQL through sqlite3, median of the rounds, in ms."""
    import sqlite3

    from bihuan.config import environment

    connection = sqlite3.connect(f"file:{environment.home() / 'bihuan.sqlite3'}?mode=ro", uri=True)
    taken = []
    for number in range(-5, ROUNDS):
        started = perf_counter()
        if name == "list":
            connection.execute(
                "SELECT c.id, c.name, s.tier, c.status, c.industry, c.region, u.name, m.revenue_12m, m.recency_days "
                "FROM customers_customer c LEFT JOIN segmentation_standing s ON s.customer_id = c.id "
                "LEFT JOIN segmentation_metricrow m ON m.customer_id = c.id "
                "LEFT JOIN people_user u ON u.id = c.owner_a_id WHERE c.merged_into_id IS NULL "
                "ORDER BY c.name, c.id LIMIT 51"
            ).fetchall()
        elif name == "search":
            connection.execute(
                "SELECT id, name FROM customers_customer WHERE name LIKE ? LIMIT 51",
                [f"%{_fragment(names[number % len(names)], number)}%"],
            ).fetchall()
        else:
            identity = ids[number % len(ids)]
            for table in (
                "customers_contact",
                "customers_site",
                "sales_order",
                "sales_receivable",
                "sales_payment",
            ):
                connection.execute(
                    f"SELECT * FROM {table} WHERE customer_id = ? LIMIT 30", [identity]
                ).fetchall()
        if number >= 0:
            taken.append((perf_counter() - started) * 1000)
    return round(statistics.median(taken), 3)


def bench_memory() -> dict[str, Any]:
    """PSS of two web processes after every page was visited, in MB; limit: two that have answered one page."""
    environment = os.environ | {"BIHUAN_HOME": str(large_home())}
    environment.pop("BIHUAN_DATABASE_URL", None)
    with _serving(environment) as (address, children):
        opener = _signed_in(address, Path(environment["BIHUAN_HOME"]))
        first = _pss(children())
        visited = _visit_all(opener, address)
        after = _pss(children())
    return {
        "name": "web_memory",
        "ours": after,
        "limit": first,
        "ratio": round(after / first, 3),
        "unit": "MB PSS",
        "peak_mb": after,
        "data": f"two processes, {visited} pages visited",
    }


@contextmanager
def _serving(environment: dict[str, str]) -> Iterator[tuple[str, Callable[[], list[int]]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-m", "bihuan.config", "serve", "--port", str(port), "--processes", "2"],
        env=environment, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
    )  # fmt: skip
    address = f"http://127.0.0.1:{port}"
    try:
        for _attempt in range(120):
            try:
                urllib.request.urlopen(f"{address}/accounts/login/", timeout=5).read()  # noqa: S310 - loopback
                break
            except OSError:
                time.sleep(0.25)
        else:
            raise RuntimeError("the server did not start")
        yield address, lambda: _children(server.pid)
    finally:
        server.terminate()
        server.wait(20)


def _children(parent: int) -> list[int]:
    """The processes that the server started, by the kernel's list."""
    found = Path(f"/proc/{parent}/task/{parent}/children").read_text(encoding="ascii").split()
    return [int(one) for one in found]


def _pss(processes: list[int]) -> float:
    total = 0
    for process in processes:
        text = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii")
        command = Path(f"/proc/{process}/cmdline").read_bytes()
        if b"resource_tracker" not in command:
            match = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
            total += int(match[1]) if match else 0
    return round(total / 1024, 1)


def _signed_in(address: str, home: Path) -> urllib.request.OpenerDirector:
    person = next(
        one
        for one in json.loads((home / "sign-ins.json").read_text(encoding="utf-8"))
        if one["username"] == "director"
    )
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    page = opener.open(f"{address}/accounts/login/").read().decode()
    token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert token is not None
    fields = {"login": person["username"], "password": person["password"], "csrfmiddlewaretoken": token[1]}
    request = urllib.request.Request(  # noqa: S310 - loopback
        f"{address}/accounts/login/", urllib.parse.urlencode(fields).encode()
    )
    request.add_header("Referer", address)
    opener.open(request).read()
    return opener


def _visit_all(opener: urllib.request.OpenerDirector, address: str) -> int:
    """Follow the site's own links, every kind of page often enough that both processes meet it."""
    seen: dict[str, int] = {}
    queue, visited = ["/"], 0
    while queue:
        path = queue.pop(0)
        kind = re.sub(r"\d+", "#", path.partition("?")[0])
        if seen.get(kind, 0) >= 6 or "logout" in path or "/export" in path:
            continue
        seen[kind] = seen.get(kind, 0) + 1
        try:
            page = opener.open(f"{address}{path}").read().decode("utf-8", "replace")
        except urllib.error.HTTPError:
            continue
        visited += 1
        queue += [
            link
            for link in re.findall(r'(?:href|hx-get)="(/[^"#]*)"', page)
            if not link.startswith("/static/")
        ]
        if seen[kind] < 6:
            queue.append(path)
    return visited


if __name__ == "__main__":
    print(json.dumps(measure_pages()))
