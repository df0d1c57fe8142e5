"""Health and tags of all customers, in a process of its own: `bihuan.segmentation.scoring.set_process`.

Reads a request as JSON from standard input, writes what differs from what is stored to files that it names, and one
JSON object with counts to standard output. Django is not loaded here.

Request: `values` (Parquet: a row a customer, a column a metric), `as_of`, `health` and `tag` (documents or null),
`holdings` (CSV: customer_id, current_tier, since, score: the health state of each customer in question), `tagged` (CSV:
customer_id, code, by_rule: the tags that they have), `changed`, `added`, `removed` (files to write).
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

from ..deciding.set_process import prepared

HOLDINGS = {"customer_id": "BIGINT", "current_tier": "VARCHAR", "since": "DATE", "score": "DECIMAL(5, 2)"}
TAGGED = {"customer_id": "BIGINT", "code": "VARCHAR", "by_rule": "BOOLEAN"}


def main() -> int:
    request = json.load(sys.stdin)
    connection = ibis.duckdb.connect()
    connection.raw_sql("SET threads = 2; SET memory_limit = '2GB'")
    policies = {kind: parse_policy(request[kind]) for kind in ("health", "tag") if request[kind]}
    holdings = connection.read_csv(request["holdings"], columns=HOLDINGS, header=True)
    holdings = holdings.rename(stored_score="score")
    table = prepared(connection, holdings, request["values"], list(policies.values()))
    answer: dict[str, Any] = {}
    if "health" in policies:
        as_of = date.fromisoformat(request["as_of"])
        answer["states"] = write_health(
            connection, policies["health"], table, as_of, Path(request["changed"])
        )
    if "tag" in policies:
        tagged = connection.read_csv(request["tagged"], columns=TAGGED, header=True)
        write_tags(
            connection, policies["tag"], table, tagged, Path(request["added"]), Path(request["removed"])
        )
    json.dump(answer, sys.stdout)
    return 0


def write_health(
    connection: Any, policy: Policy, table: ir.Table, as_of: date, changed: Path
) -> dict[str, int]:
    """Write the rows whose state or score is another than stored; return how many customers are in each state.

    A score has two places, rounded half up from the six of the evaluator. Who has no score has no state either: nothing
    is known of them, which is no illness.
    """
    found = to_ibis(policy, table, since_column="since", as_of=as_of)
    exact = found["score"].cast("decimal(12, 6)").cast("decimal(5, 2)")
    state = found["score"].isnull().ifelse(ibis.null("string"), found["tier"])
    found = found.select("customer_id", state=state, score=exact)
    stored = table.select("customer_id", before="current_tier", stored_score="stored_score")
    result = connection.create_table("health", found.inner_join(stored, "customer_id"), temp=True)
    differs = ~result["state"].identical_to(result["before"]) | ~result["score"].identical_to(
        result["stored_score"]
    )
    write_csv(connection, result.filter(differs).select("customer_id", "before", "state", "score"), changed)
    counted = result.filter(result["state"].notnull()).group_by("state").aggregate(customers=ibis._.count())
    rows = connection.raw_sql(ibis.to_sql(counted.order_by("state"), dialect="duckdb")).fetchall()
    return dict(rows)


def write_tags(
    connection: Any, policy: Policy, table: ir.Table, tagged: ir.Table, added: Path, removed: Path
) -> None:
    """Write the pairs of customer and tag to add (the rule holds, the tag is absent) and to remove (set by a rule that
    does not hold, or that there is no more). A tag that a person set is neither."""
    found = to_ibis(policy, table, current_column=None)
    codes = [one.removeprefix("tag_") for one in found.columns if one.startswith("tag_")]
    found = connection.create_table("tags", found, temp=True)
    held = [
        found.filter(found[f"tag_{code}"]).select("customer_id", code=ibis.literal(code, "string"))
        for code in codes
    ]
    nobody = found.filter(ibis.literal(False)).select("customer_id", code=ibis.literal("", "string"))
    wanted = ibis.union(nobody, *held)
    both = ["customer_id", "code"]
    write_csv(connection, wanted.anti_join(tagged, both).select(*both), added)
    write_csv(connection, tagged.filter(tagged["by_rule"]).anti_join(wanted, both).select(*both), removed)


def write_csv(connection: Any, rows: ir.Table, path: Path) -> None:
    query = ibis.to_sql(rows.order_by(rows.columns[:2]), dialect="duckdb")
    target = str(path).replace("'", "''")
    connection.raw_sql(f"COPY ({query}) TO '{target}' (FORMAT CSV, HEADER)")


if __name__ == "__main__":
    sys.exit(main())
