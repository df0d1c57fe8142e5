"""Work that comes round: what waits for the evidence log, and reservations that have run out of their day."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.jobs import JobRun, job
from bihuan.kernel.timetable import every_day, every_seconds

from .evidencing.writing import write_waiting
from .shipping.reserving import end_due

LOG_SECONDS = 2


def write_log(now: datetime) -> None:
    write_waiting(now)


every_seconds("quality.evidence", LOG_SECONDS, write_log)


@job("quality.end_reservations")
def end_reservations_job(run: JobRun) -> dict[str, Any]:
    """What was reserved until yesterday, or for lines delivered or cancelled since, is free again."""
    return {"reservations": end_due(run.now())}


every_day("quality.end_reservations", hour=0)
