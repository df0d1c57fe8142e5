"""The lists of investigations and of quality costs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from html import escape
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.forms import LookForm
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.lists import BulkAction, Column, ListPage
from bihuan.kernel.pages.values import NOTHING, chip, write_moment
from bihuan.kernel.time import now

from . import services
from .errors import CaseError
from .lists import CASES
from .models import Case, Factor, Investigation, QualityCost
from .queries_investigation import open_investigations, search_investigations
from .records_investigation import INVESTIGATION, QUALITY_COST
from .wording import say_length

FIELDS = INVESTIGATION.by_name
COSTS = QUALITY_COST.by_name


def draw_title(title: str, number: str) -> str:
    return f'{escape(title)} <span class="text-secondary nowrap">{escape(number)}</span>'


def draw_due(due_at: datetime | None, closed_at: datetime | None) -> str:
    if due_at is None:
        return chip(_say("closed"), "ok") if closed_at else NOTHING
    left = due_at - now()
    late = left.total_seconds() < 0
    text = (_say("%(length)s overdue") if late else _say("%(length)s left")) % {"length": say_length(left)}
    return f'{chip(text, "red" if late else "")} <span class="text-secondary nowrap">{write_moment(due_at)}</span>'


def _state(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    found = Q(pk__in=())
    if "open" in wanted:
        found |= Q(closed_at=None)
    if "closed" in wanted:
        found |= Q(closed_at__isnull=False)
    return rows.filter(found)


def _whose(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    return rows.filter(owner_id=actor.user_id) if "me" in wanted else rows


INVESTIGATIONS = ListPage(
    name="investigations",
    title=_("Investigations"),
    record=INVESTIGATION,
    url_name="investigations",
    row_url="investigation",
    default_sort="next_due_at",
    icon="stethoscope",
    template="service/investigation/list.html",
    search=search_investigations,
    search_hint=_("Number, title"),
    presets=(
        (pgettext_lazy("cases", "Mine"), "whose=me&status=open"),
        (pgettext_lazy("investigation", "in work"), "status=open"),
    ),
    columns=[
        Column.of(FIELDS["title"], order=10, also=("number",), draw=draw_title, export=lambda title, number: title, sortable=False),
        Column.of(
            FIELDS["next_due_at"], order=15, also=("closed_at",), draw=draw_due,
            export=lambda due, closed: write_moment(due) if due else None,
        ),
        Column.of(FIELDS["next_due_kind"], order=16, sortable=False),
        Column.of(FIELDS["kind"], order=20, sortable=False),
        Column.of(FIELDS["severity"], order=22, sortable=False),
        Column.of(FIELDS["owner"], order=30, sortable=False),
        Column.of(FIELDS["product"], order=32, sortable=False, shown=False),
        Column.of(FIELDS["defect"], order=34, sortable=False),
        Column.of(FIELDS["team"], order=36, sortable=False, shown=False),
        Column.of(FIELDS["opened_at"], order=40, falls_first=True),
        Column.of(FIELDS["closed_at"], order=42, sortable=False, shown=False),
        Column.of(FIELDS["first_closed_at"], order=44, sortable=False, shown=False),
        Column.of(FIELDS["number"], order=50, sortable=False, shown=False),
    ],
    filters=[
        Filter(
            "whose", pgettext_lazy("cases", "Whose"), narrow=_whose,
            choices=lambda actor: (("me", pgettext_lazy("cases", "Mine")),),
        ),
        Filter(
            "status", _("Status"), narrow=_state,
            choices=lambda actor: (
                ("open", pgettext_lazy("investigation", "in work")), ("closed", pgettext_lazy("investigation", "Closed")),
            ),
        ),
        Filter("kind", _("Kind"), choices=lambda actor: Investigation.Kind.choices),
    ],
    empty_title=_("No investigations"),
    empty_text=_("Complaints that come again, or one that is grave, are investigated here in the steps of an 8D."),
)  # fmt: skip

QUALITY_COSTS = ListPage(
    name="quality_costs",
    title=_("Quality cost entries"),
    record=QUALITY_COST,
    url_name="quality_costs",
    row_url="quality_cost",
    default_sort="-incurred_on",
    icon="report-money",
    template="service/investigation/costs.html",
    columns=[
        Column.of(COSTS["incurred_on"], order=10, falls_first=True),
        Column.of(COSTS["category"], order=20, sortable=False),
        Column.of(COSTS["amount"], order=30, sortable=False),
        Column.of(COSTS["customer"], order=40, sortable=False),
        Column.of(COSTS["product"], order=42, sortable=False),
        Column.of(COSTS["factor"], order=44, sortable=False),
        Column.of(COSTS["case"], order=50, sortable=False),
        Column.of(COSTS["investigation"], order=52, sortable=False),
        Column.of(COSTS["text"], order=60, sortable=False),
        Column.of(COSTS["created_by"], order=70, sortable=False, shown=False),
    ],
    filters=[
        Filter("incurred_on", _("Date"), kind="date"),
        Filter("category", _("Category"), choices=lambda actor: QualityCost.Category.choices),
        Filter("factor", pgettext_lazy("case", "Cause"), choices=lambda actor: Factor.choices),
    ],
    empty_title=_("No quality costs yet"),
    empty_text=_("Enter what prevention, inspection and failures cost; a closed complaint can post its own."),
)  # fmt: skip


class JoinForm(LookForm):
    """Which investigation the picked cases point to."""

    investigation = forms.TypedChoiceField(label=_("Investigation"), coerce=int)

    def __init__(self, actor: Actor, data: Any) -> None:
        super().__init__(data)
        self.fields["investigation"].choices = [  # type: ignore[attr-defined]
            (one.pk, f"{one.number} {one.title}") for one in open_investigations(actor)
        ]


def _join(actor: Actor, ids: list[int], values: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """Joins what can be joined; a case that is in another investigation stops the batch with its number."""
    one = Investigation(pk=int(values["investigation"]))
    free = Case.objects.filter(pk__in=ids, joined=None, merged_into=None)
    keys = list(free.order_by("pk").values_list("pk", flat=True))
    services.join_cases(actor=actor, investigation=one, cases=[Case(pk=key) for key in keys], now=moment)
    return {"investigation": one.pk, "cases": keys}


def _part(actor: Actor, undo: Mapping[str, Any], moment: datetime) -> int:
    cases = [Case(pk=key) for key in undo["cases"]]
    try:
        services.part_cases(
            actor=actor, investigation=Investigation(pk=undo["investigation"]), cases=cases, now=moment
        )
    except CaseError:  # closed meanwhile: it stays as it is
        return len(cases)
    return 0


CASES.add_action(
    BulkAction("join", _("Join to an investigation"), "stethoscope", "edit", _join, _part, JoinForm)
)
