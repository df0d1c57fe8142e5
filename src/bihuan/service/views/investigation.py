"""Investigations: the list, one investigation with its steps, and what is entered there in place."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import Actor, FieldClass, NotAllowed
from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import services
from ..errors import CaseError
from ..forms import put_error
from ..forms_investigation import entry_fields, join_form, made_form, new_investigation_form
from ..investigation_lessons import lessons_draft
from ..investigation_rules import step_waits_for, written_in
from ..investigation_showing import shown_steps, told
from ..lists_investigation import INVESTIGATIONS
from ..models import Case, Finding, Investigation, InvestigationAction
from ..promised import promised_now, promised_once
from ..queries import get_case
from ..queries_investigation import (
    actions_of,
    facts_from,
    findings_of,
    get_investigation,
    investigation_events,
    joined_cases,
    may_work_on,
    picked_cases,
    verifications_of,
)

Given = Mapping[str, Any]


@page("investigation")
def investigation_list(request: PageRequest) -> HttpResponse:
    with promised_once():
        return list_view(request, INVESTIGATIONS, may_create=request.actor.may("investigation", "create"))


@page("investigation")
def investigation_page(request: PageRequest, identity: int) -> HttpResponse:
    actor = request.actor
    row = get_investigation(actor, identity)
    technical = FieldClass.TECHNICAL in actor.classes("investigation")
    events = investigation_events(row)
    findings, actions, checks = findings_of(row), actions_of(row), verifications_of(row)
    members = list(row.members.order_by("name"))
    facts = facts_from(row, events, findings, actions, checks, len(members))
    moment = now()
    promised = promised_now()
    shown = shown_steps(
        events if technical else [one for one in events if one.kind != "written"],
        findings if technical else [],
        actions if technical else [],
        facts,
        promised,
        moment,
    )
    cases, count = joined_cases(actor, row)
    may_edit = may_work_on(actor, row)
    waits = step_waits_for(events) if row.closed_at is None else ""
    return render(
        request,
        "service/investigation/page.html",
        {
            "row": row,
            "kind": row.get_kind_display(),
            "severity": promised.severity_labels().get(row.severity, row.severity),
            "steps": shown,
            "members": members,
            "checks": checks if technical else [],
            "cases": cases,
            "unseen": count - len(cases),
            "technical": technical,
            "lines": told(events, technical=technical),
            "may_edit": may_edit and row.closed_at is None and technical,
            "waits": waits and promised.pause_label(waits),
            "may_pause": bool(promised.matrix.on_steps.pausing),
            "may_reopen": may_edit and row.closed_at is not None,
            "listed": "in" in request.GET,
        },
    )


@page("investigation", "create", methods=("GET", "POST"))
def investigation_create(request: PageRequest) -> HttpResponse:
    """Open one, perhaps for cases that were picked (`?cases=3,4`)."""
    picked = request.GET.get("cases", "")
    cases = picked_cases(request.actor, picked)
    sending = request.method == "POST"
    form = new_investigation_form(request.POST if sending else None, request.actor, promised_now(), cases)
    if sending and form.is_valid():
        try:
            made = services.open_investigation(
                actor=request.actor, cases=cases, reason=_reason(cases), now=now(), **form.cleaned_data
            )
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("investigation", args=[made.pk]))
    url = reverse("investigation_create") + (
        f"?cases={','.join(str(one.pk) for one in cases)}" if cases else ""
    )
    title = _("New investigation")
    if cases:
        title = _("New investigation of %(numbers)s") % {"numbers": _(", ").join(one.number for one in cases)}
    return dialog(request, title, form, url, icon="stethoscope")


def _reason(cases: list[Case]) -> str:
    """Why it was opened, where several cases are."""
    if len(cases) < 2:
        return ""
    return _("Special team for repeated complaints: %(numbers)s") % {
        "numbers": _(", ").join(one.number for one in cases)
    }


@page("investigation", "edit", methods=("GET", "POST"))
def investigation_join(request: PageRequest, identity: int) -> HttpResponse:
    """Let a case point to an investigation, from the case's page."""
    case = get_case(request.actor, identity)
    sending = request.method == "POST"
    form = join_form(request.POST if sending else None, request.actor)
    if sending and form.is_valid():
        row = get_investigation(request.actor, form.cleaned_data["investigation"])
        try:
            services.join_cases(actor=request.actor, investigation=row, cases=[case], now=now())
        except CaseError as error:
            put_error(form, error)
        else:
            return go(
                request, reverse("case", args=[case.pk]), _("Joined to %(number)s.") % {"number": row.number}
            )
    url = reverse("investigation_join", args=[identity])
    return dialog(request, _("Join to an investigation"), form, url, icon="stethoscope")


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404(text)
    return int(text)


def _take(actor: Actor, row: Investigation, what: str, of: str, given: Given, moment: datetime) -> object:
    """One domain call, by what is entered."""
    known: dict[str, Any] = {"actor": actor, "investigation": row, "now": moment}
    if what in Finding.Part.values:
        return services.add_finding(part=what, **given, **known)
    if what in InvestigationAction.Kind.values:
        return services.plan_action(kind=what, **given, **known)
    match what:
        case "write":
            return services.write_step(step=of, **given, **known)
        case "finish":
            return services.finish_step(step=of, **known)
        case "withdraw":
            return services.withdraw_finding(finding=_number(of), **known)
        case "done":
            return services.carry_out(action=_number(of), **given, **known)
        case "effect":
            return services.check_effect(action=_number(of), **given, **known)
        case "observe":
            return services.add_verification(**given, **known)
        case "pause":
            return services.pause_investigation(**given, **known)
        case "resume":
            return services.resume_investigation(**known)
        case "change":
            return services.change_investigation(**given, **known)
        case "team":
            return services.set_team(**given, **known)
    return services.reopen_investigation(**given, **known)


@page("investigation", "edit", methods=("GET", "POST"))
def investigation_entry(request: PageRequest, identity: int, what: str) -> HttpResponse:
    """What is entered at a step: the form comes in its place, and the page anew when it is taken."""
    actor = request.actor
    row = get_investigation(actor, identity)
    if not may_work_on(actor, row) or FieldClass.TECHNICAL not in actor.classes("investigation"):
        raise NotAllowed("investigation", "edit")
    of = request.GET.get("of", "")
    written = written_in(investigation_events(row)).get(of, "") if what == "write" else ""
    fields = entry_fields(what, of, actor, row, written)
    if fields is None:
        raise Http404(what)
    sending = request.method == "POST"
    form = made_form(fields, request.POST if sending else None)
    if sending and form.is_valid():
        try:
            _take(actor, row, what, of, form.cleaned_data, now())
        except CaseError as error:
            put_error(form, error)
        else:
            address = reverse("investigation", args=[row.pk])
            if request.htmx:
                return HttpResponse(status=204, headers={"HX-Refresh": "true"})
            return HttpResponseRedirect(address)
    url = reverse("investigation_entry", args=[identity, what]) + (f"?of={of}" if of else "")
    context = {"form": form, "url": url, "row": row, "asks": bool(fields)}
    template = "service/investigation/entry.html" if request.htmx else "service/investigation/entry_page.html"
    return render(request, template, context, status=422 if form.is_bound else 200)


@page("investigation")
def investigation_lessons(request: PageRequest, identity: int) -> HttpResponse:
    """What it taught, as text ready to become an article."""
    row = get_investigation(request.actor, identity)
    if FieldClass.TECHNICAL not in request.actor.classes("investigation"):
        raise NotAllowed("investigation", "view")
    text = lessons_draft(
        row, investigation_events(row), findings_of(row), actions_of(row), verifications_of(row)
    )
    return render(request, "service/investigation/lessons.html", {"row": row, "text": text})


@page("investigation", methods=("POST",))
def notices_read(request: PageRequest) -> HttpResponse:
    """Put aside what one was told of steps."""
    services.put_step_notices_aside(actor=request.actor, now=now())
    return HttpResponse("") if request.htmx else HttpResponseRedirect(reverse("today"))
