"""Long work about policies that a page starts."""

from __future__ import annotations

from datetime import date
from typing import Any

from bihuan.kernel.jobs import JobRun, job
from bihuan.kernel.timetable import every_day

from . import operations
from .services import apply_standings

SHOWN_MOVERS = 200


@job("segmentation.simulate_policy")
def simulate_policy(run: JobRun) -> dict[str, Any]:
    """Arguments: name, changes (path → value), as_of. The result holds counts, flows and the first movers."""
    as_of = date.fromisoformat(run.arguments["as_of"])
    version = operations.get_version_in_force(run.actor, run.arguments["name"], as_of)
    with operations.simulated(
        actor=run.actor, version=version, changes=run.arguments["changes"], as_of=as_of, now=run.now()
    ) as population:
        movers = []
        for number, one in enumerate(population.candidates()):
            if number >= SHOWN_MOVERS:
                break
            movers.append(
                {
                    "customer": one.customer_id,
                    "before": one.before,
                    "after": one.tier,
                    "revenue": str(one.revenue_12m),
                    "outcome": one.outcome,
                }
            )
        return {
            "up": population.counted("up"),
            "down": population.counted("down"),
            "same": population.counted("same"),
            "revenue_moved": str(population.revenue_moved),
            "flows": [
                {
                    "before": one.before,
                    "after": one.after,
                    "customers": one.customers,
                    "revenue": str(one.revenue),
                }
                for one in population.flows
            ],
            "movers": movers,
        }


@job("segmentation.propose")
def propose(run: JobRun) -> dict[str, Any]:
    """Arguments: name, as_of, reason. The result names the proposal."""
    as_of = date.fromisoformat(run.arguments["as_of"])
    version = operations.get_version_in_force(run.actor, run.arguments["name"], as_of)
    proposal = operations.propose(
        actor=run.actor, version=version, as_of=as_of, reason=run.arguments.get("reason", ""), now=run.now()
    )
    return {"proposal": proposal.pk}


@job("segmentation.apply_standings")
def apply_todays_standings(run: JobRun) -> dict[str, Any]:
    """Decisions whose date has come take effect."""
    return {"changed": apply_standings(now=run.now())}


every_day("segmentation.apply_standings", hour=0)
