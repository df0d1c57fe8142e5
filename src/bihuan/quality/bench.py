"""What `bihuan bench` measures of this room."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import bench_evidence, bench_lots, bench_recall, bench_series


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return bench_evidence.benches() | bench_lots.benches() | bench_recall.benches() | bench_series.benches()
