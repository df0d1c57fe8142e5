"""Work that comes round: each entry starts a job once a day, at its hour of the company's clock."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import load_jobs, start_job
from bihuan.kernel.settings_store import change_setting, get_setting
from bihuan.kernel.time import company_zone


@dataclass(frozen=True, slots=True)
class Daily:
    kind: str
    hour: int


_daily: dict[str, Daily] = {}


def every_day(kind: str, hour: int) -> None:
    """Have the job `kind` started each day at that hour (0-23) of the company's zone."""
    _daily[kind] = Daily(kind, hour)


def start_due_jobs(now: datetime) -> int:
    """Start the jobs whose hour has come and that were not started today."""
    load_jobs()
    local = now.astimezone(company_zone())
    started = 0
    for entry in _daily.values():
        name = f"timetable:{entry.kind}"
        if local.hour < entry.hour or get_setting(name) == local.date().isoformat():
            continue
        with transaction.atomic():
            start_job(actor=SYSTEM, kind=entry.kind, now=now)
            change_setting(name, local.date().isoformat(), now=now)
        started += 1
    return started
