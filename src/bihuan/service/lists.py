"""The queue: cases by what is due next."""

from __future__ import annotations

from datetime import datetime
from html import escape
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _say
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.queries import choices_of
from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.filters import NONE, Filter
from bihuan.kernel.pages.lists import Column, ListPage
from bihuan.kernel.pages.values import NOTHING, chip, write_moment
from bihuan.kernel.references import tidy_key
from bihuan.kernel.time import now
from bihuan.segmentation.panels_columns import draw_tier, export_tier

from .access import from_reach, in_order_or_from_reach
from .finding.searching import search_cases
from .models import Case, CaseReference
from .promised import promised_now
from .records import CASE
from .rules import BREACH
from .wording import say_length

FIELDS = CASE.by_name
OPEN = ("new", "open", "waiting")
TONES = ((90, "orange"), (75, "yellow"))


def draw_title(title: str, number: str) -> str:
    return f'{escape(title)} <span class="text-secondary nowrap">{escape(number)}</span>'


def draw_due(due_at: datetime | None, told: int, status: str) -> str:
    """How long is left, or since when it is late; the moment itself beside it."""
    if due_at is None:
        return chip(_say("waits")) if status == Case.Status.WAITING else NOTHING
    left = due_at - now()
    late = left.total_seconds() < 0
    text = (_say("%(length)s overdue") if late else _say("%(length)s left")) % {"length": say_length(left)}
    tone = "red" if late else next((tone for level, tone in TONES if BREACH > told >= level), "")
    return f'{chip(text, tone)} <span class="text-secondary nowrap">{write_moment(due_at)}</span>'


def _whose(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    found = Q(pk__in=())
    if "me" in wanted:
        found |= Q(owner_id=actor.user_id)
    if "team" in wanted:
        found |= Q(team_id__in=actor.team_ids)
    if "nobody" in wanted:
        found |= Q(owner_id=None)
    return rows.filter(found)


def _state(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    return rows.filter(
        status__in={one for name in wanted for one in (OPEN if name == "in_work" else (name,))}
    )


def _late(rows: QuerySet[Any], wanted: str, actor: Actor) -> QuerySet[Any]:
    late = Q(next_due_at__lt=now())
    return rows.filter(late) if wanted == "1" else rows.exclude(late)


def _owner(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    ids = [int(one) for one in wanted if one.isascii() and one.isdigit() and len(one) < 19]
    found = Q(owner_id__in=ids)
    return rows.filter(found | Q(owner_id=None) if NONE in wanted else found)


def _lot(rows: QuerySet[Any], wanted: str, actor: Actor) -> QuerySet[Any]:
    return rows.filter(pk__in=CaseReference.objects.filter(kind="lot", key=tidy_key(wanted)).values("case"))


def _severity(rows: QuerySet[Any], wanted: list[str], actor: Actor) -> QuerySet[Any]:
    return rows.filter(severity__in=[int(one) for one in wanted if one in ("1", "2", "3")])


CASES = ListPage(
    name="cases",
    title=pgettext_lazy("service", "Cases"),
    record=CASE,
    url_name="cases",
    row_url="case",
    default_sort="next_due_at",
    icon="inbox",
    template="service/pages/queue.html",
    count_cap=1_000,
    base=in_order_or_from_reach,
    count_base=from_reach,
    search=search_cases,
    search_hint=_("Number, words, lot, customer"),
    presets=(
        (pgettext_lazy("cases", "Mine"), "whose=me&status=in_work"),
        (pgettext_lazy("cases", "My team's"), "whose=team&status=in_work"),
        (pgettext_lazy("cases", "Nobody's"), "whose=nobody&status=in_work"),
        (pgettext_lazy("cases", "Open"), "status=in_work"),
        (pgettext_lazy("cases", "Overdue"), "late=1"),
    ),
    columns=[
        Column.of(FIELDS["title"], order=10, also=("number",), draw=draw_title, export=lambda title, number: title, sortable=False),
        Column.of(
            FIELDS["next_due_at"], order=15, also=("told_level", "status"), draw=draw_due,
            export=lambda due, told, status: write_moment(due) if due else None,
        ),
        Column.of(FIELDS["next_due_kind"], order=16, sortable=False),
        Column.of(FIELDS["customer"], order=20, sortable=False),
        Column.of(FIELDS["kind"], order=30, sortable=False),
        Column.of(FIELDS["severity"], order=32, sortable=False),
        Column.of(FIELDS["status"], order=34, path="stage", sortable=False, choices=lambda: promised_now().stage_labels()),
        Column.of(FIELDS["owner"], order=40, sortable=False),
        Column.of(FIELDS["team"], order=42, shown=False, sortable=False),
        Column.of(FIELDS["opened_at"], order=50, falls_first=True, shown=False),
        Column.of(FIELDS["number"], order=60, shown=False),
        Column.of(FIELDS["urgency"], order=62, shown=False, sortable=False),
        Column.of(FIELDS["channel"], order=64, shown=False, sortable=False),
        Column.of(FIELDS["contact"], order=66, shown=False, sortable=False),
        Column(
            "tier", _("Tier"), object="decision", order=68, shown=False, sortable=False,
            draw=draw_tier, export=export_tier,
        ),
        Column.of(FIELDS["solved_at"], order=70, shown=False, sortable=False),
        Column.of(FIELDS["closed_at"], order=72, shown=False, sortable=False),
        Column.of(FIELDS["satisfaction"], order=74, shown=False, sortable=False),
    ],
    filters=[
        Filter(
            "whose", pgettext_lazy("cases", "Whose"), narrow=_whose,
            choices=lambda actor: (
                ("me", pgettext_lazy("cases", "Mine")),
                ("team", pgettext_lazy("cases", "My team's")),
                ("nobody", pgettext_lazy("cases", "Nobody's")),
            ),
        ),
        Filter(
            "status", _("Status"), narrow=_state,
            choices=lambda actor: (
                ("in_work", pgettext_lazy("cases", "Open")), *promised_now().category_labels().items(),
            ),
        ),
        Filter("kind", _("Kind"), choices=lambda actor: promised_now().kind_labels().items()),
        Filter(
            "severity", _("Severity"), narrow=_severity,
            choices=lambda actor: promised_now().severity_labels().items(),
        ),
        Filter("urgency", _("Urgency"), choices=lambda actor: promised_now().urgency_labels().items()),
        Filter("late", pgettext_lazy("cases", "Overdue"), kind="bool", narrow=_late),
        Filter("lot", pgettext_lazy("reference", "Lot"), kind="text", narrow=_lot),
        Filter(
            "owner", pgettext_lazy("case", "Handled by"), narrow=_owner, searched=True,
            choices=lambda actor: choices_of(actor, "owner"),
        ),
    ],
    empty_title=_("No cases"),
    empty_text=_("What customers ask and complain of comes in here. Open a case with the button above."),
)  # fmt: skip
