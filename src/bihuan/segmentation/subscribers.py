"""What this room does when others have news. Heard more than once, it does the same again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import start_job
from bihuan.kernel.models import Job
from bihuan.kernel.outbox import subscriber

from .deciding.services import apply_standings
from .refreshing import is_stale
from .scoring.services import KINDS

FRESHEN = "segmentation.keep_metrics_fresh"


@subscriber("policy.approved")
def scores_under_the_new_wording(payload: dict[str, Any], now: datetime) -> None:
    """Health and tags follow a policy that holds from today on without waiting for the night."""
    is_waiting = Job.objects.filter(kind=FRESHEN, state=Job.State.WAITING).exists()
    if payload["kind"] in KINDS and not is_waiting and is_stale(now):
        start_job(actor=SYSTEM, kind=FRESHEN, now=now)


@subscriber("customer.merged")
@subscriber("customer.merge_undone")
def standings_of_merged(payload: dict[str, Any], now: datetime) -> None:
    """The survivor of a merge has the decisions that came with it, and gives them back when it is undone."""
    apply_standings(now=now, customer_ids=[payload["winner"], *payload["losers"]])
