"""Recalls that were asked for and that a job has yet to start: whether there is one, and how those ended of which there is something to tell."""

from __future__ import annotations

from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.models import Job
from bihuan.kernel.pages.values import said_name

from ..errors import LotError
from ..models import Lot, RecallStart

RUNNING = (Job.State.WAITING, Job.State.RUNNING)


def refuse_begun(lot: Lot) -> None:
    running = running_of(lot)
    if running is not None:
        raise LotError(
            _("%(name)s is starting a recall of this lot just now.") % {"name": said_name(running.asked_by_name)},
            "twice",
        )  # fmt: skip


def running_of(lot: Lot) -> RecallStart | None:
    """What was asked for and is not done yet, nor given up."""
    return RecallStart.objects.filter(_job(state__in=RUNNING), lot=lot, recall=None).order_by("-pk").first()


def ended(rows: QuerySet[RecallStart]) -> QuerySet[RecallStart]:
    """Those of which there is something to tell: done, refused, stopped, or given up because the job was killed."""
    return rows.filter(_job(ended_at__isnull=False))


def _job(**wanted: Any) -> Exists:
    return Exists(Job.objects.filter(pk=OuterRef("job_id"), **wanted))
