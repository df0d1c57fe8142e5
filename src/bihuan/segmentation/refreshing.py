"""Metric values as of a date: brought up to date when the facts have moved, current ones stored for pages.

The export and the computation run in processes of their own; this one stores what they made. Values of any date stay
in the lake; `MetricRow` has those of the current date, which is today unless somebody asked for another.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from time import perf_counter
from typing import Any

from django.db import transaction

from bihuan.audit.services import record
from bihuan.kernel.actor import SYSTEM, Actor, require
from bihuan.kernel.analytics.lake import open_lake, values_file
from bihuan.kernel.analytics.processes import Check, compute_values, lake_root, refresh_lake
from bihuan.kernel.models import LakeChange
from bihuan.kernel.settings_store import change_setting
from bihuan.kernel.time import local_date

from .queries import STATE, get_state
from .scoring.services import applied_policies, apply_scores
from .storing import HOT_COLUMNS, store_values

# What follows from new values, once they are stored: f(actor=, values=, as_of=, now=, check=).
AFTER: list[Callable[..., Any]] = [apply_scores]
Progress = Callable[[int, int, str], None]


@dataclass(frozen=True, slots=True)
class Refreshed:
    """What a refresh did: the date, how many customers and metrics, stored values, seconds by step."""

    as_of: date
    customers: int
    metrics: int
    values: int
    seconds: float
    steps: dict[str, float]


def refresh_metrics(
    *,
    actor: Actor,
    as_of: date | None = None,
    now: datetime,
    check: Check | None = None,
    progress: Progress | None = None,
) -> Refreshed:
    """Bring lake and current values up to date; `as_of` None is today.

    A date other than today stays the current one until the next refresh. `check` is called while waiting and may
    raise to stop; what was stored before then stays.
    """
    require(actor, "metric", "refresh")
    day = as_of or local_date(now)
    tell = progress or (lambda done, total, message: None)
    began = perf_counter()
    steps: dict[str, float] = {}

    def lap(name: str) -> None:
        steps[name] = perf_counter() - began - sum(steps.values())

    tell(0, 3, "export")
    refresh_lake(check)
    lap("export")
    tell(1, 3, "compute")
    handle, name = tempfile.mkstemp(prefix=".values-", dir=lake_root())
    os.close(handle)
    try:
        computed = compute_values(day.isoformat(), Path(name), HOT_COLUMNS, check)
        lap("compute")
        tell(2, 3, "store")
        with transaction.atomic():
            stored = store_values(Path(name), day)
            state = {
                "as_of": day.isoformat(),
                "pinned": as_of is not None and as_of != local_date(now),
                "generation": computed["generation"],
                "customers": stored,
                "coverage": computed["coverage"],
                "computed_at": now.isoformat(),
                "policies": applied_policies(now),
            }
            change_setting(STATE, state, now=now)
            record(
                actor, now, "refresh_metrics", object_type="metric", object_id=day.isoformat(),
                after={"as_of": day.isoformat(), "customers": stored, "values": computed["values"]},
            )  # fmt: skip
        lap("store")
    finally:
        Path(name).unlink(missing_ok=True)
    values = values_file(lake_root(), day.isoformat(), computed["generation"])
    for follow in AFTER:
        follow(actor=actor, values=values, as_of=day, now=now, check=check)
    lap("follow")
    tell(3, 3, "")
    return Refreshed(
        day, stored, len(computed["coverage"]), computed["values"], round(perf_counter() - began, 3),
        {step: round(taken, 3) for step, taken in steps.items()},
    )  # fmt: skip


def is_stale(now: datetime) -> bool:
    """Whether facts have moved since the values were computed, or the policies that follow from them, or the day has. A
    date that was asked for stays."""
    state = get_state()
    if state is None or LakeChange.objects.exists():
        return True
    if "policies" in state and state["policies"] != applied_policies(now):
        return True
    return not state["pinned"] and state["as_of"] != local_date(now).isoformat()


def ensure_fresh(*, actor: Actor, now: datetime) -> dict[str, Any]:
    """The state of the current values, refreshed first where they are stale, as of the date that they had.

    The system does that, whoever asked: nobody sees more of it than before.
    """
    if is_stale(now):
        state = get_state()
        pinned = date.fromisoformat(state["as_of"]) if state and state["pinned"] else None
        refresh_metrics(actor=SYSTEM.through(actor.via), as_of=pinned, now=now)
    state = get_state()
    if state is None:
        raise RuntimeError("metrics were refreshed but left no state")
    return state


def values_at(*, actor: Actor, as_of: date, now: datetime) -> Path:
    """The Parquet file of all metric values as of a date: a row a customer, `customer_id` and a column a metric.

    Numbers are decimal(18,6) or bigint, classes and texts are text. Computed first where it is missing or older than
    the facts; the current values of pages are left alone.
    """
    refresh_lake()
    path = values_file(lake_root(), as_of.isoformat(), open_lake(lake_root()).generation)
    if not path.exists():
        with tempfile.TemporaryDirectory(prefix=".values-", dir=lake_root()) as folder:
            compute_values(as_of.isoformat(), Path(folder) / "values", [])
    return path
