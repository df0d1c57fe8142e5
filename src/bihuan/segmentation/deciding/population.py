"""Who would move: the set evaluator over all customers, and each mover explained."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db.models import FilteredRelation, Q, QuerySet
from django.utils.translation import gettext as _

from bihuan.customers.models import Customer
from bihuan.policy import Policy, parse_policy

from .evidence import Seen, outcome_text
from .rules import direction


class EvaluationFailed(Exception):
    """The policy could not be evaluated over all customers; nothing was written."""

    is_refusal = True


@dataclass(frozen=True, slots=True)
class Candidate:
    """A customer whose tier would change, with the canonical texts of what was seen and what came of it."""

    customer_id: int
    current: str | None
    before: str | None
    tier: str
    score: Decimal | None
    revenue_12m: Decimal
    inputs: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Flow:
    before: str | None
    after: str
    customers: int
    revenue: Decimal


class Population:
    """The outcome of one evaluation over all customers in question."""

    def __init__(self, policy: Policy, as_of: date, flows: list[Flow], movers: Path) -> None:
        self.policy, self.as_of, self.flows = policy, as_of, flows
        self._movers = movers

    def counted(self, way: str) -> int:
        """How many go `up`, go `down` or stay the `same`; who had no tier before counts from the default tier."""
        return sum(
            flow.customers for flow in self.flows if direction(self.policy, flow.before, flow.after) == way
        )

    @property
    def unchanged(self) -> int:
        return sum(flow.customers for flow in self.flows if flow.before == flow.after)

    @property
    def revenue_moved(self) -> Decimal:
        """Revenue of twelve months of those who go up or down."""
        moved = (
            flow.revenue for flow in self.flows if direction(self.policy, flow.before, flow.after) != "same"
        )
        return sum(moved, Decimal(0))

    def candidates(self) -> Iterator[Candidate]:
        """Every customer whose tier changes, explained. Raises EvaluationFailed if the two evaluators differ."""
        with self._movers.open(encoding="utf-8") as lines:
            for line in lines:
                yield self._explained(json.loads(line, parse_float=Decimal))

    def _explained(self, row: Mapping[str, Any]) -> Candidate:
        seen = Seen(
            values={name: row.get(name) for name in sorted(self.policy.inputs)},
            current=row.get("current_tier"),
            since=date.fromisoformat(row["since"]) if row.get("since") else None,
            as_of=self.as_of,
        )
        inputs = seen.text()
        outcome = Seen.from_text(inputs).evaluate(self.policy)
        if outcome.tier != row["tier_after"] or outcome.tier is None:
            raise EvaluationFailed(
                _(
                    "The two evaluators disagree about customer %(id)s: %(one)s and %(other)s. Nothing was stored."
                )
                % {"id": row["customer_id"], "one": outcome.tier, "other": row["tier_after"]}
            )
        return Candidate(
            customer_id=row["customer_id"],
            current=row.get("current_tier"),
            before=row.get("tier_before"),
            tier=outcome.tier,
            score=outcome.score,
            revenue_12m=Decimal(str(row.get("revenue_12m") or 0)),
            inputs=inputs,
            outcome=outcome_text(outcome),
        )


@contextmanager
def evaluated_population(
    *,
    document: Mapping[str, Any],
    baseline: Mapping[str, Any] | None,
    customers: QuerySet[Customer],
    values: Path,
    as_of: date,
) -> Iterator[Population]:
    """Evaluate a policy over these customers; the result can be read while the context is open.

    `values` is the Parquet file of metric values as of that date. With a `baseline`, customers who have no tier yet are
    compared with what the baseline would give them.
    """
    with tempfile.TemporaryDirectory(prefix="bihuan-") as folder:
        holdings, movers = Path(folder, "holdings.csv"), Path(folder, "movers.jsonl")
        _write_holdings(customers, holdings)
        request = {
            "policy": document,
            "baseline": baseline,
            "values": str(values),
            "holdings": str(holdings),
            "as_of": as_of.isoformat(),
            "movers": str(movers),
        }
        flows = _run(request)
        yield Population(parse_policy(document), as_of, flows, movers)


def _write_holdings(customers: QuerySet[Customer], path: Path) -> None:
    """What was decided last about each: also where it takes effect only later, so that nobody is proposed twice."""
    last = FilteredRelation(
        "decisions", condition=Q(decisions__kind="tier", decisions__valid_to__isnull=True)
    )
    known = customers.filter(merged_into=None).annotate(last=last).order_by("id")
    rows = known.values_list("id", "last__value", "last__valid_from")
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["customer_id", "current_tier", "since"])
        writer.writerows(rows.iterator(5000))


def _run(request: dict[str, Any]) -> list[Flow]:
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.segmentation.deciding.set_process"],
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [f"status {done.returncode}"]
        raise EvaluationFailed(_("The policy could not be evaluated: %(error)s") % {"error": last[0]})
    return [
        Flow(row["tier_before"], row["tier_after"], row["customers"], Decimal(row["revenue"]))
        for row in json.loads(done.stdout)
    ]
