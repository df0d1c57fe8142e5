"""A sealed series as an event of the evidence log."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.outbox import subscriber

from ..evidencing.entering import enter
from ..evidencing.facts import Told, code_of, event_of, lot_of, moment_of, source
from ..evidencing.history import Rows, history
from ..models import ReadingSeries

SOURCE = "series"


@source(SOURCE)
def sealed(rows: list[int]) -> dict[int, Told]:
    """`source` is the step. `document` is the digest of the canonical content, which binds the points, unit, set-point and limits."""
    found = {}
    for one in ReadingSeries.objects.filter(pk__in=rows).select_related("lot__product").defer("shape"):
        span = {"from": moment_of(one.first_at), "to": moment_of(one.last_at)}
        event = event_of(
            "reading_sealed", one.pk, one.sealed_at, source=code_of(one.step) or "series", **span, count=one.count,
            document=one.digest, lots=[lot_of(one.lot)], parameter=code_of(one.parameter),
        )  # fmt: skip
        found[one.pk] = Told(event, one.lot_id)
    return found


@history(SOURCE)
def _sealed() -> Rows:
    return ReadingSeries.objects.values_list("pk", "sealed_at")


@subscriber("lot.series_sealed")
def series_go_into_the_log(payload: dict[str, Any], now: datetime) -> None:
    enter(SOURCE, payload["series"])
