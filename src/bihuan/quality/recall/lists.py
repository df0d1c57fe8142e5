"""The lists of recalls and of customers to tell; the second leaves as a file as every list does."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.filters import Filter
from bihuan.kernel.pages.lists import Column, ListPage
from bihuan.kernel.pages.values import chip

from ..models import Recall, RecallEntry
from .records import RECALL, RECALL_ENTRY

State = RecallEntry.State
TONES = {State.WAITING: "orange", State.UNREACHABLE: "red", State.ANSWERED: "ok"}
STATES = (("open", pgettext_lazy("recall", "Open")), ("closed", pgettext_lazy("recall", "closed")))


def state_chip(state: str) -> str:
    return chip(str(State(state).label), TONES.get(State(state), ""))


def _recalls(actor: Actor) -> Iterable[tuple[str, str]]:
    rows = RECALL.visible_to(actor).order_by("-started_at").values_list("pk", "number")[:200]
    return [(str(key), number) for key, number in rows]


def _of_recalls(rows: QuerySet[Any], values: list[str], actor: Actor) -> QuerySet[Any]:
    return rows.filter(recall__in=[int(one) for one in values if one.isdecimal() and len(one) < 19])


def _open(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    found = Q(pk__in=())
    if "open" in wanted:
        found |= Q(closed_at=None)
    if "closed" in wanted:
        found |= Q(closed_at__isnull=False)
    return rows.filter(found)


R, E = RECALL.by_name, RECALL_ENTRY.by_name
RECALLS = ListPage(
    name="recalls",
    title=pgettext_lazy("quality", "Recalls"),
    record=RECALL,
    url_name="recalls",
    row_url="recall",
    default_sort="-started_at",
    icon="alert-triangle",
    columns=[
        Column.of(R["number"], order=10, sortable=False),
        Column.of(R["reason"], order=20, sortable=False),
        Column.of(R["level"], order=30, sortable=False),
        Column.of(R["asked"], order=40, sortable=False),
        Column.of(R["started_at"], order=50, falls_first=True),
        Column.of(R["started_by"], order=60, sortable=False),
        Column.of(R["closed_at"], order=70, sortable=False),
    ],
    filters=[
        Filter("status", pgettext_lazy("recall", "Progress"), choices=lambda actor: STATES, narrow=_open),
        Filter("level", pgettext_lazy("recall", "Class"), choices=lambda actor: Recall.Level.choices),
    ],
    presets=((pgettext_lazy("recall", "Open"), "status=open"),),
    empty_title=_("No recalls"),
    empty_text=_("A recall is started from the page of a lot."),
)
ENTRIES = ListPage(
    name="recall_entries",
    title=pgettext_lazy("recall", "Customers to tell"),
    record=RECALL_ENTRY,
    url_name="recall_entries",
    default_sort="-quantity",
    icon="phone",
    columns=[
        Column.of(E["recall"], order=10, sortable=False),
        Column.of(E["customer"], order=20, sortable=False),
        Column.of(E["owner"], order=25, sortable=False),
        Column.of(E["quantity"], order=30, falls_first=True),
        Column.of(E["unit"], order=35, sortable=False),
        Column.of(E["state"], order=40, draw=state_chip, sortable=False, export=lambda state: str(State(state).label)),
        Column.of(E["told_at"], order=50, sortable=False),
        Column.of(E["told_via"], order=55, sortable=False),
        Column.of(E["told_whom"], order=60, sortable=False),
        Column.of(E["found"], order=70, sortable=False),
        Column.of(E["returned"], order=75, sortable=False),
        Column.of(E["used_up"], order=80, sortable=False),
    ],
    filters=[
        Filter("recall", pgettext_lazy("recall", "Recall"), path="recall_id", object="recall", choices=_recalls, narrow=_of_recalls),
        Filter("state", pgettext_lazy("recall", "Progress"), choices=lambda actor: State.choices),
    ],
    empty_title=_("Nobody to tell"),
    empty_text=_("Customers who have some of a recalled lot stand here."),
)  # fmt: skip
