"""Policies: what they say, what a change would do, and putting a change or a list of candidates forward."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.customers.access import customers_within
from bihuan.customers.models import Customer
from bihuan.kernel.jobs import start_job
from bihuan.kernel.models import Job
from bihuan.kernel.pages.labels import in_language
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.pages.views import job_card
from bihuan.kernel.time import local_date, now
from bihuan.policy import parse_value
from bihuan.rulebook.models import PolicyVersion, StoredPolicy
from bihuan.rulebook.queries import find_draft, get_policy, version_in_force
from bihuan.rulebook.services import (
    PolicyNotAccepted,
    approve_policy,
    draft_policy,
    fingerprint,
    withdraw_draft,
)

from ..deciding import queries
from ..deciding.operations import changed_document
from ..deciding.reasons import Words
from ..queries import class_of


@page("policy")
def policy_list(request: PageRequest) -> HttpResponse:
    lines = queries.policy_lines(request.actor, local_date(now()))
    return render(request, "segmentation/pages/policies.html", {"lines": lines})


@page("policy")
def policy_page(request: PageRequest, name: str) -> HttpResponse:
    """One policy: tiers, thresholds as fields, what a change would do, versions."""
    return _policy_page(request, name)


def _policy_page(request: PageRequest, name: str, error: str = "") -> HttpResponse:
    """With an error: what was typed stays in its fields."""
    today = local_date(now())
    policy = get_policy(request.actor, name)
    in_force, draft = version_in_force(name, today), find_draft(policy)
    version = in_force or draft
    if version is None:
        raise Http404(name)
    latest = draft or version
    thresholds = queries.threshold_lines(latest.document)
    return render(
        request,
        "segmentation/pages/policy.html",
        {
            "policy": policy,
            "title": in_language(policy.title),
            "version": version,
            "in_force": in_force,
            "draft": draft,
            "seen": fingerprint(draft) if draft else "",
            "tiers": queries.tier_lines(request.actor, version.document) if version.document.get("tiers") else [],
            "thresholds": [(line, request.POST.get(f"threshold.{line.name}", line.value)) for line in thresholds],
            "typed_reason": request.POST.get("reason", ""),
            "error": error,
            "reason": version.document.get("reason", ""),
            "owner": version.document.get("owner", ""),
            "versions": queries.versions_of(policy),
            "cases": len(latest.document.get("cases") or []),
            "failures": queries.failure_lines(latest.document),
            "values_as_of": queries.values_as_of(),
            "today": today,
            "is_tiers": policy.kind == "tier",
            "may": {
                action: request.actor.may("policy", action) for action in ("edit", "simulate", "approve")
            } | {"propose_candidates": request.actor.may("decision", "propose")},
        },
        status=422 if error else 200,
    )  # fmt: skip


def _changes(given: QueryDict, document: dict[str, Any]) -> dict[str, Any]:
    """The thresholds that a form has otherwise than the document."""
    changes = {}
    for line in queries.threshold_lines(document):
        text = given.get(f"threshold.{line.name}", "").strip()
        if text and text != line.value:
            changes[f"thresholds.{line.name}"] = parse_value(text)
    return changes


def _as_of(request: HttpRequest) -> date:
    """As of when to look: what was asked for, else the date of the current values, else today."""
    try:
        return date.fromisoformat(request.POST.get("as_of", ""))
    except ValueError:
        return queries.values_as_of() or local_date(now())


@page("policy", "simulate", methods=("POST",))
def policy_simulate(request: PageRequest, name: str) -> HttpResponse:
    policy = get_policy(request.actor, name)
    version = version_in_force(policy.name, local_date(now()))
    if version is None:
        return _refused(request, _("No version is in force; approve one first."))
    document = (find_draft(policy) or version).document
    try:
        changes = _changes(request.POST, document)
        changed_document(document, changes)
    except PolicyNotAccepted as refusal:
        return _refused(request, str(refusal))
    row = start_job(
        actor=request.actor,
        kind="segmentation.simulate_policy",
        arguments={"name": name, "changes": changes, "as_of": _as_of(request).isoformat()},
        now=now(),
    )
    return render(request, "segmentation/partials/simulating.html", {"job": row, "name": name})


def _refused(request: HttpRequest, text: str) -> HttpResponse:
    return render(request, "segmentation/partials/refused.html", {"text": text})


@page("policy", "simulate")
def policy_simulation(request: PageRequest, name: str, identity: int) -> HttpResponse:
    """The result of a simulation that this person started."""
    row = get_object_or_404(
        Job, pk=identity, kind="segmentation.simulate_policy", started_by_id=request.actor.user_id
    )
    if row.state != Job.State.DONE:
        return job_card(request, row)
    result: dict[str, Any] = row.result or {}
    version = get_object_or_404(PolicyVersion, pk=result["version"], policy__name=name)
    changed = result["document"]
    words = Words(changed)
    names = dict(
        customers_within(request.actor, "customer", "view")
        .filter(pk__in=[one["customer"] for one in result["movers"]])
        .values_list("id", "name")
    )
    movers = [
        {
            **one,
            "name": names[one["customer"]],
            "before": words.labels.get(one["before"], one["before"]),
            "after": words.labels.get(one["after"], one["after"]),
            "explained": queries.explain_stored(request.actor, one["outcome"], changed),
        }
        for one in result["movers"]
        if one["customer"] in names
    ]
    flows = [
        {
            **one,
            "before": words.labels.get(one["before"], one["before"]),
            "after": words.labels.get(one["after"], ""),
        }
        for one in result["flows"]
        if one["before"] != one["after"]
    ]
    return render(
        request,
        "segmentation/partials/simulation.html",
        {
            "result": result,
            "sees_revenue": class_of("revenue_12m") in request.actor.classes("metric"),
            "movers": movers,
            "flows": flows,
            "changes": _said_changes(version.document, changed),
            "job": row,
        },
    )


def _said_changes(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Which thresholds differ, and whether anything else does."""
    old = {line.name: line for line in queries.threshold_lines(before)}
    said = [
        f"{line.label}: {old[line.name].shown if line.name in old else '–'} → {line.shown}"
        for line in queries.threshold_lines(after)
        if line.name not in old or old[line.name].value != line.value
    ]
    texts = ("thresholds", "cases", "version", "reason")
    if any(before.get(name) != after.get(name) for name in before.keys() | after.keys() if name not in texts):
        said.append(_("the wording of the draft"))
    return said


@page("policy", "edit", methods=("POST",))
def policy_draft(request: PageRequest, name: str) -> HttpResponse:
    """Keep the changed thresholds (or a whole new wording) as the draft."""
    policy = get_policy(request.actor, name)
    base = find_draft(policy) or version_in_force(name, local_date(now()))
    if base is None:
        raise Http404(name)
    wording = request.POST.get("document", "")
    try:
        document = _read_wording(wording) if wording.strip() else None
        draft = draft_policy(
            actor=request.actor,
            policy=policy,
            document=document or changed_document(base.document, _changes(request.POST, base.document)),
            reason=request.POST.get("reason", ""),
            now=now(),
        )
    except PolicyNotAccepted as refusal:
        if wording.strip():
            return _version_page(request, policy, base, wording, str(refusal))
        return _policy_page(request, name, str(refusal))
    messages.success(request, _("Kept as a draft. Somebody else can approve it."))
    if queries.failure_lines(draft.document):
        messages.warning(request, _("Its own cases do not all hold: change them in the full wording."))
    return HttpResponseRedirect(reverse("policy", args=[name]))


def _read_wording(text: str) -> dict[str, Any]:
    from bihuan.policy import PolicyInvalid, load_document
    from bihuan.rulebook.wording import say_error

    try:
        return dict(load_document(text))
    except PolicyInvalid as invalid:
        raise PolicyNotAccepted("\n".join(say_error(error) for error in invalid.errors)) from invalid


@page("policy", "approve", methods=("POST",))
def policy_approve(request: PageRequest, name: str) -> HttpResponse:
    policy = get_policy(request.actor, name)
    draft = find_draft(policy)
    if draft is None:
        raise Http404(name)
    try:
        valid_from = date.fromisoformat(request.POST.get("valid_from", ""))
        approve_policy(
            actor=request.actor,
            version=draft,
            valid_from=valid_from,
            seen=request.POST.get("seen", ""),
            now=now(),
        )
    except ValueError:
        messages.error(request, _("Say from which date it holds."))
    except PolicyNotAccepted as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Approved. It holds from %(date)s.") % {"date": valid_from})
    return HttpResponseRedirect(reverse("policy", args=[name]))


@page("policy", "edit", methods=("POST",))
def policy_withdraw(request: PageRequest, name: str) -> HttpResponse:
    draft = find_draft(get_policy(request.actor, name))
    if draft is None:
        raise Http404(name)
    try:
        withdraw_draft(actor=request.actor, version=draft, now=now())
    except PolicyNotAccepted as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("The draft was withdrawn."))
    return HttpResponseRedirect(reverse("policy", args=[name]))


@page("policy")
def policy_version(request: PageRequest, name: str, number: int) -> HttpResponse:
    """The full wording of one version."""
    policy = get_policy(request.actor, name)
    version = get_object_or_404(PolicyVersion, policy=policy, number=number)
    import yaml

    wording = yaml.safe_dump(version.document, allow_unicode=True, sort_keys=False, width=110)
    return _version_page(request, policy, version, wording)


def _version_page(
    request: PageRequest, policy: StoredPolicy, version: PolicyVersion, wording: str, error: str = ""
) -> HttpResponse:
    return render(
        request,
        "segmentation/pages/policy_version.html",
        {
            "policy": policy,
            "title": in_language(policy.title),
            "version": version,
            "wording": wording,
            "error": error,
            "failures": queries.failure_lines(version.document),
            "typed_reason": request.POST.get("reason", ""),
            "may_edit": request.actor.may("policy", "edit"),
        },
        status=422 if error else 200,
    )


@page("policy")
def policy_explain(request: PageRequest, name: str) -> HttpResponse:
    """Where one customer would stand and why, under the policy; with the form's thresholds for whoever may simulate."""
    policy = get_policy(request.actor, name)
    today = local_date(now())
    version = version_in_force(policy.name, today)
    if version is None:
        raise Http404(name)
    document = version.document
    if request.actor.may("policy", "simulate"):
        base = (find_draft(policy) or version).document
        try:
            document = changed_document(base, _changes(request.GET, base))
        except PolicyNotAccepted as refusal:
            return _refused(request, str(refusal))
    wanted = request.GET.get("customer", "").strip()
    rows = customers_within(request.actor, "customer", "view").filter(merged_into=None)
    customer: Customer | None = None
    if wanted:
        customer = (
            rows.filter(external_id=wanted).first()
            or rows.filter(name__contains=wanted).order_by("id").first()
        )
    explained = queries.explain_now(request.actor, customer, document, today) if customer else None
    return render(
        request,
        "segmentation/partials/explain.html",
        {"customer": customer, "explained": explained, "wanted": wanted},
    )


@page("decision", "propose", methods=("POST",))
def policy_propose(request: PageRequest, name: str) -> HttpResponse:
    """Put the candidates of the policy in force before the committee."""
    policy = get_policy(request.actor, name)
    row = start_job(
        actor=request.actor,
        kind="segmentation.propose",
        arguments={
            "name": policy.name,
            "as_of": _as_of(request).isoformat(),
            "reason": request.POST.get("reason", ""),
        },
        now=now(),
    )
    return job_card(request, row)
