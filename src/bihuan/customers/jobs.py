"""Long work of this room."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from bihuan.kernel.jobs import JobRun, job

from .duplicates.finding import find_duplicates
from .duplicates.merging import merge_clusters


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


@job("customers.merge_duplicates")
def merge(run: JobRun) -> dict[str, Any]:
    """Arguments: `clusters`, their numbers. Stopped in between, what was merged stays and can be undone one by one."""
    wanted = run.arguments["clusters"]
    merges = merge_clusters(actor=run.actor, cluster_ids=wanted, now=run.now(), progress=run.progress)
    run.progress(len(wanted), len(wanted), _("Groups merged: %(count)d") % {"count": len(merges)})
    return {
        "merged": len(merges),
        "links": [{"label": _("Duplicates"), "name": "duplicates", "icon": "arrow-merge"}],
    }
