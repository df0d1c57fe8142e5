"""Long work of this room: large recalls; and what comes round: what waits for the evidence log, reservations past their day, captures past their time."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.jobs import JobRun, job
from bihuan.kernel.timetable import every_day, every_seconds

from .evidencing.writing import write_waiting
from .exchange.captures import forget_captures
from .recall.asking import KIND as RECALL
from .recall.asking import carry_out
from .shipping.reserving import end_due

LOG_SECONDS = 2


def write_log(now: datetime) -> None:
    write_waiting(now)


job(RECALL)(carry_out)
every_seconds("quality.evidence", LOG_SECONDS, write_log)


@job("quality.end_reservations")
def end_reservations_job(run: JobRun) -> dict[str, Any]:
    """What was reserved until yesterday, or for lines delivered or cancelled since, is free again."""
    return {"reservations": end_due(run.now())}


every_day("quality.end_reservations", hour=0)


@job("quality.forget_captures")
def forget_captures_job(run: JobRun) -> dict[str, Any]:
    """What became of documents long ago is not kept."""
    return {"captures": forget_captures(run.now())}


every_day("quality.forget_captures", hour=3)
