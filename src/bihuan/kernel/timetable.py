"""Work that comes round: jobs once a day, at their hour of the company's clock, and short rounds every few seconds.

A round runs within the worker itself, also while a job runs in its own process: it must be done in a moment, bear being
left out or called twice, and load nothing heavy.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import load_jobs, start_job
from bihuan.kernel.settings_store import change_setting, get_setting
from bihuan.kernel.time import company_zone


@dataclass(frozen=True, slots=True)
class Daily:
    kind: str
    hour: int


@dataclass(slots=True)
class Round:
    every: timedelta
    function: Callable[[datetime], object]
    last: datetime | None = None


_daily: dict[str, Daily] = {}
_rounds: dict[str, Round] = {}


def every_day(kind: str, hour: int) -> None:
    """Have the job `kind` started each day at that hour (0-23) of the company's zone."""
    _daily[kind] = Daily(kind, hour)


def every_seconds(name: str, seconds: int, function: Callable[[datetime], object]) -> None:
    """Have the worker call `function(now)` that often."""
    _rounds[name] = Round(timedelta(seconds=seconds), function)


def run_due_rounds(now: datetime) -> int:
    """Call what is due again; how many were called. One that fails is told in the log and tried again next time."""
    load_jobs()
    called = 0
    for name, entry in _rounds.items():
        if entry.last is not None and entry.last <= now < entry.last + entry.every:
            continue
        entry.last = now
        called += 1
        try:
            entry.function(now)
        except Exception:
            logging.getLogger(__name__).exception("round %s failed", name)
    return called


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
