"""Investigations and quality cost on shared pages: menu, Today, the case's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.pages.registry import menu_item, palette_action, panel, today_section

from . import lists_investigation as lists
from .investigation_clocks import step_labels
from .models import Case
from .panels import due_line, said
from .promised import promised_now
from .queries_investigation import investigation_of, is_joined, my_investigations, my_step_notices
from .queries_quality_cost import costs_of_case
from .repeating import repeats_for, repeats_lately

menu_item(
    lists.INVESTIGATIONS.title,
    "investigations",
    "stethoscope",
    object="investigation",
    section="work",
    order=27,
)
menu_item(
    _("Quality cost"),
    "quality_cost_report",
    "report-money",
    object="quality_cost",
    section="decide",
    order=45,
)
palette_action(
    _("New investigation"), "investigation_create", "stethoscope", object="investigation", action="create",
    words="8d investigation root cause 新建 调查 根本原因 xjdc", dialog=True,
)  # fmt: skip


def _keys(cases: list[Case]) -> str:
    return ",".join(str(one.pk) for one in cases)


@panel(
    "case",
    title=_("Investigation"),
    template="service/investigation/panel.html",
    name="investigation",
    object="investigation",
    icon="stethoscope",
    order=10,
    place="side",
)
def investigation_panel(actor: Actor, case: Case, request: HttpRequest) -> dict[str, Any] | None:
    """The investigation that the case points to; else what it repeats, and the way to one."""
    row = investigation_of(actor, case)
    if row is None and is_joined(case):
        return {"hidden": True}
    repeats = [] if row is not None else repeats_for(actor, case)
    may_create, may_edit = (actor.may("investigation", one) for one in ("create", "edit"))
    if row is None and not (may_create or may_edit or repeats):
        return None
    return {
        "row": row,
        "repeats": [(one, _keys(one.cases)) for one in repeats],
        "may_create": may_create,
        "may_edit": may_edit,
        "create_url": reverse("investigation_create"),
    }


@panel(
    "case",
    title=_("Quality cost"),
    template="service/investigation/cost_panel.html",
    name="quality_cost",
    object="quality_cost",
    classes=[FieldClass.COMMERCIAL],
    icon="report-money",
    order=20,
    place="side",
)
def cost_panel(actor: Actor, case: Case, request: HttpRequest) -> dict[str, Any] | None:
    costs = costs_of_case(actor, case)
    is_over = case.status in (Case.Status.SOLVED, Case.Status.CLOSED) and case.merged_into_id is None
    may_post = is_over and not costs and actor.may("quality_cost", "create")
    return {"costs": costs, "may_post": may_post} if costs or may_post else None


@today_section(
    title=_("Complaints that come again"),
    template="service/investigation/repeats_today.html",
    name="repeats",
    object="investigation",
    action="create",
    icon="refresh",
    order=12,
)
def repeats_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    found = repeats_lately(actor, moment) if actor.may("case") else []
    return {"lines": [(case, one, _keys(one.cases)) for case, one in found]} if found else None


@today_section(
    title=_("My investigations, by what is due"),
    template="service/investigation/due_today.html",
    name="investigations",
    object="investigation",
    icon="stethoscope",
    order=14,
)
def my_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = my_investigations(actor)
    if not rows:
        return None
    labels = step_labels(promised_now())
    return {"lines": [due_line(row, moment, labels) for row in rows]}  # type: ignore[arg-type]


@today_section(
    title=_("Steps of investigations I was warned of"),
    template="service/investigation/notices_today.html",
    name="investigation_notices",
    object="investigation",
    icon="bell",
    order=13,
)
def step_notices_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    rows = my_step_notices(actor)
    if not rows:
        return None
    labels = step_labels(promised_now())
    return {"lines": [{"notice": one, "text": said(one, labels.get(one.kind, one.kind))} for one in rows]}
