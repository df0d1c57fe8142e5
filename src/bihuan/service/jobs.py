"""Work that comes round: the sweep every few seconds, tiers that count from today on in the night."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.jobs import JobRun, job
from bihuan.kernel.timetable import every_day, every_seconds

from .services import follow_investigations, follow_matrix, follow_tiers, notice_matrix
from .services.following import FOLLOW
from .sweeping import sweep

SWEEP_SECONDS = 2


def sweep_clocks(now: datetime) -> None:
    notice_matrix(now=now)
    sweep(now)


@job(FOLLOW)
def follow_matrix_job(run: JobRun) -> dict[str, Any]:
    """Every open case and investigation follows a new wording of the matrix."""
    follow_investigations(now=run.now())
    return {"cases": follow_matrix(run)}


@job("service.follow_tiers")
def follow_tiers_job(run: JobRun) -> dict[str, Any]:
    """Tiers that were decided for today: open cases follow."""
    return {"cases": follow_tiers(now=run.now())}


every_seconds("service.sweep", SWEEP_SECONDS, sweep_clocks)
every_day("service.follow_tiers", hour=1)
