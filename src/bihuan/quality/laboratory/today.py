"""What of the laboratory waits for one reader: results of others to verify, tests to be done again. One query for both."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, Count, Exists, Min, OuterRef, QuerySet, Value

from bihuan.kernel.actor import Actor

from ..lots.queries import sees_results
from ..models import Lot, ResultCheck, TestResult
from ..records import LOT, LOT_TEST

MOST = 12
VERIFY, AGAIN = "verify", "again"


@dataclass(frozen=True, slots=True)
class ToDo:
    """A lot and how many of its results wait. `since`: when the first of them was tested, or declared invalid; `days` from then."""

    kind: str
    lot: int
    name: str
    product: str
    n: int
    since: datetime
    days: int


def my_laboratory(actor: Actor, *, now: datetime) -> tuple[list[ToDo], bool]:
    """What waits longest first, at most twelve lots; whether there is more. Nothing for whom results are withheld.

    Left out: what one entered or verified oneself, lots that are rejected, lots that the actor does not see.
    """
    parts = []
    if sees_results(actor) and actor.may("lot_test", "verify"):
        mine = ResultCheck.objects.filter(result=OuterRef("pk"), actor=actor.key)
        rows = LOT_TEST.visible_to(actor, "verify", rows=TestResult.objects.awaiting())
        rows = rows.exclude(entered_key=actor.key).exclude(Exists(mine))
        parts.append(_by_lot(actor, rows, VERIFY, "tested_at"))
    if sees_results(actor) and actor.may("lot_test", "create"):
        fell = TestResult.objects.filter(invalid_at__isnull=False)
        rows = LOT_TEST.visible_to(actor, rows=fell).filter(retest=None)
        parts.append(_by_lot(actor, rows, AGAIN, "invalid_at"))
    if not parts:
        return [], False
    both = parts[0].union(*parts[1:], all=True) if parts[1:] else parts[0]
    found = [
        ToDo(
            one["kind"], one["lot_id"], f"{one['lot__product__code']}/{one['lot__number']}", one["lot__product__name"],
            one["n"], one["since"], max((now - one["since"]).days, 0),
        )
        for one in both.order_by("since")[: MOST + 1]
    ]  # fmt: skip
    return found[:MOST], len(found) > MOST


def _by_lot(actor: Actor, rows: QuerySet[Any], kind: str, since: str) -> QuerySet[Any]:
    seen = LOT.visible_to(actor).exclude(disposition=Lot.Status.REJECTED)
    return (
        rows.filter(lot__in=seen.order_by().values("pk"))
        .order_by()
        .values("lot_id", "lot__number", "lot__product__code", "lot__product__name")
        .annotate(kind=Value(kind, output_field=CharField()), n=Count("pk"), since=Min(since))
    )
