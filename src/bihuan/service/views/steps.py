"""The steps on a case: which are offered, and the dialog of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import Actor, NotAllowed
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import queries, services
from ..correspondence.views.answering import answer
from ..errors import CaseError
from ..explaining import Explained
from ..forms import NoteForm, put_error, step_form
from ..models import Case
from ..promised import promised_now
from ..services.working import OWN_STEPS

Take = Callable[[Actor, Case, Mapping[str, Any], datetime], Case]


@dataclass(frozen=True)
class Step:
    """`statuses`: in which it is offered."""

    name: str
    label: Any
    icon: str
    take: Take
    statuses: frozenset[str]
    keys: str = ""


def _call(service: Callable[..., Case]) -> Take:
    return lambda actor, case, given, moment: service(actor=actor, case=case, now=moment, **given)


def _merge(actor: Actor, case: Case, given: Mapping[str, Any], moment: datetime) -> Case:
    into = queries.get_case(actor, int(given["into"])) if given.get("into") else case
    return services.merge_cases(actor=actor, case=case, into=into, now=moment)


WORK = frozenset({"new", "open", "waiting"})
STEPS = {
    one.name: one
    for one in (
        Step("respond", pgettext_lazy("case step", "Answer"), "send", _call(services.respond), WORK | {"solved"}, "a"),
        Step("solve", pgettext_lazy("case step", "Solve"), "circle-check", _call(services.solve_case), WORK, "s"),
        Step("call-back", pgettext_lazy("case step", "Call back"), "phone", _call(services.call_back), frozenset({"solved"}), "b"),
        Step("close", pgettext_lazy("case step", "Close"), "archive", _call(services.close_case), frozenset({"solved"})),
        Step("reopen", pgettext_lazy("case step", "Reopen"), "refresh", _call(services.reopen_case), frozenset({"solved", "closed"})),
        Step("pause", pgettext_lazy("case step", "Pause"), "player-pause", _call(services.pause_case), WORK, "p"),
        Step("resume", pgettext_lazy("case step", "Go on"), "player-play", _call(services.resume_case), frozenset({"waiting"})),
        Step("on-site", pgettext_lazy("case step", "We are on site"), "map-pin", _call(services.set_on_site), WORK),
        Step("work-around", pgettext_lazy("case step", "Workaround"), "tool", _call(services.work_around), WORK),
        Step("keep", pgettext_lazy("case step", "Promise kept"), "checks", _call(services.keep_promise), WORK),
        Step("reassign", pgettext_lazy("case step", "Reassign"), "user-check", _call(services.reassign_case), WORK | {"solved"}),
        Step("change", pgettext_lazy("case step", "Severity, urgency, kind"), "adjustments", _call(services.change_case), WORK | {"solved"}),
        Step("stage", pgettext_lazy("case step", "Status"), "flag", _call(services.set_stage), WORK),
        Step("merge", pgettext_lazy("case step", "Merge"), "git-merge", _merge, WORK | {"solved"}),
    )
}  # fmt: skip
FIRST = ("respond", "solve", "call-back", "close", "reopen", "resume")


def steps_for(case: Case, clocks: list[Explained]) -> dict[str, list[Step]]:
    """The steps that make sense now: the first few as buttons, the others in a menu."""
    open_kinds = {one.kind for one in clocks if one.stopped_at is None}
    fitting = [one for one in STEPS.values() if case.status in one.statuses]
    if not open_kinds - OWN_STEPS - {"on_site", "workaround"}:
        fitting = [one for one in fitting if one.name != "keep"]
    return {
        "first": [one for one in fitting if one.name in FIRST],
        "more": [one for one in fitting if one.name not in FIRST],
    }


@page("case", "edit", methods=("GET", "POST"))
def case_step(request: PageRequest, identity: int, step: str) -> HttpResponse:
    """Ask for what a step needs in a dialog, then take it. What was refused is said beside its field."""
    if step == "respond":
        return answer(request, identity)
    wanted = STEPS.get(step)
    case = queries.get_case(request.actor, identity)
    if wanted is None:
        raise Http404(step)
    if not queries.may_on(request.actor, case, "edit"):
        raise NotAllowed("case", "edit")
    sending = request.method == "POST"
    form = step_form(
        step, request.POST if sending else None, actor=request.actor, case=case, promised=promised_now()
    )
    if sending and form.is_valid():
        try:
            done = wanted.take(request.actor, case, form.cleaned_data, now())
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("case", args=[done.pk]))
    return dialog(
        request, str(wanted.label), form, reverse("case_step", args=[identity, step]), icon=wanted.icon
    )


@page("case", "note", methods=("GET", "POST"))
def case_note(request: PageRequest, identity: int) -> HttpResponse:
    """An internal note: one box."""
    case = queries.get_case(request.actor, identity)
    if not queries.may_on(request.actor, case, "note"):
        raise NotAllowed("case", "note")
    form = NoteForm(request.POST if request.method == "POST" else None, actor=request.actor)
    if form.is_bound and form.is_valid():
        try:
            named = [
                int(one) for one in request.POST.getlist("mentions") if one.isdecimal() and len(one) < 19
            ]
            done = services.add_note(
                actor=request.actor, case=case, now=now(), mentions=named, **form.cleaned_data
            )
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("case", args=[done.pk]))
    return dialog(request, _("Internal note"), form, reverse("case_note", args=[identity]), icon="note")
