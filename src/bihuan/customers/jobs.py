"""Long work of this room."""

from __future__ import annotations

from typing import Any

from bihuan.kernel.jobs import JobRun, job

from .duplicates.finding import find_duplicates


@job("customers.find_duplicates")
def find(run: JobRun) -> dict[str, Any]:
    """Arguments: `profile` (company or person)."""
    found = find_duplicates(
        actor=run.actor,
        profile=run.arguments.get("profile", "company"),
        now=run.now(),
        check=run.stop_if_cancelled,
    )
    return {"clusters": len(found)}
