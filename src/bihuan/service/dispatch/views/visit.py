"""Visits: the list, and the page that the technician has on the phone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from bihuan.kernel.actor import Actor, FieldClass, NotAllowed
from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ...errors import CaseError
from ...models import CaseClock, Visit, VisitEvent, VisitSample
from ...promised import promised_now
from ...wording import say_length
from .. import queries, reporting
from ..lists import VISITS
from ..records import VISIT
from ..rules import Lack
from ..store import dispatching_now
from ..wording import VISIT_WORDS, say_distance, say_lack

Given = Mapping[str, Any]
_HIDDEN = frozenset({"reported", "sampled", "result_given"})


@page("visit")
def visit_list(request: PageRequest) -> HttpResponse:
    return list_view(request, VISITS)


@page("visit")
def visit_page(request: PageRequest, identity: int) -> HttpResponse:
    visit = queries.get_visit(request.actor, identity)
    return render(request, "service/dispatch/visit.html", visit_context(request.actor, visit, now()))


def visit_context(actor: Actor, visit: Visit, moment: datetime, **more: Any) -> dict[str, Any]:
    """All that the page shows; what is of a class that the actor does not read is left out."""
    technical = FieldClass.TECHNICAL in actor.classes("visit")
    document = dispatching_now()
    events = list(VisitEvent.objects.filter(visit=visit).order_by("id"))
    may_report = queries.may_on_visit(actor, visit, "edit")
    seen = queries.sees_case(actor, visit)
    deadline = CaseClock.objects.filter(case=visit.case_id, kind="on_site").first() if seen else None
    return {
        "visit": visit,
        "labels": {
            "status": visit.get_status_display(),
            "kit": document.kit(visit.kit.kind) if visit.kit else "",
            "tests": document.kit_tests(visit.kit.kind) if visit.kit else "",
        },
        "readable": {one.name for one in VISIT.readable(actor)},
        "technical": technical,
        "sees_case": seen,
        "address": queries.address_of(actor, visit),
        "clock": _clock(deadline, moment),
        "lacks": _lacks(events),
        "distance": say_distance(visit.distance_m) if visit.distance_m is not None else "",
        "samples": [_sample(one, moment) for one in visit.samples.order_by("id")] if technical else [],
        "photos": queries.photos_of(actor, visit) if seen else [],
        "lines": [
            (one.at, VISIT_WORDS.get(one.kind, one.kind), one.data.get("reason", ""), one.actor_name)
            for one in reversed(events)
            if technical or one.kind not in _HIDDEN
        ],
        "may_report": may_report and visit.is_open,
        "may_write": may_report and visit.is_open and technical and visit.status == Visit.Status.ON_SITE,
        "may_photo": may_report and visit.status in (Visit.Status.ON_SITE, Visit.Status.DONE),
        "may_result": may_report and technical and visit.status != Visit.Status.CANCELLED,
        "may_plan": visit.is_open and queries.may_on_visit(actor, visit, "create"),
        **more,
    }


def _lacks(events: list[VisitEvent]) -> list[str]:
    """What was wanting when it was planned last."""
    planned = next((one for one in reversed(events) if one.kind in ("planned", "replanned")), None)
    if planned is None:
        return []
    document = dispatching_now()
    return [say_lack(Lack(**one), document) for one in planned.data.get("lacks") or []]


def _clock(clock: CaseClock | None, moment: datetime) -> dict[str, Any] | None:
    if clock is None:
        return None
    end = clock.stopped_at or moment
    late = end > clock.due_at
    return {
        "label": promised_now().clock_label("on_site"),
        "due_at": clock.due_at,
        "met": clock.stopped_at is not None and not late,
        "late": late,
        "stopped": clock.stopped_at is not None,
        "length": say_length(clock.due_at - end),
    }


def _sample(sample: VisitSample, moment: datetime) -> dict[str, Any]:
    """A sample with its promise: how long is left, how late, kept or not."""
    end = sample.result_at or moment
    return {
        "row": sample,
        "late": sample.due_at is not None and end > sample.due_at,
        "length": say_length(sample.due_at - end) if sample.due_at is not None else "",
    }


def _number(given: Given, name: str) -> float | None:
    try:
        return float(str(given.get(name, "")))
    except ValueError:
        return None


def _key(text: object) -> int:
    plain = str(text)
    if not (plain.isascii() and plain.isdigit() and len(plain) < 19):
        raise Http404(plain)
    return int(plain)


# What each button of the page does.
STEPS: dict[str, Callable[[Actor, Visit, Given, datetime], object]] = {
    "set-out": lambda actor, visit, given, at: reporting.set_out(actor=actor, visit=visit, now=at),
    "check-in": lambda actor, visit, given, at: reporting.check_in(
        actor=actor, visit=visit, latitude=_number(given, "latitude"), longitude=_number(given, "longitude"), now=at
    ),
    "report": lambda actor, visit, given, at: reporting.write_report(
        actor=actor, visit=visit, findings=given.get("findings", ""), readings=given.get("readings", ""), now=at
    ),
    "sample": lambda actor, visit, given, at: reporting.take_sample(
        actor=actor, visit=visit, number=given.get("number", ""), now=at
    ),
    "result": lambda actor, visit, given, at: reporting.give_result(
        actor=actor, visit=visit, sample=_key(given.get("sample", "")), result=given.get("result", ""), now=at
    ),
    "sign": lambda actor, visit, given, at: reporting.sign(
        actor=actor, visit=visit, signed_by=given.get("signed_by", ""), picture=given.get("picture", ""), now=at
    ),
    "finish": lambda actor, visit, given, at: reporting.finish(
        actor=actor, visit=visit, unsigned=given.get("unsigned", ""), now=at
    ),
}  # fmt: skip


@page("visit", "edit", methods=("POST",))
def visit_step(request: PageRequest, identity: int, what: str) -> HttpResponse:
    """Take one step. What was refused is said in its place, with what was typed."""
    step = STEPS.get(what)
    if step is None:
        raise Http404(what)
    return _answer(request, identity, what, lambda visit, at: step(request.actor, visit, request.POST, at))


@page("visit", "edit", methods=("POST",))
def visit_photos(request: PageRequest, identity: int) -> HttpResponse:
    uploads = request.FILES.getlist("files")
    return _answer(
        request, identity, "photos",
        lambda visit, at: reporting.add_photos(actor=request.actor, visit=visit, uploads=uploads, now=at),
    )  # fmt: skip


def _answer(
    request: PageRequest, identity: int, what: str, act: Callable[[Visit, datetime], object]
) -> HttpResponse:
    visit = queries.get_visit(request.actor, identity)
    if not queries.may_on_visit(request.actor, visit, "edit"):
        raise NotAllowed("visit", "edit")
    try:
        act(visit, now())
    except CaseError as error:
        if request.htmx:  # only what is wrong; the form with what was typed stays as it is
            return HttpResponse(
                render(request, "service/dispatch/refused.html", {"refusal": str(error)}).content, status=422
            )
        context = visit_context(
            request.actor, visit, now(), refusal=str(error), refused_at=what, typed=request.POST
        )
        return render(request, "service/dispatch/visit.html", context, status=422)
    address = reverse("visit", args=[visit.pk])
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": f"{address}?done={what}"})
    return HttpResponseRedirect(f"{address}?done={what}")
