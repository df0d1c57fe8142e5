"""The list of visits."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.lists import Column, ListPage

from ..models import Visit
from .queries import OPEN
from .records import VISIT

FIELDS = VISIT.by_name


def _whose(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    return rows.filter(technician__user_id=actor.user_id) if "me" in wanted else rows


def _state(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    states = {one for name in wanted for one in (OPEN if name == "open" else (name,))}
    return rows.filter(status__in=states)


VISITS = ListPage(
    name="visits",
    title=pgettext_lazy("dispatch", "Visits"),
    record=VISIT,
    url_name="visits",
    row_url="visit",
    default_sort="-starts_at",
    icon="calendar-event",
    presets=(
        (pgettext_lazy("visits", "Mine"), "whose=me&state=open"),
        (pgettext_lazy("visits", "Open"), "state=open"),
    ),
    columns=[
        Column.of(FIELDS["purpose"], order=10, sortable=False),
        Column.of(FIELDS["starts_at"], order=20, falls_first=True),
        Column.of(FIELDS["technician"], order=30, sortable=False),
        Column.of(FIELDS["status"], order=40, sortable=False),
        Column.of(FIELDS["customer"], order=50, sortable=False),
        Column.of(FIELDS["site"], order=52, shown=False, sortable=False),
        Column.of(FIELDS["case"], order=60, sortable=False),
        Column.of(FIELDS["kit"], order=70, shown=False, sortable=False),
        Column.of(FIELDS["leaves_at"], order=72, shown=False, sortable=False),
        Column.of(FIELDS["ends_at"], order=74, shown=False, sortable=False),
        Column.of(FIELDS["checked_in_at"], order=76, shown=False, sortable=False),
        Column.of(FIELDS["done_at"], order=78, shown=False, sortable=False),
        Column.of(FIELDS["signed_by"], order=80, shown=False, sortable=False),
    ],
    filters=[
        Filter(
            "whose", pgettext_lazy("visits", "Whose"), narrow=_whose,
            choices=lambda actor: (("me", pgettext_lazy("visits", "Mine")),),
        ),
        Filter(
            "state", _("Status"), narrow=_state,
            choices=lambda actor: (("open", pgettext_lazy("visits", "Open")), *Visit.Status.choices),
        ),
    ],
    empty_title=_("No visits"),
    empty_text=_("Visits are planned from a case: “Send somebody”."),
)  # fmt: skip
