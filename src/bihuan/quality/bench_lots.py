"""Measuring the genealogy among 5 million edges: traces of 63, 3,906 and 111,111 lots, and a posting.

`python -m bihuan.quality.bench_lots SIDE FOLDER` runs one side in a process of its own on the company that lies there.
On PostgreSQL where `BIHUAN_DATABASE_URL` names one: in a database made for it.
"""

from __future__ import annotations

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from time import perf_counter
from typing import Any

from . import bench_bulk as bulk

NOW = datetime(2026, 3, 2, 3, tzinfo=UTC)
LOTS, EDGES = 1_000_003, 5_000_000  # a prime number of lots, so that a stride visits each once
STRIDE = 7919
NARROW, WIDE, FORWARD = (
    (2, 40),
    (5, 4),
    (10, 1),
)  # sources (or targets) of each lot over five levels, how many such trees
STEPS = 5
CUSTOMERS = 500
ROUNDS = 5
MEANT = {"trace": 25, "trace_wide": 100, "trace_forward": 2000, "lot_posting": 10}
_measured: dict[str, dict[str, Any]] = {}


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return {name: lambda name=name: bench(name) for name in MEANT}  # type: ignore[misc]


def bench(name: str) -> dict[str, Any]:
    """Median ms with tests, shipments and access; limit: the bare SQL of the same rows by the plain driver, same run."""
    if not _measured:
        with tempfile.TemporaryDirectory() as folder, bulk.own_database() as database:
            run_side("make", folder, **database)
            # Each by turns, so that both find the same machine.
            _measured["plain"] = run_side("plain", folder, **database)
            _measured["ours"] = run_side("ours", folder, **database)
    ours, plain = _measured["ours"], _measured["plain"]
    return {
        "name": name,
        "ours": ours[name],
        "limit": plain[name],
        "ratio": round(ours[name] / plain[name], 2),
        "unit": "ms p50",
        "peak_mb": ours["peak_mb"],
        "data": f"{EDGES} edges, {LOTS} lots, {bulk.said_database()}; {ours['seen'][name]}; slowest {ours['slowest'][name]} ms;"
        f" meant: at most {MEANT[name]} ms",
    }


def run_side(side: str, folder: str, module: str = "bench_lots", **more: str) -> dict[str, Any]:
    """On SQLite unless `more` of the environment names a database."""
    environment = os.environ | {
        "BIHUAN_HOME": folder, "BIHUAN_NOW": NOW.isoformat(), "DJANGO_SETTINGS_MODULE": "bihuan.config.settings",
    }  # fmt: skip
    environment.pop(bulk.ADDRESS, None)
    environment |= more
    done = subprocess.run(
        [sys.executable, "-m", f"bihuan.quality.{module}", side, folder],
        env=environment, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


# Made data ------------------------------------------------------------------------------------------------------------


def _lot(place: int) -> int:
    """Lots that belong together lie far apart."""
    return 1 + place * STRIDE % LOTS


def _tree(first: int, fan: int) -> Iterator[tuple[int, int, int]]:
    """(place of the parent, place of the child, level of the child) in a full tree whose root is at `first`."""
    row, following = [first], first + 1
    for level in range(1, STEPS + 1):
        fresh = []
        for parent in row:
            for _number in range(fan):
                yield parent, following, level
                fresh.append(following)
                following += 1
        row = fresh


def _size(fan: int) -> int:
    return int((fan ** (STEPS + 1) - 1) // (fan - 1))


def _starts() -> dict[str, list[int]]:
    """Where the trees begin."""
    at, found = 0, {}
    for name, (fan, trees) in (("trace", NARROW), ("trace_wide", WIDE), ("trace_forward", FORWARD)):
        found[name] = [at + number * _size(fan) for number in range(trees)]
        at += trees * _size(fan)
    return found | {"rest": [at]}


def _edges() -> Iterator[tuple[int, int, int, int, int]]:
    starts, made = _starts(), 0
    for name, fan in (("trace", NARROW[0]), ("trace_wide", WIDE[0]), ("trace_forward", FORWARD[0])):
        for first in starts[name]:
            for parent, child, _level in _tree(first, fan):
                source, target = (parent, child) if name == "trace_forward" else (child, parent)
                amount = 100_000_000 if name == "trace_forward" else 100_000_000 // fan
                yield _lot(source), _lot(target), 1, amount, amount
                made += 1
    rest = starts["rest"][0]
    room = LOTS - rest
    for number in range(EDGES - made):
        target = number % room
        source = (target + 1 + number * 104_729 % 5_000) % room
        yield _lot(rest + target), _lot(rest + source), 1, 20_000_000, 20_000_000


def make(folder: str) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command

    from bihuan.catalog.models import Characteristic, Product

    from .models import Movement

    call_command("migrate", verbosity=0)
    bulk.hasten()
    stamp, starts = NOW.strftime("%Y-%m-%d %H:%M:%S"), _starts()
    made = {"created_at": NOW, "updated_at": NOW}
    Product.objects.create(pk=1, code="P", name="演示·产品", unit="kg", **made)
    Movement.objects.create(pk=1, number="M", kind="produce", at=NOW, **made)
    Characteristic.objects.create(pk=1, code="c", name="纯度", unit="%")
    customers()
    with bulk.unindexed("quality_lotedge", "quality_lot"):
        bulk.write(
            "quality_lot",
            "id, number, kind, unit, quantity, inflow, disposition, status, made_at, made_said, supplier, origin, place,"
            " product_id, version, created_at, updated_at",
            (
                (one, f"L{one}", "intermediate", "kg", 100_000_000, 100_000_000, "released", "released", stamp, "", "",
                 "", "", 1, 1, stamp, stamp)
                for one in range(1, LOTS + 1)
            ),
        )  # fmt: skip
        bulk.write("quality_lotedge", "source_id, target_id, movement_id, quantity, weight", _edges())
    tested = [_lot(place) for place in range(starts["trace_forward"][0])]
    bulk.write(
        "quality_testresult",
        "lot_id, characteristic_id, value, said, is_below_detection, unit, method, instrument, laboratory, sample,"
        " tested_at, entered_by, verified_by, invalid_reason, version",
        (
            (lot, 1, 99.5, "99.5", False, "%", "", "", "", "", stamp, "", "", "", 1)
            for lot in tested
            for _three in range(3)
        ),
    )
    first = starts["trace_forward"][0]
    shipped = [_lot(first + number) for number in range(0, _size(FORWARD[0]), 10)]
    shipped += [_lot(one) for name in ("trace", "trace_wide") for one in starts[name]]
    bulk.write(
        "quality_lotshipment",
        "lot_id, movement_id, customer_id, quantity, unit, shipped_at",
        ((lot, 1, 1 + number % CUSTOMERS, 1_000_000, "kg", stamp) for number, lot in enumerate(shipped)),
    )
    bulk.settle(
        "catalog_product", "quality_movement", "catalog_characteristic", "quality_lot", "customers_customer"
    )
    return {}


def customers() -> None:
    from bihuan.customers.models import Customer

    Customer.objects.bulk_create(
        Customer(pk=one, name=f"演示·客户{one}", created_at=NOW, updated_at=NOW)
        for one in range(1, CUSTOMERS + 1)
    )


# The sides ------------------------------------------------------------------------------------------------------------


def ours(folder: str) -> dict[str, Any]:
    import django

    django.setup()
    from decimal import Decimal

    from bihuan.catalog.models import Product
    from bihuan.people.actors import actor_for
    from bihuan.people.models import Team, User, UserRole

    from .models import Lot
    from .posting import post
    from .postings import Make, Take
    from .tracing import trace

    team = Team.objects.create(name="演示公司")
    person = User.objects.create(username="quality", name="演示·质量", team=team)
    UserRole.objects.create(user=person, role="quality")
    actor = actor_for(person, "page", "")
    starts = _starts()
    answer: dict[str, Any] = {"seen": {}, "slowest": {}}

    def told(name: str, taken: list[float], seen: str) -> None:
        answer[name] = round(statistics.median(taken), 3)
        answer["slowest"][name] = round(max(taken), 2)
        answer["seen"][name] = seen

    for name in ("trace", "trace_wide", "trace_forward"):
        upwards = name != "trace_forward"
        taken, found = [], None
        for number in range(-1, ROUNDS):
            for place in starts[name]:
                lot = Lot.objects.get(pk=_lot(place))
                began = perf_counter()
                found = trace(actor, lot, up=upwards, down=not upwards, depth=STEPS, with_tests=upwards)
                if number >= 0:
                    taken.append((perf_counter() - began) * 1000)
        assert found is not None
        told(
            name, taken,
            f"{len(found.nodes)} lots, {sum(map(len, found.tests.values()))} results, {len(found.shipments)} shipments",
        )  # fmt: skip
    product = Product.objects.get(pk=1)
    rest, taken = starts["rest"][0], []
    for number in range(60):
        lots = [Lot.objects.get(pk=_lot(rest + 2 * number + one)) for one in (0, 1)]
        began = perf_counter()
        post(
            actor=actor, number=f"B{number}", kind="produce", at=NOW, takes=[Take(one, Decimal(10)) for one in lots],
            makes=[Make(product, f"N{number}a", Decimal(12)), Make(product, f"N{number}b", Decimal(8))], now=NOW,
        )  # fmt: skip
        taken.append((perf_counter() - began) * 1000)
    told("lot_posting", taken[10:], "2 lots taken, 2 made, journal and outbox")
    return answer


def plain(folder: str) -> dict[str, Any]:
    """The bare limit: the edges by one recursive SQL and the lots' rows; for a posting its rows inserted and changed."""
    answer: dict[str, Any] = {}
    starts = _starts()
    with bulk.bare(folder) as execute:
        for name in ("trace", "trace_wide", "trace_forward"):
            near, far = ("target_id", "source_id") if name != "trace_forward" else ("source_id", "target_id")
            taken = []
            for number in range(-1, ROUNDS):
                for place in starts[name]:
                    began = perf_counter()
                    execute(
                        "WITH RECURSIVE way(lot, depth) AS (SELECT CAST(%s AS bigint), 0 UNION"
                        f" SELECT e.{far}, way.depth + 1"
                        f" FROM way JOIN quality_lotedge e ON e.{near} = way.lot WHERE way.depth < {STEPS})"
                        " SELECT l.id, l.number, l.status, l.quantity FROM way JOIN quality_lot l ON l.id = way.lot",
                        [_lot(place)],
                    ).fetchall()
                    if number >= 0:
                        taken.append((perf_counter() - began) * 1000)
            answer[name] = round(statistics.median(taken), 3)
        execute("CREATE TABLE IF NOT EXISTS bare_line (a integer, b integer, q integer, w integer)")
        taken = []
        for number in range(60):
            began = perf_counter()
            execute("BEGIN")
            for _line in range(9):  # document, four lines, four edges
                execute("INSERT INTO bare_line (a, b, q, w) VALUES (%s, %s, 10, 10)", [number, number])
            for lot in range(4):
                execute("UPDATE quality_lot SET quantity = quantity WHERE id = %s", [_lot(number * 4 + lot)])
            execute("COMMIT")
            taken.append((perf_counter() - began) * 1000)
        execute("DROP TABLE bare_line")
        answer["lot_posting"] = round(statistics.median(taken), 3)
    return answer


def main(side: str, folder: str) -> int:
    sides: dict[str, Callable[[str], dict[str, Any]]] = {"make": make, "ours": ours, "plain": plain}
    answer = sides[side](folder)
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
