"""The company's sales as tables: revenue by month, largest customers. Runs where DuckDB may run, not in web processes.

Totals include sales without a customer; lists of customers do not.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from bihuan.kernel.analytics.lake import Lake

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True)
class MonthRevenue:
    month: str
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class CustomerRevenue:
    customer_id: int
    revenue: Decimal


class SalesAnalysis:
    """Questions to one generation of the lake over a connection that stays warm."""

    def __init__(self, lake: Lake) -> None:
        import duckdb

        self.connection: duckdb.DuckDBPyConnection = duckdb.connect()
        self.connection.execute("SET preserve_insertion_order = false")
        self.connection.execute("SET parquet_metadata_cache = true")
        self.lake = lake
        self._views: set[str] = set()

    def _lines(self, until: date) -> tuple[str, str]:
        """A view of the lines of the months up to that date (later files are not opened), and what to filter by: a
        date that ends its month needs no look at the single days."""
        name = f"lines_{until:%Y_%m}"
        if name not in self._views:
            files = self.lake.files("order_lines", f"{until:%Y-%m}")
            months = "hive_partitioning = true, hive_types = {'part': VARCHAR}"
            part, how = (
                ("part", months) if "part=" in files[0] else ("'' AS part", "hive_partitioning = false")
            )
            self.connection.execute(
                f"CREATE VIEW {name} AS SELECT customer_id, ordered_on, amount, {part} FROM read_parquet({files}, {how})"
            )
            self._views.add(name)
        ends_month = (until + timedelta(days=1)).day == 1
        return name, "true" if ends_month else f"ordered_on <= DATE '{until.isoformat()}'"

    def revenue_by_month(self, until: date) -> list[MonthRevenue]:
        """Revenue of all sales, unassigned ones included, by calendar month (`2011-08`), oldest first."""
        lines, wanted = self._lines(until)
        rows = self.connection.execute(
            f"SELECT part, CAST(sum(amount) AS DECIMAL(28,6)) FROM {lines} WHERE {wanted} GROUP BY part ORDER BY part"
        ).fetchall()
        return [MonthRevenue(month, revenue) for month, revenue in rows]

    def top_customers(self, until: date, n: int, since: date | None = None) -> list[CustomerRevenue]:
        """The customers with the most revenue in (since, until]; of equals the older customer first."""
        lines, wanted = self._lines(until)
        if since is not None:
            wanted += f" AND ordered_on > DATE '{since.isoformat()}'"
        rows = self.connection.execute(
            f"SELECT customer_id, CAST(sum(amount) AS DECIMAL(28,6)) AS revenue FROM {lines} "
            f"WHERE customer_id IS NOT NULL AND {wanted} GROUP BY ALL ORDER BY revenue DESC, customer_id LIMIT $n",
            {"n": n},
        ).fetchall()
        return [CustomerRevenue(customer, revenue) for customer, revenue in rows]
