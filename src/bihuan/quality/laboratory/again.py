"""Holding a day's results against limits that came or changed on that day."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from django.db import connection
from django.utils.translation import gettext as _

from bihuan.catalog.models import Product
from bihuan.kernel.actor import Actor
from bihuan.kernel.time import company_zone, local_date

from ..deciding import Limited, general_limits, hold_if_outside, in_units_of, is_outside
from ..models import Lot, LotEvent, TestResult
from ..naming import lot_name
from ..records import LOT

S = Lot.Status


@dataclass(slots=True)
class Judged:
    """By name, as far as the actor sees them: `held`, lots that break the limits and are on hold from now on; `told`, lots that
    were held for earlier limits, keep these, and wait for somebody to decide again."""

    held: list[str] = field(default_factory=list)
    told: list[str] = field(default_factory=list)


def judge_again(
    *, actor: Actor, product: Product, characteristic: int, since: date, reason: str, now: datetime
) -> Judged:
    """Hold the product's results of the characteristic, tested on that day or later, against the limits as they are now.

    A lot that breaks them is put on hold by the system. One that the system had held for such a result, and that breaks nothing
    any more, stays on hold, and its page says that somebody decides again.
    """
    begin = datetime.combine(since, time(), company_zone())
    rows = TestResult.objects.standing().filter(
        lot__product=product, characteristic=characteristic, tested_at__gte=begin
    )
    results = list(rows.select_related("characteristic").order_by("lot_id", "id"))
    if not results:
        return Judged()
    wanted = Lot.objects.filter(pk__among={one.lot_id for one in results}).order_by("id")
    if connection.features.has_select_for_update:
        wanted = wanted.select_for_update(of=("self",))
    lots = {one.pk: one for one in wanted.select_related("product")}
    known = _ByDay()
    before = _held_for([one.pk for one in results], lots)
    held = []
    for one in results:
        lot = lots[one.lot_id]
        if lot.disposition in (S.QUARANTINE, S.RELEASED) and hold_if_outside(
            lot, one, known.of(lot, one), now
        ):
            held.append(lot)
    told = _tell(actor, before, known, reason, now)
    return Judged(_names(actor, held), _names(actor, told))


def _names(actor: Actor, lots: Iterable[Lot]) -> list[str]:
    wanted = {one.pk: one for one in lots}
    seen = LOT.visible_to(actor).filter(pk__among=wanted).values_list("pk", flat=True)
    return sorted(lot_name(wanted[key]) for key in seen)


class _ByDay:
    """The limits of one product, asked for once a day of testing."""

    def __init__(self) -> None:
        self.days = dict[date, Any]()

    def of(self, lot: Lot, result: TestResult) -> Limited | None:
        day = local_date(result.tested_at)
        if day not in self.days:
            self.days[day] = general_limits(lot, result.tested_at)
        found: Limited | None = self.days[day].get(result.characteristic_id)
        return found


def _held_for(results: list[int], lots: dict[int, Lot]) -> list[Lot]:
    """Lots that are on hold because the system found one of these results outside, and for nothing that was decided since."""
    last: dict[int, LotEvent] = {}
    held = [key for key, one in lots.items() if one.disposition == S.HELD]
    for event in LotEvent.objects.filter(lot__among=held).exclude(kind="result_invalid").order_by("id"):
        last[event.lot_id] = event
    wanted = set(results)
    return [lots[key] for key, one in last.items() if one.kind == "held" and one.data.get("result") in wanted]


def _tell(actor: Actor, lots: list[Lot], known: _ByDay, reason: str, now: datetime) -> list[Lot]:
    """Of the lots those that break nothing any more, after their pages were told."""
    standing = TestResult.objects.standing().filter(lot__among=[one.pk for one in lots])
    broken = set()
    for one in standing.select_related("characteristic", "lot__product"):
        limits = known.of(one.lot, one)
        if limits is not None and in_units_of(one, one.characteristic) and is_outside(one, limits):
            broken.add(one.lot_id)
    free = [one for one in lots if one.pk not in broken]
    said = _("The limits for which it was held were changed (%(reason)s), and it keeps them. Decide again.")
    LotEvent.objects.bulk_create(
        LotEvent(
            lot=one, at=now, kind="limits_corrected", reason=(said % {"reason": reason})[:300], actor=actor.key,
            actor_name=actor.name[:150], data={"limits": True},
        )
        for one in free
    )  # fmt: skip
    return free
