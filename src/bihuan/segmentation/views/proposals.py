"""Proposals: the candidate list before the committee, and its yes or no."""

from __future__ import annotations

from datetime import date

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.kernel.pages.labels import in_language
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import local_date, now

from ..access import DECISION, decisions_visible_to, get_proposal, proposals_visible_to
from ..deciding import queries
from ..deciding.replay import replay_decision
from ..deciding.services import NotDecided, decide_candidates, may_withdraw, withdraw_proposal


@page("decision", "propose")
def proposal_list(request: PageRequest) -> HttpResponse:
    rows = list(proposals_visible_to(request.actor)[:100])
    lines = [{"row": row, "title": in_language(row.policy_version.document["title"])} for row in rows]
    return render(request, "segmentation/pages/proposals.html", {"lines": lines})


@page("decision", "propose")
def proposal_page(request: PageRequest, identity: int) -> HttpResponse:
    proposal = get_proposal(request.actor, identity)
    way, verdict = request.GET.get("way", ""), request.GET.get("verdict", "")
    after = request.GET.get("after", "")
    lines, further = queries.candidate_lines(
        request.actor, proposal, way=way, verdict=verdict, after=int(after) if after.isdecimal() else 0
    )
    mine = request.actor.user_id is not None and proposal.proposed_by_id == request.actor.user_id
    return render(
        request,
        "segmentation/pages/proposal.html",
        {
            "proposal": proposal,
            "title": in_language(proposal.policy_version.document["title"]),
            "lines": lines,
            "further": further,
            "way": way,
            "verdict": verdict,
            "counts": queries.verdict_counts(request.actor, proposal),
            "today": local_date(now()),
            "is_mine": mine,
            "may_decide": request.actor.may("decision", "approve") and not mine and proposal.state == "open",
            "may_withdraw": may_withdraw(request.actor, proposal) and proposal.state == "open",
        },
    )


@page("decision", "approve", methods=("POST",))
def proposal_decide(request: PageRequest, identity: int) -> HttpResponse:
    """Yes or no for the ticked candidates, or for all that wait."""
    proposal = get_proposal(request.actor, identity)
    yes = request.POST.get("verdict") == "yes"
    chosen: list[int] | None = None
    if request.POST.get("extent") != "all":
        chosen = [int(one) for one in request.POST.getlist("customer") if one.isdecimal()]
    try:
        effective_on = date.fromisoformat(request.POST.get("effective_on", ""))
        decided = decide_candidates(
            actor=request.actor, proposal=proposal, yes=yes, effective_on=effective_on,
            customer_ids=chosen, reason=request.POST.get("reason", ""), now=now(),
        )  # fmt: skip
    except ValueError:
        messages.error(request, _("Say from which date it takes effect."))
    except NotDecided as refusal:
        messages.error(request, str(refusal))
    else:
        said = ngettext("%(count)s candidate decided.", "%(count)s candidates decided.", decided)
        messages.success(request, said % {"count": decided})
    return HttpResponseRedirect(reverse("proposal", args=[identity]))


@page("decision", "propose", methods=("POST",))
def proposal_withdraw(request: PageRequest, identity: int) -> HttpResponse:
    try:
        withdraw_proposal(actor=request.actor, proposal=get_proposal(request.actor, identity), now=now())
    except NotDecided as refusal:
        messages.error(request, str(refusal))
    return HttpResponseRedirect(reverse("proposals"))


@page("decision")
def decision_page(request: PageRequest, identity: int) -> HttpResponse:
    """One decision: what it was based on, and whether it comes out the same when it is worked out again."""
    decision = get_object_or_404(
        decisions_visible_to(request.actor).select_related("customer", "policy_version__policy"), pk=identity
    )
    document = decision.policy_version.document if decision.policy_version else {}
    explained = queries.explain_stored(request.actor, decision.outcome, document) if document else None
    replayed = replay_decision(decision).equal if "replay" in request.GET and document else None
    return render(
        request,
        "segmentation/pages/decision.html",
        {
            "decision": decision,
            "reason": decision.reason if DECISION.may_read(request.actor, "reason") else "",
            "label": queries.tier_label(document, decision.value),
            "explained": explained,
            "replayed": replayed,
        },
    )
