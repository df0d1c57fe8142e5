"""Filters of the list of cases with which the review shows what is behind a figure."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.references import tidy_key
from bihuan.kernel.time import company_zone, now

from ..lists import CASES
from .behind import Behind, cases_behind, read_behind
from .figures import about_product, open_at
from .links import said_of
from .period import Period, named_period
from .queries import teams_for, with_those_below


def _start(day: date) -> datetime:
    return datetime.combine(day, time(), company_zone())


def _between(name: str) -> Any:
    def narrow(rows: QuerySet[Any], ends: tuple[date | None, date | None], actor: Actor) -> QuerySet[Any]:
        low, high = ends
        if low is not None:
            rows = rows.filter(**{f"{name}__gte": _start(low)})
        return rows if high is None else rows.filter(**{f"{name}__lt": _start(high + timedelta(days=1))})

    return narrow


def _open_on(rows: QuerySet[Any], ends: tuple[date | None, date | None], actor: Actor) -> QuerySet[Any]:
    """Open at the end of the day; of two days, of the later one."""
    day = max(one for one in ends if one is not None)
    return rows.filter(open_at(_start(day + timedelta(days=1))), merged_into=None)


def _team(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    ids: set[int] = set()
    for one in wanted:
        if one.isascii() and one.isdigit() and len(one) < 19:
            ids |= with_those_below(int(one))
    return rows.filter(Q(team_id__in=ids) | Q(customer__team_id__in=ids))


def _product(rows: QuerySet[Any], wanted: str, actor: Actor) -> QuerySet[Any]:
    return rows.filter(pk__in=about_product(tidy_key(wanted)))


def _period(text: str) -> Period | None:
    return named_period(text, company_zone())


def _figure(rows: QuerySet[Any], wanted: Behind, actor: Actor) -> QuerySet[Any]:
    return cases_behind(rows, wanted, actor, now())


class FigureFilter(Filter):
    """The cases behind a figure: set by a link of the review, shown as a pill, taken off by it; nothing to type."""

    def read(self, query: QueryDict) -> Behind | None:
        text = query.get(self.name, "").strip()[:300]
        found = read_behind(text, _period)
        if text and found is None:
            raise ValueError(text)
        return found

    def said(self, value: Behind, options: list[tuple[str, str]]) -> str:
        label = said_of(value)
        part = {"part": gettext("those that count"), "rest": gettext("those that do not")}.get(value.part)
        return " · ".join(filter(None, (value.period.text, label, part)))


for _one in (
    Filter("opened", pgettext_lazy("case", "Opened"), kind="date", narrow=_between("opened_at")),
    Filter("solved", pgettext_lazy("case", "Solved"), kind="date", narrow=_between("solved_at")),
    Filter("open_on", _("Open at the end of"), kind="date", narrow=_open_on),
    Filter(
        "team", _("Team"), narrow=_team, may=lambda actor: actor.may("review"),
        choices=lambda actor: [(one.pk, one.name) for one in teams_for(actor)],
    ),
    Filter("tier", _("Tier"), object="decision"),
    Filter("product", pgettext_lazy("reference", "Product"), kind="text", narrow=_product, object="product"),
    FigureFilter(
        "figure", _("Behind a figure"), kind="link", narrow=_figure, may=lambda actor: actor.may("review")
    ),
):  # fmt: skip
    CASES.add_filter(_one)
