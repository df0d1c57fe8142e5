"""From a figure to what it counted: addresses of the lists behind the lines, and what a list calls such a figure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from ..models import QualityCost
from ..promised import promised_now
from .behind import PART, REST, Behind
from .period import Period
from .rules import OTHERS, Bar

if TYPE_CHECKING:
    from .showing import Line

LABELS = {
    "opened": _("Cases opened"),
    "solved": _("Cases solved"),
    "open": _("Open at the end"),
    "first_attempt": _("Solved at the first attempt"),
    "repeats": _("Repeat rate"),
    "satisfied": _("Satisfied"),
    "taken": _("Time to solve"),
}
AGES = {
    "d1": _("up to 1 day"),
    "d3": _("1 to 3 days"),
    "d7": _("3 to 7 days"),
    "d30": _("7 to 30 days"),
    "older": _("over 30 days"),
}
# Lines that show another side of the same cases.
SAME = {"median": "taken", "ninety": "taken", "mean": "satisfied"}
SHARES = {"first_attempt", "repeats", "satisfied", "on_time"}


@dataclass(frozen=True, slots=True)
class Links:
    """Of one period, and what the page is narrowed to (`others`, as the address has it)."""

    period: Period
    others: Mapping[str, str]

    def cases(self, figure: str, detail: str = "", part: str = "", before: bool = False) -> str:
        period = self.period.before if before else self.period
        named = {name: value for name, value in self.others.items() if value}
        return (
            f"{reverse('cases')}?{urlencode({**named, 'figure': Behind(period, figure, detail, part).text})}"
        )

    def costs(self, detail: str, before: bool = False) -> str:
        """The entries themselves; of a part of the cases, these cases."""
        if any(self.others.values()):
            return self.cases("cost", detail, before=before)
        period = self.period.before if before else self.period
        query = {
            "incurred_on.from": period.first.isoformat(),
            "incurred_on.to": (period.until - timedelta(days=1)).isoformat(),
        }
        if detail != "all":
            query["category"] = detail
        return f"{reverse('quality_costs')}?{urlencode(query)}"

    def on(self, lines: Iterable[Line]) -> list[Line]:
        """The lines with their addresses."""
        return [self._on(one) for one in lines]

    def _on(self, one: Line) -> Line:
        figure, _dot, detail = one.key.partition(".")
        if figure == "cost":
            return replace(one, url=self.costs(detail), before_url=self.costs(detail, before=True))
        is_share, figure = figure in SHARES, SAME.get(figure, figure)
        part = PART if is_share else ""
        return replace(
            one,
            url=self.cases(figure, detail),
            said_url=self.cases(figure, detail, part),
            rest_url=self.cases(figure, detail, REST) if is_share else "",
            before_url=self.cases(figure, detail, part, before=True),
        )

    def bars(self, bars: Iterable[Bar], figure: str) -> list[Bar]:
        """Bars by the keys of their causes, named for the reader and led to their cases."""
        return [replace(one, label=cause_said(one.label), url=self.cases(figure, one.label)) for one in bars]


def cause_said(label: str) -> str:
    """What a reader calls a bar of causes."""
    if label == OTHERS:
        return gettext("Others")
    return label.removeprefix("=") or gettext("Not named yet")


def said_of(one: Behind) -> str:
    """A figure's name, for the pill above the list of its cases."""
    if one.figure == "on_time":
        return promised_now().clock_labels().get(one.detail, one.detail)
    if one.figure == "age":
        return f"{LABELS['open']} · {AGES.get(one.detail, one.detail)}"
    if one.figure == "cost":
        label = dict(QualityCost.Category.choices).get(one.detail) or pgettext("cost", "Together")
        return f"{gettext('Quality cost')} · {label}"
    if one.figure in ("cause", "cause_cost"):
        return f"{pgettext('case', 'Cause')} · {cause_said(one.detail)}"
    return str(LABELS[one.figure])
