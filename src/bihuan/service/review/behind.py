"""The cases behind a figure, for the list of cases: the very ones that were counted.

An address names a figure as `2026-03:repeats.part`: the period, the figure's key, and of a share which part: `part` those
that count as kept, `rest` the others, nothing for all of them. Team, kind, tier and product are filters of the list itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Exists, F, Q, QuerySet, Sum

from bihuan.kernel.actor import Actor, FieldClass

from ..models import CaseClock, QualityCost
from ..records_investigation import QUALITY_COST
from ..rules import MUST_NAME_CAUSE
from .figures import (
    came_before,
    ended_in,
    fell_due_in,
    incurred_in,
    open_at,
    opened_in,
    reopened,
    solved_in,
)
from .period import Period, age_bounds
from .rules import OTHERS, causes_by_label, label_of

PART, REST = "part", "rest"


@dataclass(frozen=True, slots=True)
class Behind:
    """A figure of a period, as an address names it."""

    period: Period
    figure: str
    detail: str = ""
    part: str = ""

    @property
    def key(self) -> str:
        return f"{self.figure}.{self.detail}" if self.detail else self.figure

    @property
    def text(self) -> str:
        return ":".join(filter(None, (self.period.text, self.figure, self.part, self.detail)))


def read_behind(text: str, period_of: Callable[[str], Period | None]) -> Behind | None:
    """What an address names; None for what is no figure. The detail comes last: a cause may hold any sign."""
    when, _sign, rest = text.partition(":")
    figure, _sign, rest = rest.partition(":")
    part = next((one for one in (PART, REST) if rest == one or rest.startswith(f"{one}:")), "")
    detail = rest.removeprefix(part).removeprefix(":") if part else rest
    period = period_of(when)
    if period is None or figure not in _WAYS or bool(detail) != (figure in _DETAILED):
        return None
    return Behind(period, figure, detail, part)


def cases_behind(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    """Of the rows, those that the figure counts; none of what the actor may not read."""
    return _WAYS[asked.figure](rows.filter(merged_into=None), asked, actor, now)


def _parted(rows: QuerySet[Any], asked: Behind, kept: Any) -> QuerySet[Any]:
    return rows if not asked.part else rows.filter(kept if asked.part == PART else ~kept)


def _opened(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    return rows.filter(opened_in(asked.period))


def _solved(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    return rows.filter(solved_in(asked.period))


def _open(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    return rows.filter(open_at(min(asked.period.until_at, now)))


def _of_age(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    moment = min(asked.period.until_at, now)
    for name, after, until in age_bounds(moment):
        if name == asked.detail:
            rows = rows if after is None else rows.filter(opened_at__gt=after)
            rows = rows if until is None else rows.filter(opened_at__lte=until)
            return rows.filter(open_at(moment))
    return rows.none()


def _first(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    return _parted(rows.filter(solved_in(asked.period)), asked, ~Exists(reopened()))


def _repeats(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    found = rows.filter(opened_in(asked.period), kind__in=sorted(MUST_NAME_CAUSE))
    return _parted(found, asked, Exists(came_before()))


def _taken(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    return rows.filter(solved_in(asked.period), solved_at__gte=F("opened_at"))


def _satisfied(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    answered = rows.filter(solved_in(asked.period), satisfaction__isnull=False)
    return _parted(answered, asked, Q(satisfaction__gte=4))


def _on_time(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    kept = ended_in(asked.period) & Q(is_breached=False)
    missed = (ended_in(asked.period) & Q(is_breached=True)) | fell_due_in(asked.period)
    found = {PART: kept, REST: missed}.get(asked.part, kept | missed)
    clocks = CaseClock.objects.filter(found, kind=asked.detail).order_by()
    return rows.filter(pk__in=clocks.values("case"))


def _costs(asked: Behind, actor: Actor) -> QuerySet[Any]:
    """What the period cost on cases; nothing for who may not read amounts."""
    if not actor.may("quality_cost", "view", FieldClass.COMMERCIAL):
        return QualityCost.objects.none()
    seen = QUALITY_COST.visible_to(actor).order_by()
    return seen.filter(incurred_in(asked.period), case__isnull=False)


def _cost(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    costs = _costs(asked, actor)
    if asked.detail != "all":
        costs = costs.filter(category=asked.detail)
    return rows.filter(pk__in=costs.values("case"))


def _cause(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    """A bar of the Pareto of causes by number; nothing for who may not read causes."""
    if FieldClass.TECHNICAL not in actor.classes("case"):
        return rows.none()
    found = rows.filter(solved_in(asked.period), kind__in=sorted(MUST_NAME_CAUSE))
    counted = found.order_by().values("cause").annotate(n=Count("pk")).values_list("cause", "n")
    return found.filter(cause__in=_of_bar(dict(counted), asked.detail))


def _cause_cost(rows: QuerySet[Any], asked: Behind, actor: Actor, now: datetime) -> QuerySet[Any]:
    """A bar of the Pareto of causes by cost."""
    if FieldClass.TECHNICAL not in actor.classes("case"):
        return rows.none()
    costs = _costs(asked, actor).filter(case__in=rows.order_by().values("pk"))
    sums = costs.values("case__cause").annotate(sum=Sum("amount")).values_list("case__cause", "sum")
    return rows.filter(pk__in=costs.values("case"), cause__in=_of_bar(dict(sums), asked.detail))


def _of_bar(amounts: Mapping[str, Decimal | int], label: str) -> set[str]:
    """The wordings that one bar stands for: those of its label, or those that have no bar of their own."""
    if label != OTHERS:
        return {cause for cause in amounts if label_of(cause) == label}
    named = {one.label for one in causes_by_label(amounts)}
    return {cause for cause, amount in amounts.items() if amount > 0 and label_of(cause) not in named}


_WAYS: dict[str, Callable[[QuerySet[Any], Behind, Actor, datetime], QuerySet[Any]]] = {
    "opened": _opened, "solved": _solved, "open": _open, "age": _of_age, "first_attempt": _first, "repeats": _repeats,
    "taken": _taken, "satisfied": _satisfied, "on_time": _on_time, "cost": _cost, "cause": _cause,
    "cause_cost": _cause_cost,
}  # fmt: skip
_DETAILED = {"age", "on_time", "cost", "cause", "cause_cost"}
