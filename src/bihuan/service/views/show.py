"""The queue, and the page of one case."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render

from bihuan.kernel.actor import Actor, FieldClass
from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now
from bihuan.segmentation.panels_columns import tier_labels

from .. import queries
from ..correspondence.conversation import conversation, is_said, told_without_words
from ..correspondence.deciding import held_on
from ..correspondence.forms import template_choices
from ..explaining import explain, tell
from ..forms import NoteForm
from ..keeping import fold
from ..lists import CASES
from ..models import CaseTemplate
from ..promised import promised_now, promised_once
from ..records import CASE
from .steps import steps_for


@page("case")
def case_list(request: PageRequest) -> HttpResponse:
    with promised_once():
        return list_view(request, CASES, may_create=request.actor.may("case", "create"))


@page("case")
def case_page(request: PageRequest, identity: int) -> HttpResponse:
    actor = request.actor
    case = queries.get_case(actor, identity)
    promised = promised_now()
    events = queries.happened_at(case)
    readable = queries.readable(actor, events)
    lines = [told_without_words(one, promised) if is_said(one) else tell(one, promised) for one in readable]
    files = queries.files_of(actor, case)
    moment = now()
    clocks = explain(fold(events, promised, moment), promised, moment)
    may_note = queries.may_on(actor, case, "note")
    may_edit = queries.may_on(actor, case, "edit") and case.merged_into_id is None
    return render(
        request,
        "service/pages/case.html",
        {
            "case": case,
            "clocks": clocks,
            "lines": [one for one in lines if not (one.is_internal and one.icon == "note")],
            "notes": [one for one in lines if one.is_internal and one.icon == "note"],
            "readable": {one.name for one in CASE.readable(actor)},
            "labels": {
                "kind": promised.kind_labels().get(case.kind, case.kind),
                "severity": promised.severity_labels().get(case.severity, case.severity),
                "urgency": promised.urgency_labels().get(case.urgency, case.urgency),
                "stage": promised.stage_labels().get(case.stage, case.stage),
                "channel": promised.channel_labels().get(case.channel, case.channel),
            },
            "tier": tier_labels().get(case.tier, case.tier) if _sees_tier(actor) else "",
            "steps": steps_for(case, clocks) if may_edit else None,
            "note_form": NoteForm(actor=actor, case=case) if may_note else None,
            "note_templates": template_choices(CaseTemplate.Use.NOTE) if may_note else [],
            "turns": conversation(actor, case, readable[::-1], files),
            "held": held_on(case) if any(one.kind in ("mail_held", "took_in") for one in events) else [],
            "sees_addresses": FieldClass.CONTACT in actor.classes("case"),
            "files": files,
            "may_attach": may_note,
            "may_technical": may_note and actor.may("case", "note", FieldClass.TECHNICAL),
            "may_withdraw": may_edit,
            "listed": "in" in request.GET,
        },
    )


def _sees_tier(actor: Actor) -> bool:
    """The tier is a decision's: only who reaches decisions as far as cases sees it here."""
    return actor.scope("decision") >= actor.scope("case")
