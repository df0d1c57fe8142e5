"""What the bell says of recalls: whether the one that I asked for has begun."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.models import Job
from bihuan.kernel.pages.notices import Notice, NoticeSource, register_notices

from ..models import RecallStart
from ..records import LOT
from .begun import ended


def _told(actor: Actor, since: datetime) -> QuerySet[RecallStart]:
    rows = RecallStart.objects.filter(asked_by_id=actor.user_id, read_at=None, at__gte=since)
    return ended(rows.exclude(asked_by=None))


def unread(actor: Actor, since: datetime) -> Sequence[QuerySet[Any, Any]]:
    return [_told(actor, since).annotate(key=F("pk")).values("key")]


def newest(actor: Actor, since: datetime, limit: int) -> list[Notice]:
    rows = list(_told(actor, since).select_related("recall").order_by("-pk")[:limit])
    jobs = Job.objects.in_bulk([one.job_id for one in rows]) if rows else {}
    seen = LOT.visible_to(actor).filter(pk__in=[one.lot_id for one in rows]).select_related("product")
    lots = {one.pk: one for one in seen} if rows else {}
    found = []
    for one in rows:
        job, lot = jobs[one.job_id or 0], lots.get(one.lot_id)
        title = f"{lot.product.code}/{lot.number}" if lot else _("A lot")
        if one.recall is not None:
            text, tone = _("Recall %(number)s has begun.") % {"number": one.recall.number}, ""
        else:
            text, tone = _("The recall was not begun: %(why)s") % {"why": job.message}, "red"
        found.append(
            Notice(job.ended_at or one.at, "recall", one.pk, title, text, "alert-triangle", one.reason, tone)
        )
    return found


def put_aside(actor: Actor, now: datetime, key: int | None) -> None:
    rows = RecallStart.objects.filter(asked_by_id=actor.user_id, read_at=None).exclude(asked_by=None)
    ended(rows if key is None else rows.filter(pk=key)).update(read_at=now)


register_notices(NoticeSource("recall", "recall", "recall_begun", unread, newest, put_aside))
