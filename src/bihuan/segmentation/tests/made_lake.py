"""A lake of a test's own, and all metric values of a day out of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.analytics.changes import mark_all_changed
from bihuan.kernel.analytics.registry import load_all
from bihuan.segmentation.refreshing import values_at

from .made_sales import NOW

Values = dict[int, dict[str, Any]]


@pytest.fixture
def lake(settings: Any, tmp_path: Path) -> Path:
    """A lake of this test's own."""
    settings.HOME = tmp_path
    return tmp_path / "lake"


@pytest.fixture
def metrics_at(lake: Path) -> Callable[[date], Values]:
    """All metric values of a day by customer and metric, from a lake that was written anew."""

    def compute(day: date) -> Values:
        mark_all_changed(load_all().datasets, now=NOW)
        return read_values_file(values_at(actor=SYSTEM, as_of=day, now=NOW))

    return compute


def read_values_file(path: Path) -> Values:
    import duckdb

    rows = duckdb.execute(
        "SELECT * FROM read_parquet(?, hive_partitioning = false) ORDER BY customer_id", [str(path)]
    )
    names = [one[0] for one in rows.description or ()]
    return {
        row[0]: {name: value for name, value in zip(names[1:], row[1:], strict=True) if value is not None}
        for row in rows.fetchall()
    }
