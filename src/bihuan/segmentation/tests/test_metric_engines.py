"""The same metrics by three ways: DuckDB, Spark, and one hand-written SQL each."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from bihuan.kernel.analytics.engine import DuckDB, Spark, Tables, compute_wide
from bihuan.kernel.analytics.lake import Lake, open_lake
from bihuan.kernel.analytics.registry import load_all
from bihuan.segmentation.bench_data import make_lake
from bihuan.segmentation.bench_plain import PLAIN, open_plain

DAY = date(2026, 9, 29)
Computed = dict[int, dict[str, Any]]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    root = tmp_path_factory.mktemp("lake")
    make_lake(root, 30_000, 400)
    return open_lake(root)


@pytest.fixture(scope="module")
def by_duckdb(made: Lake) -> Computed:
    backend = DuckDB()
    wide = compute_wide(Tables(backend, made, load_all(), DAY))
    rows = backend.connection.raw_sql(backend.connection.compile(wide)).fetchall()
    return as_values(wide.columns, rows)


def as_values(columns: Any, rows: Any) -> Computed:
    names = list(columns)[1:]
    return {
        row[0]: {name: value for name, value in zip(names, row[1:], strict=True) if value is not None}
        for row in rows
    }


@pytest.mark.java
@pytest.mark.slow
def test_spark_computes_what_duckdb_computes(made: Lake, by_duckdb: Computed) -> None:
    pyspark = pytest.importorskip("pyspark.sql", reason="the extra “spark” is not installed")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        pytest.skip("no Java runtime: metrics on Spark are not compared")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    session = (
        pyspark.SparkSession.builder.master("local[2]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.codegen.wholeStage", "false")
        .config("spark.sql.adaptive.enabled", "false")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(made.root / "warehouse"))
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    try:
        backend = Spark(session)
        wide = compute_wide(Tables(backend, made, load_all(), DAY))
        rows = session.sql(backend.sql(wide)).collect()
        by_spark = as_values(wide.columns, [tuple(row) for row in rows])
    finally:
        session.stop()
    assert by_spark.keys() == by_duckdb.keys()
    for customer, values in by_duckdb.items():
        assert by_spark[customer] == values, customer


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_a_metric_equals_its_hand_written_query(made: Lake, by_duckdb: Computed, name: str) -> None:
    rows = open_plain(made.root).execute(PLAIN[name], {"day": DAY}).fetchall()
    plain = {customer: value for customer, value in rows if value is not None}
    default = load_all().metrics[name].default
    ours = {customer: values[name] for customer, values in by_duckdb.items() if name in values}
    assert ours
    for customer, value in ours.items():
        expected = plain.pop(customer, default)
        if isinstance(value, str):
            assert value == expected, customer
        else:
            assert abs(Decimal(value) - Decimal(expected)) <= Decimal("0.0000011"), (
                customer,
                value,
                expected,
            )
    assert not plain


def test_every_metric_has_a_hand_written_query() -> None:
    assert set(PLAIN) == set(load_all().metrics)


def test_lake_of_another_place_is_the_same_lake(made: Lake, tmp_path: Path) -> None:
    shutil.copytree(made.root, tmp_path / "moved")
    moved = open_lake(tmp_path / "moved")
    assert moved.named_files() == made.named_files()
    assert all(Path(file).exists() for file in moved.files("order_lines"))
