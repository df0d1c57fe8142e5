"""What belongs to no room: the way to the first page, and on it the long work that I started."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from .actor import Actor
from .models import Job
from .pages.registry import menu_item, today_section

FAILED_SHOWN = timedelta(days=1)

menu_item(_("Today"), "today", "home", order=0, thumb=True, keys="g t")


@today_section(
    title=_("Work in progress"), template="pages/panels/jobs.html", name="jobs", icon="progress", order=5
)
def jobs_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    """My jobs that wait or run, and those that failed within a day."""
    failed = Q(state=Job.State.FAILED, ended_at__gte=moment - FAILED_SHOWN)
    rows = list(
        Job.objects.filter(Q(ended_at=None) | failed, started_by_id=actor.user_id)
        .exclude(started_by_id=None)
        .order_by("-created_at")[:5]
    )
    return {"jobs": rows} if rows else None
