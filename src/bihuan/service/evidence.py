"""Closed cases go into the evidence log: that they were, and how; of the customer a salted digest."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.outbox import subscriber
from bihuan.quality.evidencing.entering import enter
from bihuan.quality.evidencing.facts import Told, code_of, event_of, source
from bihuan.quality.evidencing.history import Rows, history

from .models import CaseEvent


@source("closed")
def closed(rows: list[int]) -> dict[int, Told]:
    found = {}
    for one in CaseEvent.objects.filter(pk__in=rows, kind="closed").select_related("case__customer"):
        outcome = next((name for name in ("merged", "refused") if one.data.get(name)), "solved")
        event = event_of("case_closed", one.pk, one.at, case=code_of(one.case.number), outcome=outcome)
        sealed = {"by": one.actor_name, "customer": one.case.customer.name}
        found[one.pk] = Told(event, None, sealed, frozenset({"by"}))
    return found


@history("closed")
def _closed() -> Rows:
    return CaseEvent.objects.filter(kind="closed").values_list("pk", "at")


@subscriber("case.closed")
def closed_cases_go_into_the_log(payload: dict[str, Any], now: datetime) -> None:
    enter("closed", [payload["event"]])
