"""Measuring series of readings: 10 M points of one lot written, hashed and sealed, and read for a chart; beside bare pyarrow, same run.

`BIHUAN_BENCH_POINTS` takes another size. `python -m bihuan.quality.bench_series SIDE FOLDER POINTS` runs one side in a process of its own;
about 200 MB, in `BIHUAN_BENCH_HOME` or where temporary files go.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
POINTS, PARAMETERS, TENTH = 10_000_000, 10, 100_000  # microseconds from point to point
ROUNDS = {"write": 3, "chart": 30}
MEANT = {"series_write": 2.0, "series_chart": 20}
_measured: dict[str, dict[str, Any]] = {}


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return {"series_write": bench_write, "series_chart": bench_chart}


def bench_write() -> dict[str, Any]:
    """Points a second into the lake with digest, summary, shape, rows and news; limit: the same Parquet file with fsync and its hash."""
    ours, plain = _both()
    return _told(
        "series_write", ours["write"], plain["write"], round(ours["write"] and plain["write"] / ours["write"], 2),
        "points/s (more is better)", f"{ours['bytes']:,} bytes; digest, summary and shape alone {ours['content']} s of {ours['seconds']} s;"
        f" meant: at most {MEANT['series_write']} times the limit's time",
    )  # fmt: skip


def bench_chart() -> dict[str, Any]:
    """ms until a curve of 1 M points is drawn, as on a lot's page; limit: its two columns read by pyarrow, lowest and highest of 250 stretches."""
    ours, plain = _both()
    return _told(
        "series_chart", ours["chart"], plain["chart"], round(ours["chart"] / plain["chart"], 2), "ms p50",
        f"{ours['shown']} points shown; an hour of it read from the file {ours['hour']} ms, by pyarrow {plain['hour']} ms;"
        f" meant: at most {MEANT['series_chart']} ms",
    )  # fmt: skip


def _told(name: str, ours: Any, limit: Any, ratio: float, unit: str, more: str) -> dict[str, Any]:
    return {
        "name": name, "ours": ours, "limit": limit, "ratio": ratio, "unit": unit, "peak_mb": _measured["ours"]["peak_mb"],
        "data": f"{_points():,} points, {PARAMETERS} parameters of one lot, SQLite; {more}",
    }  # fmt: skip


def _points() -> int:
    return int(os.environ.get("BIHUAN_BENCH_POINTS") or POINTS)


def _both() -> tuple[dict[str, Any], dict[str, Any]]:
    if not _measured:
        place = os.environ.get("BIHUAN_BENCH_HOME")
        if place:
            Path(place).mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place) as folder:
            # Each by turns, so that both find the same machine.
            sides = [run_side(side, folder) for side in ("plain", "ours")]
        _measured.update(plain=sides[0], ours=sides[1])
    return _measured["ours"], _measured["plain"]


def run_side(side: str, folder: str) -> dict[str, Any]:
    environment = os.environ | {"BIHUAN_HOME": folder, "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
    environment.pop("BIHUAN_DATABASE_URL", None)
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.quality.bench_series", side, folder, str(_points())],
        env=environment, check=True, stdout=subprocess.PIPE,
    )  # fmt: skip
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def made(points: int, seed: int) -> tuple[np.ndarray, list[np.ndarray]]:
    """Times and columns: temperatures that waver, with a hundredth of a degree, now and then a blank."""
    import numpy as np

    rng, rows = np.random.default_rng(seed), points // PARAMETERS
    times = int(NOW.timestamp() * 1_000_000) + np.arange(rows, dtype=np.int64) * TENTH
    columns = []
    for _number in range(PARAMETERS):
        values = np.round(80 + 5 * np.sin(np.arange(rows) / 5_000) + rng.normal(0, 0.5, rows), 2)
        values[rng.integers(0, rows, rows // 1_000)] = np.nan
        columns.append(values)
    return times, columns


def _timed(rounds: int, act: Callable[[], object]) -> float:
    """Median seconds, after one round that is not counted."""
    taken = []
    for number in range(-1, rounds):
        began = perf_counter()
        act()
        if number >= 0:
            taken.append(perf_counter() - began)
    return statistics.median(taken)


def ours(_folder: Path, points: int) -> dict[str, Any]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    from bihuan.catalog.models import Product

    from .models import Lot, ReadingSeries
    from .series.content import Parameter, digest_of, shape_of, summary_of
    from .series.files import place_of, read_points
    from .series.keeping import SeriesKeeper, moment_at
    from .series.picture import draw

    call_command("migrate", verbosity=0)
    product = Product.objects.create(code="P", name="演示·产品", unit="kg", created_at=NOW, updated_at=NOW)
    parameters = [Parameter("干燥", f"温度{number}", "°C", 80.0, 70.0, 90.0) for number in range(PARAMETERS)]
    taken, content = [], 0.0
    for number in range(ROUNDS["write"] + 1):
        lot = Lot.objects.create(
            product=product, number=f"L{number}", kind="finished", unit="kg", quantity=1, inflow=1,
            made_at=NOW, created_at=NOW, updated_at=NOW,
        )  # fmt: skip
        times, columns = made(points, number)
        began = perf_counter()
        with transaction.atomic():
            SeriesKeeper(import_id=None, now=NOW).keep(lot, parameters, times, columns)
        taken.append(perf_counter() - began)
    began = perf_counter()
    for one, values in zip(parameters, columns, strict=True):
        digest_of(one, times, values), summary_of(one, values), shape_of(times, values)
    content = perf_counter() - began
    seconds = statistics.median(taken[1:])
    row = ReadingSeries.objects.order_by("id").last()
    assert row is not None
    path = place_of(row.file)
    assert path is not None
    begin, end = (moment_at(int(times[0]) + 3_600_000_000 * hour) for hour in (3, 4))
    return {
        "write": round(points / seconds), "seconds": round(seconds, 2), "content": round(content, 2), "bytes": path.stat().st_size,
        "chart": round(1000 * _timed(ROUNDS["chart"], lambda: draw(ReadingSeries.objects.get(pk=row.pk))), 2),
        "hour": round(1000 * _timed(ROUNDS["chart"], lambda: read_points(path, row.parameter, begin, end)), 2), "shown": len(row.shape),
    }  # fmt: skip


def plain(folder: Path, points: int) -> dict[str, Any]:
    """The bare limit: one table, zstd, fsync, SHA-256 of the file; to draw it, two columns and the extremes of 250 stretches."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.parquet as pq

    path, taken = folder / "plain.parquet", []
    for number in range(ROUNDS["write"] + 1):
        times, columns = made(points, number)
        began = perf_counter()
        stamps = pa.array(times, pa.int64()).cast(pa.timestamp("us", tz="UTC"))
        arrays = [stamps, *(pa.array(one, pa.float64(), from_pandas=True) for one in columns)]
        table = pa.table(arrays, names=["at", *(f"t{at}" for at in range(PARAMETERS))])
        with path.open("w+b") as stream:
            pq.write_table(table, stream, compression="zstd", row_group_size=131_072)
            stream.flush()
            os.fsync(stream.fileno())
            stream.seek(0)
            hashlib.file_digest(stream, "sha256").hexdigest()
        taken.append(perf_counter() - began)

    def read() -> None:
        found = pq.read_table(path, columns=["at", "t9"])
        values = np.nan_to_num(found.column("t9").to_numpy(), nan=80.0)
        for part in np.array_split(values, 250):
            part.argmin(), part.argmax()

    edges = [np.datetime64(int(times[0]) + 3_600_000_000 * hour, "us").item().replace(tzinfo=UTC) for hour in (3, 4)]  # fmt: skip
    within = [("at", ">=", edges[0]), ("at", "<=", edges[1])]
    return {
        "write": round(points / statistics.median(taken[1:])),
        "chart": round(1000 * _timed(ROUNDS["chart"], read), 2),
        "hour": round(1000 * _timed(ROUNDS["chart"], lambda: pq.read_table(path, columns=["at", "t9"], filters=within)), 2),
    }  # fmt: skip


def main(side: str, folder: str, points: str) -> int:
    sides: dict[str, Callable[[Path, int], dict[str, Any]]] = {"ours": ours, "plain": plain}
    answer = sides[side](Path(folder), int(points))
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(answer))
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
