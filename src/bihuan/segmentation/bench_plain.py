"""The plain limit for metrics: one hand-written SQL each, straight over the Parquet files, nothing shared.

`lines`, `products`, `customers`, `facts` and `dues` are views of the files; `$day` is the date. Each gives customer_id
and value. Results are checked against ours before times are compared.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bihuan.kernel.analytics.lake import open_lake

if TYPE_CHECKING:
    import duckdb

VIEWS = {
    "lines": "order_lines",
    "products": "products",
    "customers": "customers",
    "facts": "customer_facts",
    "dues": "receivables",
}

LINES = "FROM lines WHERE customer_id IS NOT NULL AND ordered_on <= $day"
YEAR = "AND ordered_on > $day - 365"
QUARTER = "AND ordered_on > $day - 90"
BY = "GROUP BY customer_id"
PURCHASE = "is_order AND kind = 1"

BOUGHT = f"SELECT customer_id, product_id, sum(amount) AS amount {LINES} {YEAR} GROUP BY ALL HAVING sum(amount) > 0"
PROMISED = """
    SELECT line.customer_id, line.promised_on, line.quantity + coalesce(gone.quantity, 0) AS contracted,
           CASE WHEN line.delivered_on <= $day THEN line.delivered_on END AS delivered_on, line.delivered_quantity
    FROM lines AS line LEFT JOIN (
        SELECT cancels_id, sum(quantity) AS quantity FROM lines
        WHERE cancels_id IS NOT NULL AND customer_id IS NOT NULL AND ordered_on <= $day GROUP BY ALL
    ) AS gone ON gone.cancels_id = line.id
    WHERE line.kind = 1 AND line.customer_id IS NOT NULL AND line.ordered_on <= $day
      AND line.promised_on > $day - 365 AND line.promised_on <= $day
"""
COUNTED = "WHERE contracted > 0 AND (delivered_on IS NOT NULL OR promised_on < $day)"
DAYS = f"SELECT DISTINCT customer_id, ordered_on {LINES} AND {PURCHASE}"
GAPS = f"""
    SELECT customer_id, ordered_on - lag(ordered_on) OVER (PARTITION BY customer_id ORDER BY ordered_on) AS gap FROM ({DAYS})
"""
REVENUE = f"SELECT customer_id, sum(amount) AS revenue {LINES} {YEAR} {BY}"
EVER = f"SELECT DISTINCT customer_id {LINES} AND {PURCHASE}"
LEFT = (
    "CASE WHEN settled_on <= $day THEN 0 WHEN settled_on IS NULL THEN amount - settled_amount ELSE amount END"
)
COVERED = f"""
    SELECT *, greatest(least(owed, sum(owed) OVER (PARTITION BY customer_id ORDER BY due_on, id ROWS UNBOUNDED PRECEDING)
        - sum(credit) OVER (PARTITION BY customer_id)), 0) AS outstanding
    FROM (
        SELECT *, greatest({LEFT}, 0) AS owed, greatest(-({LEFT}), 0) AS credit FROM dues WHERE issued_on <= $day
    )
"""
OVERDUE = f"FROM ({COVERED}) WHERE amount > 0 AND due_on < $day AND outstanding > 0 {BY}"
PERIOD = (
    "(year($day) - year(ordered_on)) * 12 + month($day) - month(ordered_on) "
    "- CASE WHEN day(ordered_on) > day($day) THEN 1 ELSE 0 END"
)
ORDERS = f"SELECT customer_id, count(DISTINCT order_id) AS orders {LINES} {YEAR} AND {PURCHASE} {BY}"
FIRST = f"SELECT customer_id, min(ordered_on) AS first_on {LINES} AND {PURCHASE} {BY}"
SINCE = f"""
    SELECT id AS customer_id, least(first_on, CASE WHEN customer_since <= $day THEN customer_since END) AS since
    FROM customers LEFT JOIN ({FIRST}) AS bought ON bought.customer_id = id
"""


def quintile(column: str, inner: str) -> str:
    return f"""
        SELECT customer_id, 1 + 5 * (rank() OVER (ORDER BY {column}) - 1) // count(*) OVER () AS value
        FROM ({EVER}) LEFT JOIN ({inner}) USING (customer_id)
    """


RECENCY = f"SELECT customer_id, $day - max(ordered_on) AS days {LINES} AND {PURCHASE} {BY}"
SCORES = {
    "rfm_recency": quintile("-days", RECENCY),
    "rfm_frequency": quintile("coalesce(orders, 0)", ORDERS),
    "rfm_monetary": quintile("coalesce(revenue, 0)", REVENUE),
}

PLAIN: dict[str, str] = {
    "revenue_90d": f"SELECT customer_id, sum(amount) AS value {LINES} {QUARTER} {BY}",
    "revenue_12m": f"SELECT customer_id, sum(amount) AS value {LINES} {YEAR} {BY}",
    "revenue_lifetime": f"SELECT customer_id, sum(amount) AS value {LINES} {BY}",
    "margin_90d": f"SELECT customer_id, sum(amount - cost) AS value {LINES} {QUARTER} {BY}",
    "margin_12m": f"SELECT customer_id, sum(amount - cost) AS value {LINES} {YEAR} {BY}",
    "margin_lifetime": f"SELECT customer_id, sum(amount - cost) AS value {LINES} {BY}",
    "margin_rate_12m": f"""
        SELECT customer_id, CASE WHEN sum(amount) > 0 THEN sum(amount - cost) / sum(amount) END AS value
        {LINES} {YEAR} AND cost IS NOT NULL {BY}""",
    "orders_90d": f"SELECT customer_id, count(DISTINCT order_id) AS value {LINES} {QUARTER} AND {PURCHASE} {BY}",
    "orders_12m": f"SELECT customer_id, count(DISTINCT order_id) AS value {LINES} {YEAR} AND {PURCHASE} {BY}",
    "orders_lifetime": f"SELECT customer_id, count(DISTINCT order_id) AS value {LINES} AND {PURCHASE} {BY}",
    "average_order_12m": f"""
        SELECT customer_id, sum(amount) / nullif(count(DISTINCT CASE WHEN {PURCHASE} THEN order_id END), 0) AS value
        {LINES} {YEAR} {BY}""",
    "tenure_days": f"SELECT customer_id, $day - since AS value FROM ({SINCE})",
    "tenure_years": f"SELECT customer_id, ($day - since) / 365.25 AS value FROM ({SINCE})",
    "recency_days": f"SELECT customer_id, days AS value FROM ({RECENCY})",
    "order_gap_median": f"SELECT customer_id, quantile_cont(gap, 0.5) AS value FROM ({GAPS}) WHERE gap IS NOT NULL {BY}",
    "order_gap_p95": f"SELECT customer_id, quantile_cont(gap, 0.95) AS value FROM ({GAPS}) WHERE gap IS NOT NULL {BY}",
    "monthly_cv_12m": f"""
        WITH month AS (SELECT customer_id, {PERIOD} AS period, sum(amount) AS revenue {LINES} GROUP BY ALL),
        used AS (SELECT customer_id, least(12, max(period) + 1) AS months FROM month {BY})
        SELECT customer_id, CASE WHEN months >= 3 AND mean > 0 THEN sqrt((squares + (months - n) * mean * mean) / months) / mean END
            AS value
        FROM (
            SELECT customer_id, months, mean, count(*) AS n, sum((revenue - mean) * (revenue - mean)) AS squares
            FROM month JOIN used USING (customer_id) JOIN (
                SELECT customer_id, sum(revenue) / months AS mean FROM month JOIN used USING (customer_id)
                WHERE period < 12 GROUP BY customer_id, months
            ) USING (customer_id) WHERE period < 12 GROUP BY ALL
        )""",
    "growth_12m": f"""
        SELECT customer_id, CASE WHEN sum(amount) FILTER (WHERE ordered_on <= $day - 365) > 0 THEN
            coalesce(sum(amount) FILTER (WHERE ordered_on > $day - 365), 0)
            / sum(amount) FILTER (WHERE ordered_on <= $day - 365) - 1 END AS value
        {LINES} AND ordered_on > $day - 730 {BY}""",
    "volume_12m": f"SELECT customer_id, sum(volume) AS value {LINES} {YEAR} AND kind <> 3 {BY}",
    "volume_trend_6m": f"""
        SELECT customer_id, CASE WHEN sum(volume) FILTER (WHERE ordered_on <= $day - 182) > 0 THEN
            coalesce(sum(volume) FILTER (WHERE ordered_on > $day - 182), 0)
            / sum(volume) FILTER (WHERE ordered_on <= $day - 182) - 1 END AS value
        {LINES} AND ordered_on > $day - 364 AND kind <> 3 {BY}""",
    "on_time_delivery_12m": f"""
        SELECT customer_id, count(*) FILTER (WHERE delivered_on <= promised_on) / count(*) AS value
        FROM ({PROMISED}) {COUNTED} {BY}""",
    "fulfilment_12m": f"""
        SELECT customer_id, sum(CASE WHEN delivered_on IS NULL THEN 0 ELSE
            least(coalesce(delivered_quantity, contracted), contracted) END) / sum(contracted) AS value
        FROM ({PROMISED}) {COUNTED} {BY}""",
    "on_time_payment_12m": f"""
        SELECT customer_id, count(*) FILTER (WHERE settled_on <= due_on AND settled_on <= $day) / count(*) AS value
        FROM ({COVERED}) WHERE amount > 0 AND due_on > $day - 365 AND due_on <= $day
            AND ((due_on < $day AND outstanding > 0) OR settled_on <= $day) {BY}""",
    "overdue_amount": f"SELECT customer_id, sum(outstanding) AS value {OVERDUE}",
    "overdue_days_max": f"SELECT customer_id, $day - min(due_on) AS value {OVERDUE}",
    "product_count_12m": f"SELECT customer_id, count(*) AS value FROM ({BOUGHT}) {BY}",
    "product_diversity_12m": f"""
        SELECT customer_id, 1 - sum(amount::DOUBLE * amount::DOUBLE) / (sum(amount)::DOUBLE * sum(amount)::DOUBLE) AS value
        FROM ({BOUGHT}) {BY}""",
    "concentration_12m": f"SELECT customer_id, max(amount) / sum(amount) AS value FROM ({BOUGHT}) {BY}",
    "customisation_share_12m": f"""
        SELECT customer_id, CASE WHEN count(*) FILTER (WHERE grade <> '') > 0 THEN
            coalesce(sum(amount) FILTER (WHERE lower(grade) LIKE '%custom%' OR grade LIKE '%定制%'), 0) / sum(amount) END AS value
        FROM ({BOUGHT}) JOIN products ON products.id = product_id {BY}""",
    "share_of_wallet": f"""
        SELECT customer_id, least(1, greatest(0, coalesce(revenue, 0) / wallet / 10000)) AS value FROM (
            SELECT customer_id, CAST(arg_max(value, as_of) AS DECIMAL(18,6)) AS wallet FROM facts
            WHERE name = 'annual_purchases' AND as_of <= $day {BY}
        ) LEFT JOIN ({REVENUE}) USING (customer_id)""",
    **SCORES,
    "rfm_score": " UNION ALL BY NAME ".join(f"SELECT * FROM ({one})" for one in SCORES.values()),
    "abc_class": f"""
        SELECT customer_id, CASE WHEN revenue > 0 AND before < 0.80 * total THEN 'A'
            WHEN revenue > 0 AND before < 0.95 * total THEN 'B' ELSE 'C' END AS value
        FROM (
            SELECT customer_id, revenue, sum(greatest(revenue, 0)) OVER () AS total,
                coalesce(sum(greatest(revenue, 0)) OVER (ORDER BY revenue DESC RANGE UNBOUNDED PRECEDING EXCLUDE TIES)
                    - greatest(revenue, 0), 0) AS before
            FROM (SELECT customer_id, coalesce(revenue, 0) AS revenue FROM ({EVER}) LEFT JOIN ({REVENUE}) USING (customer_id))
        )""",
    "revenue_rank_share_12m": f"""
        SELECT customer_id, rank() OVER (ORDER BY revenue DESC) / count(*) OVER () AS value
        FROM ({REVENUE}) WHERE revenue > 0""",
}
PLAIN["rfm_score"] = f"SELECT customer_id, sum(value) AS value FROM ({PLAIN['rfm_score']}) {BY}"


def open_plain(root: Path) -> duckdb.DuckDBPyConnection:
    """DuckDB with the lake's files as the views that the queries name."""
    import duckdb

    lake = open_lake(root)
    connection = duckdb.connect()
    connection.execute("SET preserve_insertion_order = false")
    for view, dataset in VIEWS.items():
        connection.execute(f"CREATE VIEW {view} AS SELECT * FROM read_parquet({lake.files(dataset)})")
    connection.execute("SELECT count(*) FROM lines").fetchall()
    return connection
