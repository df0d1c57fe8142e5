"""Long work of this room: large recalls; and what comes round: what waits for the evidence log."""

from __future__ import annotations

from datetime import datetime

from bihuan.kernel.jobs import job
from bihuan.kernel.timetable import every_seconds

from .evidencing.writing import write_waiting
from .recall.asking import KIND as RECALL
from .recall.asking import carry_out

LOG_SECONDS = 2


def write_log(now: datetime) -> None:
    write_waiting(now)


job(RECALL)(carry_out)
every_seconds("quality.evidence", LOG_SECONDS, write_log)
