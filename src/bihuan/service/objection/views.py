"""Pages of objections: the list, one objection with its stages, the dialog of each step, its papers to download."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import Actor, FieldClass, NotAllowed
from bihuan.kernel.files import serve
from bihuan.kernel.pages.labels import in_language
from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.pages.values import write
from bihuan.kernel.time import now
from bihuan.sales.records import ORDER

from ..errors import CaseError
from ..forms import put_error
from ..models import CaseClock, Objection
from ..promised import promised_once
from ..queries import get_case
from ..queries_investigation import actions_of, investigation_of
from . import agreements, intake, offers, sampling, stages
from .facts import Stands, matrix_now, stands
from .forms import fields_for, intake_fields, made_form, parts_of, shares_of
from .lists import OBJECTIONS
from .queries import get_agreement, get_objection, get_settlement
from .rules import STAGES
from .showing import STEPS, may_take, offered, rail, said_shares, told, what_next
from .wording import DO, FOR_CUSTOMER

Given = Mapping[str, Any]


@page("objection")
def objection_list(request: PageRequest) -> HttpResponse:
    return list_view(request, OBJECTIONS)


@page("objection")
def objection_page(request: PageRequest, identity: int) -> HttpResponse:
    actor = request.actor
    row = get_objection(actor, identity)
    with promised_once():
        found = stands(row)
        return render(request, "service/objection/page.html", shown(actor, found, listed="in" in request.GET))


def shown(actor: Actor, found: Stands, *, listed: bool = False) -> dict[str, Any]:
    """What the page draws, as far as the actor reads it."""
    row, matrix, classes = found.row, matrix_now(), actor.classes("objection")
    technical, commercial = FieldClass.TECHNICAL in classes, FieldClass.COMMERCIAL in classes
    remedies = {one.id: in_language(one.label) for one in matrix.approvals.remedies}
    offer = found.offer
    return {
        "row": row,
        "listed": listed,
        "stage": row.get_stage_display(),
        "for_customer": FOR_CUSTOMER[row.stage],
        "rail": rail(found),
        "next": what_next(actor, found),
        "steps": offered(actor, found),
        "may_reopen": bool(found.facts.done or found.facts.is_refused or found.facts.is_withdrawn)
        and may_take(actor, found, "reopen"),
        "technical": technical,
        "commercial": commercial,
        "papers": [(in_language(one.label), one.id in row.papers) for one in matrix.objections.papers],
        "last_day": found.facts.last_day,
        "samples": found.samples if technical else [],
        "sample_count": len(found.samples),
        "tested": sum(one.result_on is not None for one in found.samples),
        "retest": _retest(row) if technical and any(one.disputed_at for one in found.samples) else None,
        "shares": said_shares({name: write("number", share) for name, share in found.facts.shares.items()}),
        "offer": offer if commercial else None,
        "remedies": [(remedies.get(one.remedy, one.remedy), one) for one in offer.remedies.all()]
        if offer and commercial
        else [],
        "approvals": offer.approvals.all() if offer and commercial else [],
        "remedy_words": _(", ").join(remedies.get(one.remedy, one.remedy) for one in offer.remedies.all())
        if offer
        else "",
        "agreements": list(reversed(found.agreements)) if commercial else [],
        "settlement": get_settlement(actor, row),
        "sees_settlement": ORDER.may_read(actor, "amount"),
        "currency": matrix.approvals.currency,
        **_of_investigation(actor, found),
        "lines": told(actor, found),
    }


def _retest(row: Objection) -> CaseClock | None:
    """The clock by which a disputed result's retained sample has to be tested."""
    return CaseClock.objects.filter(case=row.case_id, kind="retest").first()


def _of_investigation(actor: Actor, found: Stands) -> dict[str, Any]:
    """The investigation that the case points to, where the actor sees it, and its corrective actions, where they are read."""
    row = investigation_of(actor, found.row.case) if found.investigation else None
    if row is None or FieldClass.TECHNICAL not in actor.classes("investigation"):
        return {"investigation": row, "actions": []}
    return {"investigation": row, "actions": [one for one in actions_of(row) if one.kind == "corrective"]}


@page("objection", "create", methods=("GET", "POST"))
def objection_create(request: PageRequest, identity: int) -> HttpResponse:
    """Write down the objection of a case."""
    case = get_case(request.actor, identity)
    sending = request.method == "POST"
    form = made_form(intake_fields(request.actor, None, case.title), request.POST if sending else None)
    if sending and form.is_valid():
        try:
            made = intake.open_objection(actor=request.actor, case=case, now=now(), **form.cleaned_data)
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("objection", args=[made.pk]))
    url = reverse("objection_create", args=[identity])
    return dialog(request, _("New quality objection"), form, url, icon="scale")


@page("objection", methods=("GET", "POST"))
def objection_step(request: PageRequest, identity: int, what: str) -> HttpResponse:
    """The dialog of one step."""
    actor = request.actor
    row = get_objection(actor, identity)
    if what not in STEPS:
        raise Http404(what)
    found = stands(row)
    if not may_take(actor, found, what):
        raise NotAllowed("objection", STEPS[what][0])
    fields = fields_for(what, actor, found)
    if fields is None:
        raise Http404(what)
    sending = request.method == "POST"
    form = made_form(fields, request.POST if sending else None, request.FILES if sending else None)
    if sending and form.is_valid():
        try:
            take(actor, row, what, form.cleaned_data, now())
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("objection", args=[row.pk]))
    url = reverse("objection_step", args=[identity, what])
    return _asked(request, _title(what, found), form, url, STEPS[what][2])


def _title(what: str, found: Stands) -> str:
    title = str(DO[what])
    if what in ("approve", "settled") and found.offer is not None:
        amount = write("money", found.offer.amount)
        return _("%(step)s: %(amount)s %(currency)s, version %(version)s") % {
            "step": title, "amount": amount, "currency": matrix_now().approvals.currency, "version": found.offer.version,
        }  # fmt: skip
    return title


def _asked(request: PageRequest, title: str, form: forms.Form, url: str, icon: str) -> HttpResponse:
    if "file" not in form.fields:
        return dialog(request, title, form, url, icon=icon)
    template = "service/objection/upload.html" if request.htmx else "service/objection/upload_page.html"
    context = {"title": title, "form": form, "url": url, "icon": icon}
    return render(request, template, context, status=422 if form.is_bound else 200)


def take(actor: Actor, row: Objection, what: str, given: Given, moment: datetime) -> None:
    """The one call of the domain that a step is."""
    common: dict[str, Any] = {"actor": actor, "objection": row, "now": moment}
    match what:
        case "change":
            intake.change_intake(**common, **given)
        case "paper":
            intake.add_paper(**common, paper=given["paper"], files=[given["file"]])
        case "refused":
            stages.refuse_objection(**common, **given)
        case "withdrawn":
            stages.withdraw_objection(**common, **given)
        case "on-site":
            stages.go_on_site(**common, **given)
        case "sample":
            sampling.add_sample(**common, **given)
        case "result":
            sampling.enter_result(**common, **given)
        case "dispute":
            sampling.dispute_result(**common, **given)
        case "offer":
            offers.draft_offer(
                **common,
                quantity_accepted=given["quantity_accepted"],
                remedies=parts_of(given),
                text=given["text"],
            )
        case "approve":
            offers.approve_offer(**common, **given)
        case "agreement":
            agreements.make_agreement(**common, **given)
        case "copy":
            agreements.add_signed_copy(**common, upload=given["file"], signed_on=given["signed_on"])
        case "reopen":
            stages.reopen_objection(**common, stage=given.get("stage", ""), reason=given["reason"])
        case "liability":
            stages.finish_stage(**common, stage=what, shares=shares_of(given), text=given["text"])
        case _ if what in STAGES:
            stages.finish_stage(**common, stage=what, **given)


@page("objection")
def objection_agreement(request: PageRequest, identity: int) -> FileResponse:
    """The agreement as it was made."""
    one = get_agreement(request.actor, identity)
    return serve(one.sha256, f"{one.objection.number}-{one.version}.pdf", "application/pdf")


@page("objection")
def objection_signed(request: PageRequest, identity: int) -> FileResponse:
    """The copy that both sides signed."""
    one = get_agreement(request.actor, identity)
    if not one.signed_sha256:
        raise Http404(identity)
    return serve(one.signed_sha256, one.signed_name, one.signed_type)
