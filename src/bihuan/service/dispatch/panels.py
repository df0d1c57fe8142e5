"""Visits on shared pages: menu, Today, the case's page."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import menu_item, panel, today_section

from ..models import Case
from . import lists
from .queries import my_open_visits, visits_of_case

menu_item(
    pgettext_lazy("menu", "Dispatch"), "dispatch_board", "truck", object="technician", section="work", order=27,
    keys="g d",
)  # fmt: skip
menu_item(lists.VISITS.title, "visits", "calendar-event", object="visit", section="work", order=28)
menu_item(_("Service stations"), "stations", "building-store", object="station", section="data", order=42)
menu_item(_("Technicians"), "technicians", "users-group", object="technician", section="data", order=43)


@panel(
    "case",
    title=pgettext_lazy("dispatch", "Visits"),
    template="service/dispatch/panel.html",
    name="visits",
    object="visit",
    icon="calendar-event",
    order=5,
    place="side",
)
def visits_panel(actor: Actor, case: Case, request: HttpRequest) -> dict[str, Any] | None:
    visits = visits_of_case(actor, case)
    is_open = case.status in (Case.Status.NEW, Case.Status.OPEN, Case.Status.WAITING)
    may_plan = is_open and case.merged_into_id is None and actor.may("visit", "create")
    return {"visits": visits, "may_plan": may_plan} if visits or may_plan else None


@today_section(
    title=pgettext_lazy("dispatch", "My visits"),
    template="service/dispatch/today.html",
    name="visits",
    object="visit",
    action="edit",
    icon="calendar-event",
    order=6,
)
def visits_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    visits = my_open_visits(actor)
    return {"visits": visits} if visits else None
