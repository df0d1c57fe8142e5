"""Computes metrics over the lake: DuckDB by default, Spark with the same expressions.

The metrics are grouped by the rowset they are declared over: all metrics of a rowset are one aggregate, and a rowset
that several need is computed once. The results are joined to the customers; then come the metrics that need others,
level by level, one projection a level.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any, Protocol

from .expressions import money, rounded, rounded_money
from .lake import Lake
from .registry import TEXT_UNITS, Metric, Registry

if TYPE_CHECKING:
    import ibis.expr.types as ir


class Backend(Protocol):
    """Where expressions run."""

    def read(self, name: str, files: list[str]) -> ir.Table:
        """Parquet files as a table."""

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        """Compute the rows once and return them as a table."""


class DuckDB:
    """In this process, from memory and temporary files."""

    def __init__(self, connection: Any = None) -> None:
        import ibis

        self.connection = connection or ibis.duckdb.connect()
        self.connection.raw_sql("SET preserve_insertion_order = false")

    def read(self, name: str, files: list[str]) -> ir.Table:
        return self.connection.read_parquet(files, table_name=name, hive_partitioning=False)

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        return self.connection.create_table(name, rows, temp=True, overwrite=True)


SPARK_TYPES = {"bigint": "int64", "int": "int32", "double": "float64"}


class Spark:
    """On a Spark session; `session` may be a cluster's. Expressions become Spark SQL through Ibis's compiler alone:
    its Spark backend would need pandas."""

    def __init__(self, session: Any) -> None:
        import ibis
        from ibis.config import Config

        class Options(Config):
            treat_nan_as_null: bool = False  # the backend, when loaded, would bring this option

        if ibis.options.pyspark is None:
            ibis.options.pyspark = Options()
        self.session = session

    def read(self, name: str, files: list[str]) -> ir.Table:
        import ibis

        rows = self.session.read.parquet(*files)
        rows.createOrReplaceTempView(name)
        return ibis.table({column: SPARK_TYPES.get(kind, kind) for column, kind in rows.dtypes}, name=name)

    def keep(self, name: str, rows: ir.Table) -> ir.Table:
        import ibis

        name = name.replace(".", "_")
        self.session.sql(self.sql(rows)).cache().createOrReplaceTempView(name)
        return ibis.table(rows.schema(), name=name)

    def sql(self, rows: ir.Table) -> str:
        """The Spark SQL of an expression."""
        import ibis

        return str(ibis.to_sql(rows, dialect="pyspark"))


class Tables(Mapping[str, Any]):
    """Datasets and rowsets by name, as known at a date; each is read or computed when first asked for."""

    def __init__(self, backend: Backend, lake: Lake, known: Registry, as_of: date) -> None:
        self.backend = backend
        self.lake = lake
        self.known = known
        self.as_of = as_of
        self._made: dict[str, ir.Table] = {}

    def __getitem__(self, name: str) -> ir.Table:
        if name not in self._made:
            if name in self.known.rowsets:
                rows = self.known.rowsets[name].build(self, self.as_of)
                self._made[name] = self.backend.keep(f"rows_{name}", rows)
            elif name in self.known.datasets:
                last = f"{self.as_of:%Y-%m}" if self.known.datasets[name].part_by else None
                self._made[name] = self.backend.read(f"lake_{name}", self.lake.files(name, last))
            else:
                raise KeyError(name)
        return self._made[name]

    def __iter__(self) -> Any:
        return iter([*self.known.datasets, *self.known.rowsets])

    def __len__(self) -> int:
        return len(self.known.datasets) + len(self.known.rowsets)


def settled(metric: Metric, value: ir.Value) -> ir.Value:
    """The value as it is stored: whole, text, or an exact decimal rounded to six places."""
    if metric.unit in TEXT_UNITS:
        return value.cast("string")
    if value.type().is_integer():
        return value.cast("int64")
    if value.type().is_floating():
        return rounded_money(value) if metric.unit in ("money", "quantity") else rounded(value)
    return money(value)


def compute_wide(tables: Tables, names: Iterable[str] | None = None) -> ir.Table:
    """One row a customer: `customer_id` and a column for each metric asked for (None: all registered)."""
    known, as_of = tables.known, tables.as_of
    wanted = list(known.metrics) if names is None else list(names)
    metrics = known.with_needs(wanted)
    wide = tables["customers"].select(customer_id="id")
    everybody = wide
    by_rowset: dict[str, list[Metric]] = {}
    for metric in metrics:
        if metric.over:
            by_rowset.setdefault(metric.over, []).append(metric)
    for rowset, group in by_rowset.items():
        values = tables.backend.keep(f"values_{rowset}", _grouped(tables, rowset, group))
        everybody = everybody.left_join(values, "customer_id").drop("customer_id_right")
    defaults = {
        metric.name: everybody[metric.name].fill_null(metric.default)
        for group in by_rowset.values()
        for metric in group
        if metric.default is not None
    }
    wide = tables.backend.keep("everybody_0", everybody.mutate(**defaults) if defaults else everybody)
    waiting = [metric for metric in metrics if not metric.over]
    level = 0
    while waiting:
        ready = [metric for metric in waiting if all(need in wide.columns for need in metric.needs)]
        columns = {}
        for metric in ready:
            value = settled(metric, metric.value(wide, as_of))
            columns[metric.name] = value if metric.default is None else value.fill_null(metric.default)
        level += 1
        wide = tables.backend.keep(f"everybody_{level}", wide.mutate(**columns))
        waiting = [metric for metric in waiting if metric.name not in columns]
    return wide.select("customer_id", *wanted)


def _grouped(tables: Tables, rowset: str, group: list[Metric]) -> ir.Table:
    rows = tables[rowset]
    values = {metric.name: settled(metric, metric.value(rows, tables.as_of)) for metric in group}
    if tables.known.rowsets[rowset].one_row:
        return rows.select(customer_id=rows.customer_id, **values)
    return rows.group_by("customer_id").aggregate(**values)


def family_rows(tables: Tables, prefix: str) -> ir.Table:
    """The values of a family of metrics: customer_id, name (with its prefix) and value (a JSON literal)."""
    import ibis

    rows = tables.known.families[prefix].rows(tables, tables.as_of)
    return rows.select(
        customer_id=rows.customer_id, name=ibis.literal(prefix).concat(rows.name), value=rows.value
    )
