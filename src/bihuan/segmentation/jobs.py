"""Long work of this room."""

from __future__ import annotations

from datetime import date
from typing import Any

from bihuan.kernel.jobs import JobRun, job
from bihuan.kernel.timetable import every_day

from .deciding import jobs as _deciding  # noqa: F401  (registers the jobs of proposals)
from .refreshing import ensure_fresh, refresh_metrics


@job("segmentation.refresh_metrics")
def refresh(run: JobRun) -> dict[str, Any]:
    """Arguments: `as_of` (ISO date) or nothing for today."""
    as_of = run.arguments.get("as_of")
    done = refresh_metrics(
        actor=run.actor,
        as_of=date.fromisoformat(as_of) if as_of else None,
        now=run.now(),
        check=run.stop_if_cancelled,
        progress=lambda at, total, message: run.progress(at, total, message),
    )
    return {
        "as_of": done.as_of.isoformat(),
        "customers": done.customers,
        "metrics": done.metrics,
        "seconds": done.seconds,
    }


@job("segmentation.keep_metrics_fresh")
def keep_fresh(run: JobRun) -> dict[str, Any]:
    """Bring the values up to date where facts or the day have moved; a date that somebody asked for stays."""
    state = ensure_fresh(actor=run.actor, now=run.now())
    return {"as_of": state["as_of"], "customers": state["customers"]}


every_day("segmentation.keep_metrics_fresh", hour=2)
