"""The list of objections: what is where, how old, how much."""

from __future__ import annotations

from html import escape
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.lists import Column, ListPage
from bihuan.kernel.pages.values import chip, write_moment
from bihuan.kernel.time import now

from ..models import Objection
from ..wording import say_length
from .queries import search_objections
from .records import OBJECTION

FIELDS = OBJECTION.by_name


def draw_defect(defect: str, number: str) -> str:
    return f'{escape(defect)} <span class="text-secondary nowrap">{escape(number)}</span>'


def draw_age(opened_at: Any, closed_at: Any) -> str:
    """How long it took, or has taken so far, and since when."""
    length = say_length((closed_at or now()) - opened_at)
    age = chip(_say("closed"), "ok") if closed_at else escape(length)
    return f'{age} <span class="text-secondary nowrap">{write_moment(opened_at)}</span>'


def _state(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    found = Q(pk__in=())
    if "open" in wanted:
        found |= Q(closed_at=None)
    if "closed" in wanted:
        found |= Q(closed_at__isnull=False)
    return rows.filter(found)


OBJECTIONS = ListPage(
    name="objections",
    title=_("Quality objections"),
    record=OBJECTION,
    url_name="objections",
    row_url="objection",
    default_sort="-opened_at",
    icon="scale",
    search=search_objections,
    search_hint=_("Number, heat or batch, contract, defect"),
    presets=((pgettext_lazy("cases", "Open"), "status=open"),),
    columns=[
        Column.of(
            FIELDS["defect"], order=10, also=("number",), draw=draw_defect, sortable=False,
            export=lambda defect, number: defect,
        ),
        Column.of(FIELDS["stage"], order=12, sortable=False),
        Column(
            "opened_at", pgettext_lazy("objection", "Taken so far"), kind="moment", order=14, also=("closed_at",),
            draw=draw_age, falls_first=True, export=lambda opened, closed: write_moment(opened),
        ),
        Column.of(FIELDS["customer"], order=20, sortable=False),
        Column.of(FIELDS["product"], order=22, sortable=False),
        Column.of(FIELDS["lot"], order=24, sortable=False),
        Column.of(FIELDS["quantity_claimed"], order=30, sortable=False),
        Column.of(FIELDS["quantity_accepted"], order=32, sortable=False, shown=False),
        Column.of(FIELDS["amount_claimed"], order=34, sortable=False, shown=False),
        Column.of(FIELDS["amount_accepted"], order=36, sortable=False),
        Column.of(FIELDS["contract"], order=40, sortable=False, shown=False),
        Column.of(FIELDS["about"], order=42, sortable=False, shown=False),
        Column.of(FIELDS["case"], order=44, sortable=False, shown=False),
        Column.of(FIELDS["number"], order=50, sortable=False, shown=False),
        Column.of(FIELDS["raised_on"], order=52, sortable=False, shown=False),
        Column.of(FIELDS["closed_at"], order=54, sortable=False, shown=False),
    ],
    filters=[
        Filter(
            "status", _("Status"), narrow=_state,
            choices=lambda actor: (
                ("open", pgettext_lazy("cases", "Open")), ("closed", pgettext_lazy("objection", "Closed")),
            ),
        ),
        Filter("stage", _("Stage"), choices=lambda actor: Objection.Stage.choices),
        Filter("opened_at", pgettext_lazy("case", "Opened"), kind="date"),
        Filter("amount_accepted", _("Amount agreed"), kind="number", field_class=FieldClass.COMMERCIAL),
        Filter("about", pgettext_lazy("objection", "About"), choices=lambda actor: Objection.About.choices),
    ],
    empty_title=_("No quality objections"),
    empty_text=_("A case that is a quality objection gets one: open it from the case's page."),
)  # fmt: skip
