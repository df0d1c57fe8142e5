"""A policy over all customers, in a process of its own: `python -m bihuan.segmentation.deciding.set_process`.

Reads a request as JSON from standard input and writes the movers as JSON Lines to the file that it names, and on
standard output one JSON object with the counts. Django is not loaded here.

Request: `policy` (document), `baseline` (document or null), `values` (Parquet: a row a customer, a column a metric),
`holdings` (CSV: customer_id, current_tier, since; only these customers are looked at, ranks count all), `as_of`, `movers` (file).
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

import ibis
import ibis.expr.types as ir

from bihuan.policy import Policy, parse_policy
from bihuan.policy.sets import to_ibis


def main() -> int:
    request = json.load(sys.stdin)
    as_of = date.fromisoformat(request["as_of"])
    policy = parse_policy(request["policy"])
    baseline = parse_policy(request["baseline"]) if request["baseline"] else None
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET threads = 2; SET memory_limit = '2GB'")
    columns = {"customer_id": "BIGINT", "current_tier": "VARCHAR", "since": "DATE"}
    holdings = connection.read_csv(request["holdings"], columns=columns, header=True)
    policies = [one for one in (policy, baseline) if one is not None]
    table = prepared(connection, holdings, request["values"], policies)
    after = to_ibis(policy, table, since_column="since", as_of=as_of)
    result = table.inner_join(
        after.select("customer_id", tier_after="tier", score=after["score"])
        if "score" in after.columns
        else after.select("customer_id", tier_after="tier", score=ibis.null("float64")),
        "customer_id",
    )
    if baseline is None:
        result = result.mutate(tier_before=result["current_tier"])
    else:
        before = to_ibis(baseline, table, since_column="since", as_of=as_of)
        result = result.inner_join(before.select("customer_id", plain_before="tier"), "customer_id")
        result = result.mutate(tier_before=ibis.coalesce(result["current_tier"], result["plain_before"]))
    result = connection.create_table("result", result, temp=True)
    _write_movers(connection, result, policy, Path(request["movers"]))
    json.dump(_flows(connection, result), sys.stdout)
    return 0


def prepared(connection: Any, holdings: ir.Table, file: str, policies: list[Policy]) -> ir.Table:
    """The metric values of those in `holdings` (customer_id, current_tier and what else it has), out of a Parquet file;
    rank shares are taken over everybody, and what no metric gives is null."""
    values = connection.read_parquet(file)
    columns = set(values.columns)
    added: dict[str, Any] = {}
    for policy in policies:
        for name in policy.metrics | {"revenue_12m"}:
            if name not in columns:
                added[name] = ibis.null("string" if name in policy.text_inputs else "float64")
    values = values.mutate(**added) if added else values
    ranks: dict[str, Any] = {}
    for policy in policies:
        for name in policy.inputs:
            if name.startswith("rank_share("):
                value = values[name[11:-1]].cast("float64")
                rank = ibis.rank().over(ibis.window(order_by=value.desc()))
                share = (rank + 1).cast("float64") / value.count().over(ibis.window())
                ranks[name] = value.isnull().ifelse(ibis.null("float64"), share)
    values = values.mutate(**ranks) if ranks else values
    holdings = holdings.mutate(current_tier=holdings["current_tier"].nullif(""))
    return connection.create_table(
        "prepared", holdings.left_join(values, "customer_id").drop("customer_id_right"), temp=True
    )


def _write_movers(connection: Any, result: ir.Table, policy: Policy, path: Path) -> None:
    moved = result.filter(
        result["tier_before"].isnull() | (result["tier_before"] != result["tier_after"])
    )  # fmt: skip
    names = ["customer_id", "current_tier", "since", "tier_before", "tier_after", "score", "revenue_12m"]
    names += sorted(policy.inputs - {"revenue_12m"})
    query = ibis.to_sql(moved.select(*names).order_by("customer_id"), dialect="duckdb")
    target = str(path).replace("'", "''")
    connection.raw_sql(f"COPY ({query}) TO '{target}' (FORMAT JSON)")


def _flows(connection: Any, result: ir.Table) -> list[dict[str, Any]]:
    """From which tier to which: how many customers, with how much revenue of twelve months."""
    flows = result.group_by("tier_before", "tier_after").aggregate(
        customers=result.count(), revenue=result["revenue_12m"].cast("decimal(38,6)").sum()
    )
    query = ibis.to_sql(flows.order_by("tier_before", "tier_after"), dialect="duckdb")
    rows = connection.raw_sql(query).fetchall()
    return [
        {"tier_before": before, "tier_after": after, "customers": customers, "revenue": str(revenue or 0)}
        for before, after, customers, revenue in rows
    ]


if __name__ == "__main__":
    sys.exit(main())
