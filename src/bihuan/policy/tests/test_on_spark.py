"""The set evaluator's expression means the same on Spark."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ibis
import pytest

from bihuan.policy import evaluate, load_document, parse_policy
from bihuan.policy.sets import spark_sql, to_ibis
from bihuan.policy.tests.bordering import made_rows
from bihuan.policy.tests.making import AS_OF
from bihuan.policy.tests.samples import PACKS


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    sql = pytest.importorskip("pyspark.sql", reason="the extra “spark” is not installed")
    if shutil.which("java") is None and not os.environ.get("JAVA_HOME"):
        pytest.skip("no Java runtime: policies on Spark are not compared")
    os.environ["PYSPARK_PYTHON"] = os.environ["PYSPARK_DRIVER_PYTHON"] = sys.executable
    found = (
        sql.SparkSession.builder.master("local[1]")
        .config("spark.ui.enabled", "false")
        .config("spark.sql.shuffle.partitions", "1")
        .config("spark.sql.session.timeZone", "UTC")
        .config("spark.sql.warehouse.dir", str(tmp_path_factory.mktemp("warehouse")))
        .config("spark.driver.host", "127.0.0.1")
        .getOrCreate()
    )
    yield found
    found.stop()


@pytest.mark.parametrize("path", sorted(PACKS.glob("*/tiers.yaml")), ids=lambda path: path.parent.name)
def test_tiers_on_spark_are_those_that_the_explaining_evaluator_gives(session: Any, path: Path) -> None:
    policy = parse_policy(load_document(path.read_text(encoding="utf-8")))
    rows = made_rows(policy, path.parent.name, 80)
    kinds = {name: "string" if name in policy.text_inputs else "double" for name in sorted(policy.inputs)}
    kinds |= {"current_tier": "string", "since": "date"}
    values = [
        (index, *(_plain(row.get(name), kind) for name, kind in kinds.items()))
        for index, row in enumerate(rows)
    ]
    listed = ", ".join(f"`{name}` {kind}" for name, kind in kinds.items())
    session.createDataFrame(values, f"customer_id bigint, {listed}").createOrReplaceTempView("rows_given")
    columns = {name: "float64" if kind == "double" else kind for name, kind in kinds.items()}
    table = ibis.table({"customer_id": "int64"} | columns, name="rows_given")
    expression = to_ibis(policy, table, since_column="since", as_of=AS_OF).order_by("customer_id")
    answers = session.sql(spark_sql(expression)).collect()
    for row, answer in zip(rows, answers, strict=True):
        outcome = evaluate(policy, row, row["current_tier"], row["since"], AS_OF)
        assert answer["tier"] == outcome.tier, row
        if outcome.score is not None:
            assert answer["score"] == pytest.approx(float(outcome.score), abs=2e-6)


def _plain(value: Any, kind: str) -> Any:
    return float(value) if kind == "double" and value is not None else value
