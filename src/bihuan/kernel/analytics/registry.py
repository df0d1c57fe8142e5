"""What rooms declare: datasets (what goes into the lake), rowsets and metrics (what is computed from it).

A room lists its datasets in `datasets.py` and its metrics in `metrics.py`; both are imported by `load_all()`, which
asks every room with facts. Declaring loads no analytics library and no Django application: an expression is a
function that is called later, in the process that computes.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from bihuan.kernel.actor import FieldClass

if TYPE_CHECKING:
    from datetime import date

    import ibis.expr.types as ir

Kind = Literal["int", "text", "date", "timestamp", "fixed", "bool"]
Unit = Literal["money", "quantity", "count", "days", "years", "fraction", "score", "class", "text"]
Tables = Mapping[str, Any]
TEXT_UNITS = frozenset({"class", "text"})


def gettext_noop(text: str) -> str:
    """Marks a text for translation where it is shown. Django's own asks for settings, which this process lacks."""
    return text


@dataclass(frozen=True, slots=True)
class Column:
    """A lake column. `kind` "fixed" is an exact number: whole millionths in the database, decimal(18,6) in the lake."""

    name: str
    kind: Kind
    field_class: FieldClass = FieldClass.PUBLIC


@dataclass(frozen=True, slots=True)
class Dataset:
    """A table of facts in the lake. `part_by` names the date column whose months partition it (None: one part).

    `select` is a query over the database giving at least these columns, with money as whole millionths. It is run by
    DuckDB over the attached database and must mean the same on SQLite and PostgreSQL.
    """

    name: str
    room: str
    columns: tuple[Column, ...]
    select: str
    part_by: str | None = None


@dataclass(frozen=True, slots=True)
class Rowset:
    """Rows that several metrics are computed from, as known at `as_of`: written once, computed once.

    `build(tables, as_of)` returns an Ibis table; `tables[name]` gives a dataset or another rowset. `one_row` says
    that each customer has at most one row, so that a metric over it is a column and no aggregate.
    """

    name: str
    room: str
    build: Callable[[Tables, date], ir.Table]
    one_row: bool = False


@dataclass(frozen=True, slots=True)
class Metric:
    """A number (or text) per customer at a date.

    With `over`, `value(rows, as_of)` is an aggregate over that rowset's rows of one customer. Without, it is a column
    over the table of all customers and the metrics in `needs` (`everybody.revenue_12m`), and may rank.
    Customers without a value take `default`. Numbers are rounded to six places when they are computed, so that noise
    in the fifteenth digit cannot cross a threshold. Money, prices and quantities stay exact decimals.
    `field_class` is the strictest class of the columns it is computed from.
    """

    name: str
    room: str
    unit: Unit
    title: str
    definition: str
    formula: str
    source: str
    field_class: FieldClass
    value: Callable[[Any, date], ir.Value]
    over: str = ""
    needs: tuple[str, ...] = ()
    default: int | None = None


@dataclass(frozen=True, slots=True)
class Family:
    """Metrics whose names come from the data: `facts.annual_purchases`. `rows(tables, as_of)` returns an Ibis table
    with columns customer_id, name and value (a JSON literal as text), one row per customer and name."""

    prefix: str
    room: str
    title: str
    definition: str
    formula: str
    source: str
    field_class: FieldClass
    rows: Callable[[Tables, date], ir.Table]


@dataclass
class Registry:
    datasets: dict[str, Dataset] = field(default_factory=dict)
    rowsets: dict[str, Rowset] = field(default_factory=dict)
    metrics: dict[str, Metric] = field(default_factory=dict)
    families: dict[str, Family] = field(default_factory=dict)

    def add_dataset(self, dataset: Dataset) -> Dataset:
        return _add(self.datasets, dataset.name, dataset)

    def add_rowset(self, rowset: Rowset) -> Rowset:
        if rowset.name in self.datasets:
            raise ValueError(f"{rowset.name} is a dataset already")
        return _add(self.rowsets, rowset.name, rowset)

    def add_metric(self, metric: Metric) -> Metric:
        return _add(self.metrics, metric.name, metric)

    def add_family(self, family: Family) -> Family:
        return _add(self.families, family.prefix, family)

    def with_needs(self, names: Iterable[str]) -> list[Metric]:
        """These metrics and everything they need, each after what it needs. Raises on an unknown or circular need."""
        ordered: dict[str, Metric] = {}
        open_names: list[str] = []

        def visit(name: str) -> None:
            if name in ordered:
                return
            if name in open_names:
                raise ValueError("metrics need each other: " + " > ".join([*open_names, name]))
            if name not in self.metrics:
                raise ValueError(f"no metric is called {name}")
            open_names.append(name)
            for need in self.metrics[name].needs:
                visit(need)
            open_names.pop()
            ordered[name] = self.metrics[name]

        for name in names:
            visit(name)
        return list(ordered.values())


def _add[T](known: dict[str, T], name: str, item: T) -> T:
    if name in known:
        raise ValueError(f"{name} is registered twice")
    known[name] = item
    return item


registry = Registry()
ROOMS_WITH_FACTS = ("catalog", "customers", "sales")


def load_all() -> Registry:
    """Import every room's datasets and metrics once, and return the registry."""
    for room in ROOMS_WITH_FACTS:
        for module in ("datasets", "metrics"):
            name = f"bihuan.{room}.{module}"
            if importlib.util.find_spec(name) is not None:
                importlib.import_module(name)
    return registry
