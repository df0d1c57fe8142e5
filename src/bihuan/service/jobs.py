"""Work that comes round: the sweep every few seconds, tiers that count from today on in the night."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.jobs import JobRun, job
from bihuan.kernel.timetable import every_day, every_seconds

from .green.sweeping import sweep_requests
from .investigation_sweeping import sweep_steps
from .services import follow_investigations, follow_matrix, follow_tiers, notice_matrix, recompute_clocks
from .services.following import FOLLOW, RECOMPUTE
from .sweeping import sweep

SWEEP_SECONDS = 2


def sweep_clocks(now: datetime) -> None:
    notice_matrix(now=now)
    sweep(now)
    sweep_steps(now)
    sweep_requests(now)


@job(FOLLOW)
def follow_matrix_job(run: JobRun) -> dict[str, Any]:
    """Every open case and investigation follows a new wording of the matrix."""
    follow_investigations(now=run.now())
    return {"cases": follow_matrix(run)}


@job(RECOMPUTE)
def recompute_job(run: JobRun) -> dict[str, Any]:
    """A list of holidays has arrived: what is open is due otherwise."""
    return {"cases": recompute_clocks(now=run.now()), "investigations": follow_investigations(now=run.now())}


@job("service.follow_tiers")
def follow_tiers_job(run: JobRun) -> dict[str, Any]:
    """Tiers that were decided for today: open cases follow."""
    return {"cases": follow_tiers(now=run.now())}


@job("service.keep_step_clocks")
def keep_step_clocks_job(run: JobRun) -> dict[str, Any]:
    """Open investigations whose clocks were not kept yet, or not by what is promised now."""
    return {"investigations": follow_investigations(now=run.now())}


every_seconds("service.sweep", SWEEP_SECONDS, sweep_clocks)
every_day("service.follow_tiers", hour=1)
every_day("service.keep_step_clocks", hour=2)
