"""Work that comes round: what waits for the evidence log."""

from __future__ import annotations

from datetime import datetime

from bihuan.kernel.timetable import every_seconds

from .evidencing.writing import write_waiting

LOG_SECONDS = 2


def write_log(now: datetime) -> None:
    write_waiting(now)


every_seconds("quality.evidence", LOG_SECONDS, write_log)
