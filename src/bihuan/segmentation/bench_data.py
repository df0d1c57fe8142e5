"""Made sales for measuring, written straight into a lake as sets."""

from __future__ import annotations

from pathlib import Path

from bihuan.kernel.analytics.export import TYPES, cast, quoted, signature
from bihuan.kernel.analytics.lake import DatasetFiles, Lake, Part, save_manifest
from bihuan.kernel.analytics.registry import load_all

# Three years of documents of four or five lines; a tenth of the customers buys half of everything. One line in
# thirty is cancelled later, one in ten has no customer, costs are known of seven in ten. Columns as in the database:
# whole millionths.
MADE = """
CREATE TEMP TABLE order_lines AS
WITH line AS (
    SELECT i AS id, i // 9 * 2 + CASE WHEN i % 9 < 5 THEN 0 ELSE 1 END AS order_id, hash(i) AS h
    FROM range({lines}) AS numbers(i)
), document AS (
    SELECT *, hash(order_id * 7919) AS d FROM line
)
SELECT id, order_id, d % 29 <> 0 AS is_order,
       CASE WHEN d % 29 <> 0 THEN 1 WHEN d % 2 = 0 THEN 2 ELSE 3 END AS kind,
       CASE WHEN d % 10 = 0 THEN NULL
            WHEN d % 10 <= 5 THEN (d // 10) % ({customers} // 10) ELSE (d // 10) % {customers} END + 1 AS customer_id,
       DATE '2023-12-01' + CAST((d // 1000) % 1060 AS INTEGER) AS ordered_on,
       h % 2000 + 1 AS product_id,
       (h // 7 % 400 + 1) * 250000 * CASE WHEN d % 29 = 0 THEN -1 ELSE 1 END AS quantity,
       (h // 11 % 90000 + 1) * 10000 AS price, h, d
FROM document
"""
COLUMNS = """
SELECT id, order_id, is_order, kind, customer_id, ordered_on, product_id, quantity, quantity AS volume, price,
       quantity * price // 1000000 AS amount,
       CASE WHEN h // 13 % 10 < 7 THEN quantity * price // 1000000 * (55 + h // 17 % 30) // 100 END AS cost,
       CASE WHEN h // 19 % 10 < 8 THEN ordered_on + CAST(3 + h // 23 % 30 AS INTEGER) END AS promised_on,
       CASE WHEN h // 19 % 10 < 8 AND h // 29 % 20 > 0 THEN ordered_on + CAST(1 + h // 31 % 33 AS INTEGER) END AS delivered_on,
       CASE WHEN h // 19 % 10 < 8 AND h // 29 % 20 > 1 THEN quantity - CASE WHEN h // 37 % 25 = 0 THEN 250000 ELSE 0 END END
           AS delivered_quantity,
       CASE WHEN kind = 2 THEN id - 900 END AS cancels_id
FROM order_lines
"""
OTHERS = {
    "products": "SELECT i + 1 AS id, 'P' || i AS code, 'Made product ' || i AS name, '' AS family, "
    "CASE WHEN i % 5 = 0 THEN 'custom' WHEN i % 2 = 0 THEN '98 %' ELSE '' END AS grade, 't' AS unit FROM range(2000) AS t(i)",
    "customers": "SELECT i + 1 AS id, 'K' || i AS external_id, 'Made customer ' || i AS name, 'active' AS status, '' AS industry, "
    "'' AS kind, '' AS region, CASE WHEN i % 3 = 0 THEN DATE '2020-01-01' + CAST(i % 2000 AS INTEGER) END AS customer_since "
    "FROM range({customers}) AS t(i)",
    "customer_facts": "SELECT i + 1 AS customer_id, 'capability' AS section, 'annual_purchases' AS name, "
    "CAST(10 + i * 37 % 900 AS VARCHAR) AS value, DATE '2025-01-01' AS as_of FROM range({customers}) AS t(i) WHERE i % 2 = 0",
    "payments": "SELECT i AS id, i % {customers} + 1 AS customer_id, NULL AS order_id, 1000000 AS amount, DATE '2025-01-01' AS paid_on "
    "FROM range(1000) AS t(i)",
    "receivables": "SELECT order_id AS id, customer_id, order_id, sum(amount) AS amount, "
    "CASE WHEN order_id % 12 < 10 THEN sum(amount) ELSE 0 END AS settled_amount, any_value(ordered_on) AS issued_on, "
    "any_value(ordered_on) + 45 AS due_on, "
    "CASE WHEN order_id % 12 < 10 THEN any_value(ordered_on) + CAST(10 + order_id % 55 AS INTEGER) END AS settled_on "
    "FROM lines WHERE customer_id IS NOT NULL GROUP BY order_id, customer_id",
}


def make_lake(root: Path, lines: int, customers: int) -> Lake:
    """A lake with so many order lines over 35 months, of so many customers."""
    import duckdb

    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    connection.execute(MADE.format(lines=lines, customers=customers))
    connection.execute(f"CREATE TEMP VIEW lines AS {COLUMNS}")
    lake = Lake(root, 1)
    for dataset in load_all().datasets.values():
        select = (
            "SELECT * FROM lines"
            if dataset.name == "order_lines"
            else OTHERS[dataset.name].format(customers=customers)
        )
        columns = ", ".join(cast(column) for column in dataset.columns)
        part = f"strftime({dataset.part_by}, '%Y-%m')" if dataset.part_by else "'all'"
        folder = root / dataset.name
        folder.mkdir(parents=True)
        rows = connection.execute(
            f"COPY (SELECT {columns}, {part} AS part FROM ({select})) TO {quoted(str(folder))} (FORMAT parquet, "
            "COMPRESSION zstd, COMPRESSION_LEVEL 1, PARTITION_BY (part), OVERWRITE_OR_IGNORE, FILENAME_PATTERN 'g1_{i}', "
            "RETURN_STATS)"
        ).fetchall()
        files = DatasetFiles(signature(dataset), {}, f"{dataset.name}/g1_empty.parquet")
        for name, count, *_ in rows:
            key = Path(name).parent.name.removeprefix("part=")
            sofar = files.parts.get(key, Part((), 0))
            files.parts[key] = Part((*sofar.files, str(Path(name).relative_to(root))), sofar.rows + count)
        nothing = ", ".join(
            f'CAST(NULL AS {TYPES[column.kind]}) AS "{column.name}"' for column in dataset.columns
        )
        connection.execute(
            f"COPY (SELECT {nothing} WHERE false) TO {quoted(str(root / files.empty))} (FORMAT parquet)"
        )
        lake.datasets[dataset.name] = files
    connection.close()
    save_manifest(lake)
    return lake
