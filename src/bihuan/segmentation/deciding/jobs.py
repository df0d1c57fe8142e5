"""Long work about policies that a page starts."""

from __future__ import annotations

from datetime import date
from typing import Any

from bihuan.kernel.jobs import JobRun, job
from bihuan.kernel.timetable import every_day
from bihuan.rulebook.queries import find_draft

from . import operations
from .services import apply_standings

SHOWN_MOVERS = 200


@job("segmentation.simulate_policy")
def simulate_policy(run: JobRun) -> dict[str, Any]:
    """Arguments: name, changes (path → value) to its draft or else to the version in force, as_of. The result holds the
    wording, counts, flows and the first movers."""
    name, as_of = run.arguments["name"], date.fromisoformat(run.arguments["as_of"])
    version = operations.get_version_in_force(run.actor, name, as_of, run.now())
    draft, changes = find_draft(version.policy), run.arguments["changes"]
    with operations.simulated(
        actor=run.actor, version=version, draft=draft, changes=changes, as_of=as_of, now=run.now()
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
            "version": version.pk,
            "document": operations.changed_document((draft or version).document, changes),
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
    version = operations.get_version_in_force(run.actor, run.arguments["name"], as_of, run.now())
    proposal = operations.propose(
        actor=run.actor, version=version, as_of=as_of, reason=run.arguments.get("reason", ""), now=run.now()
    )
    return {"proposal": proposal.pk}


@job("segmentation.apply_standings")
def apply_todays_standings(run: JobRun) -> dict[str, Any]:
    """Decisions whose date has come take effect."""
    return {"changed": apply_standings(now=run.now())}


every_day("segmentation.apply_standings", hour=0)
