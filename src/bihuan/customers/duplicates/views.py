"""Reviewing duplicates: clusters, one laid open side by side, merges and their undo."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bihuan.customers.models import DuplicateCluster, Merge
from bihuan.kernel.jobs import start_job
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.pages.views import job_card
from bihuan.kernel.time import now

from . import queries
from .merging import MERGEABLE, MergeRefused, members_within, merge_cluster, merge_clusters
from .reviewing import dismiss_clusters
from .undoing import undo_merge

PAGE = 30
# More at once are merged by a job, with progress.
AT_ONCE = 30
PROFILES = ("company", "person")


@page("duplicate")
def duplicates(request: PageRequest) -> HttpResponse:
    """What waits for a decision, the surest first; and the latest merges."""
    profile = request.GET.get("profile", "company")
    if profile not in PROFILES:
        raise Http404(profile)
    rows = queries.open_clusters(request.actor, profile)
    start = request.GET.get("from", "0")
    first = int(start) if start.isdecimal() else 0
    clusters = list(rows.prefetch_related("members")[first : first + PAGE + 1])
    lines = _with_members(request, profile, clusters[:PAGE])
    merges = list(queries.merges_visible_to(request.actor).filter(profile=profile)[:10])
    return render(
        request,
        "customers/duplicates/list.html",
        {
            "profile": profile,
            "lines": lines,
            "count": rows.count(),
            "certain": rows.filter(is_certain=True).count(),
            "further": first + PAGE if len(clusters) > PAGE else None,
            "merges": [{"merge": one, "name": _name(profile, one.winner_id)} for one in merges],
            "may_merge": request.actor.may("duplicate", "merge"),
            "may_undo": request.actor.may("duplicate", "undo"),
        },
    )


def _with_members(
    request: PageRequest, profile: str, clusters: list[DuplicateCluster]
) -> list[dict[str, Any]]:
    ids = {member.object_id for one in clusters for member in one.members.all()}
    known = members_within(request.actor, profile, sorted(ids), "duplicate", "view") if ids else {}
    return [
        {
            "cluster": one,
            "percent": round(one.probability * 100, 1),
            "members": [known[member.object_id] for member in one.members.all() if member.object_id in known],
        }
        for one in clusters
    ]


def _name(profile: str, identity: int) -> str:
    row = MERGEABLE[profile].model._default_manager.filter(pk=identity).first()
    return str(row) if row else f"#{identity}"


@page("duplicate", "merge", methods=("POST",))
def duplicates_find(request: PageRequest) -> HttpResponse:
    profile = request.POST.get("profile", "company")
    if profile not in PROFILES:
        raise Http404(profile)
    row = start_job(
        actor=request.actor, kind="customers.find_duplicates", arguments={"profile": profile}, now=now()
    )
    return job_card(request, row)


@page("duplicate")
def duplicate(request: PageRequest, identity: int) -> HttpResponse:
    """One cluster side by side; each field's surviving value can be chosen."""
    try:
        review = queries.review(request.actor, identity)
    except DuplicateCluster.DoesNotExist as missing:
        raise Http404(identity) from missing
    return render(
        request,
        "customers/duplicates/review.html",
        {
            "review": review,
            "columns": [
                {
                    "member": one,
                    "weight": review.references[one.pk].total(),
                    "suggested": one.pk == review.suggested,
                }
                for one in review.members
            ],
            "rows": [
                {
                    "field": row,
                    "cells": list(zip(review.members, row.shown, strict=True)),
                    "kept": _kept(review, row),
                }
                for row in review.fields
                if any(str(value or "").strip() for value in row.values)
            ],
            "percent": round(review.cluster.probability * 100, 1),
            "pairs": queries.why_alike(review.pairs, review.members),
            "may_merge": request.actor.may("duplicate", "merge") and review.cluster.state == "open",
        },
    )


def _kept(review: queries.Review, row: queries.FieldRow) -> int:
    """Whose value is ticked beforehand: the survivor's, or the first there is where that one is blank."""
    filled = [
        one.pk for one, value in zip(review.members, row.values, strict=True) if value not in ("", None)
    ]
    return review.suggested if review.suggested in filled or not filled else filled[0]


@page("duplicate", "merge", methods=("POST",))
def duplicate_merge(request: PageRequest, identity: int) -> HttpResponse:
    winner = request.POST.get("winner", "")
    choices = {
        key.removeprefix("keep."): int(str(value))
        for key, value in request.POST.items()
        if key.startswith("keep.") and str(value).isdecimal()
    }
    try:
        merge = merge_cluster(
            actor=request.actor,
            cluster_id=identity,
            winner_id=int(winner) if winner.isdecimal() else None,
            choices=choices,
            now=now(),
        )
    except DuplicateCluster.DoesNotExist as missing:
        raise Http404(identity) from missing
    except MergeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(
            request,
            _("Merged into “%(name)s”. It can be undone.") % {"name": _name(merge.profile, merge.winner_id)},
        )
    return HttpResponseRedirect(reverse("duplicates"))


@page("duplicate", "merge", methods=("POST",))
def duplicates_many(request: PageRequest) -> HttpResponse:
    """Merge or dismiss the ticked clusters, or merge all certain ones; many of them as a job that tells how far it is."""
    ids = [int(one) for one in request.POST.getlist("cluster") if one.isdecimal()]
    if request.POST.get("extent") == "certain":
        profile = request.POST.get("profile", "company")
        ids = list(
            queries.open_clusters(request.actor, profile).filter(is_certain=True).values_list("pk", flat=True)
        )
    try:
        if request.POST.get("verdict") == "different":
            count = dismiss_clusters(actor=request.actor, cluster_ids=ids, now=now())
            said = ngettext("%(count)s group set aside.", "%(count)s groups set aside.", count)
        elif len(ids) > AT_ONCE:
            row = start_job(
                actor=request.actor, kind="customers.merge_duplicates", arguments={"clusters": ids}, now=now()
            )
            return job_card(request, row)
        else:
            count = len(merge_clusters(actor=request.actor, cluster_ids=ids, now=now()))
            said = ngettext("%(count)s group merged.", "%(count)s groups merged.", count)
    except DuplicateCluster.DoesNotExist as missing:
        raise Http404 from missing
    except MergeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, said % {"count": count})
    return HttpResponseRedirect(reverse("duplicates"))


@page("duplicate", "undo", methods=("POST",))
def merge_undo(request: PageRequest, identity: int) -> HttpResponse:
    """Take a merge back and say what stayed, because it was changed since."""
    if not queries.merges_visible_to(request.actor).filter(pk=identity).exists():
        raise Http404(identity)
    try:
        result = undo_merge(actor=request.actor, merge_id=identity, now=now())
    except Merge.DoesNotExist as missing:
        raise Http404(identity) from missing
    except MergeRefused as refusal:
        messages.error(request, str(refusal))
        return HttpResponseRedirect(reverse("duplicates"))
    if result["kept"]:
        return render(request, "customers/duplicates/undone.html", {"result": result})
    messages.success(request, _("The merge was undone."))
    return HttpResponseRedirect(reverse("duplicates"))
