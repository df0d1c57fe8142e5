"""Sending somebody: the dialog with suggestions, planning anew, calling off, and the week."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.customers.models import Site
from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import NotAllowed
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import company_zone, local_date, now

from ...errors import CaseError
from ...forms import put_error
from ...models import Case, Visit
from ...queries import get_case
from .. import planning, queries
from ..board import DAYS, monday_of, week_board
from ..forms import ReasonForm
from ..rules import suggest
from ..showing import needs_said, rounded_up, shown_offers
from ..store import dispatching_now

FARTHEST = timedelta(days=366)


@page("visit", "create", methods=("GET", "POST"))
def visit_plan(request: PageRequest, identity: int) -> HttpResponse:
    """Who can come when, with why; one tap sends."""
    case = get_case(request.actor, identity)
    url = reverse("visit_plan", args=[case.pk])
    return _plan(request, case, url, _("Send somebody"))


@page("visit", "create", methods=("GET", "POST"))
def visit_replan(request: PageRequest, identity: int) -> HttpResponse:
    """The same suggestions for a visit that is planned already."""
    visit = queries.get_visit(request.actor, identity)
    if not queries.may_on_visit(request.actor, visit, "create"):
        raise NotAllowed("visit", "create")
    return _plan(request, visit.case, reverse("visit_replan", args=[visit.pk]), _("Plan anew"), visit)


def _plan(request: PageRequest, case: Case, url: str, title: str, visit: Visit | None = None) -> HttpResponse:
    given = request.POST if request.method == "POST" else request.GET
    sites = queries.sites_of_case(request.actor, case)
    site = visit.site if visit else next((one for one in sites if str(one.pk) == given.get("site")), None)
    if site is None and visit is None and "site" not in given and sites:
        site = sites[0]
    moment = now()
    refusal = ""
    if request.method == "POST" and (picked := _picked(given.get("pick", ""))) is not None:
        try:
            made = _send(request, case, site, picked, visit, moment)
        except CaseError as error:
            refusal = str(error)
        else:
            return go(request, reverse("visit", args=[made.pk]) if visit else reverse("case", args=[case.pk]))
    earliest = max(rounded_up(moment), _earliest(given.get("from", "")) or moment)
    document = dispatching_now()
    job = queries.job_of(case, site, document, rounded_up(earliest))
    people = queries.candidates(request.actor, document, moment, without_visit=visit.pk if visit else None)
    found = suggest(job, people, document.travel)
    context = {
        "title": title,
        "url": url,
        "case": case,
        "visit": visit,
        "sites": [] if visit else sites,
        "site": site,
        "earliest": given.get("from", ""),
        "purpose": given.get("purpose", case.title),
        "reason": given.get("reason", ""),
        "needs": needs_said(job, document),
        "deadline": job.deadline,
        "place_known": job.place is not None,
        "fit": shown_offers(found.fit[:20], job, document, people),
        "unfit": shown_offers(found.unfit[:50], job, document, people),
        "refusal": refusal,
        "may_manage": request.actor.may("technician", "edit"),
    }
    template = "service/dispatch/plan.html" if request.htmx else "service/dispatch/plan_page.html"
    return render(request, template, context, status=422 if refusal else 200)


def _send(
    request: PageRequest, case: Case, site: Site | None, picked: tuple[int, datetime], visit: Visit | None,
    moment: datetime,
) -> Visit:  # fmt: skip
    technician, leaves_at = picked
    reason = request.POST.get("reason", "")
    if visit is not None:
        return planning.replan_visit(
            actor=request.actor, visit=visit, technician=technician, leaves_at=leaves_at, reason=reason, now=moment
        )  # fmt: skip
    return planning.plan_visit(
        actor=request.actor, case=case, technician=technician, leaves_at=leaves_at, site=site,
        purpose=request.POST.get("purpose", ""), reason=reason, now=moment,
    )  # fmt: skip


def _picked(text: str) -> tuple[int, datetime] | None:
    key, _tilde, moment = text.partition("~")
    if not (key.isascii() and key.isdigit() and len(key) < 19):
        return None
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    return (int(key), at) if at.tzinfo is not None and abs(at - now()) < FARTHEST else None


def _earliest(text: str) -> datetime | None:
    """What a `datetime-local` field gives, in the company's zone; nothing beyond a year."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=company_zone())
    return at if abs(at - now()) < FARTHEST else None


@page("visit", "create", methods=("GET", "POST"))
def visit_cancel(request: PageRequest, identity: int) -> HttpResponse:
    visit = queries.get_visit(request.actor, identity)
    if not queries.may_on_visit(request.actor, visit, "create"):
        raise NotAllowed("visit", "create")
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            planning.cancel_visit(
                actor=request.actor, visit=visit, reason=form.cleaned_data["reason"], now=now()
            )
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("visit", args=[visit.pk]))
    url = reverse("visit_cancel", args=[identity])
    return dialog(request, _("Cancel the visit"), form, url, icon="circle-x")


@page("technician")
def dispatch_board(request: PageRequest) -> HttpResponse:
    """The week: technicians by days."""
    today = local_date(now())
    monday = monday_of(_day(request.GET.get("week", "")) or today)
    context: dict[str, Any] = {
        "rows": week_board(request.actor, monday),
        "days": [monday + timedelta(days=at) for at in range(DAYS)],
        "today": today,
        "monday": monday,
        "sunday": monday + timedelta(days=DAYS - 1),
        "before": (monday - timedelta(days=DAYS)).isoformat(),
        "after": (monday + timedelta(days=DAYS)).isoformat(),
        "is_this_week": monday == monday_of(today),
        "may_manage": request.actor.may("technician", "edit"),
    }
    return render(request, "service/dispatch/board.html", context)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
