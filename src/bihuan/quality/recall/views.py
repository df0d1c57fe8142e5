"""Pages of recalls."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import NotAllowed
from bihuan.kernel.models import Job
from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ..errors import LotError
from ..lots.queries import get_lot, may_decide
from ..models import Recall
from ..records import LOT
from . import asking, queries, telling
from .forms import AnswerForm, CloseForm, StartForm, TellForm, UnreachableForm
from .lists import ENTRIES, RECALLS
from .records import RECALL, RECALL_ENTRY
from .showing import recall_page

# How a step of an entry stands in the address: form, its button, icon, what is done.
STEPS: dict[str, tuple[Any, Any, str, Any]] = {
    "tell": (TellForm, pgettext_lazy("recall", "Note as told"), "phone", telling.tell),
    "unreachable": (UnreachableForm, pgettext_lazy("recall", "Not reachable"), "phone-off", telling.unreachable),
    "answer": (AnswerForm, pgettext_lazy("recall", "Note the answer"), "checks", telling.answer),
}  # fmt: skip


@page("recall")
def recall_list(request: PageRequest) -> HttpResponse:
    return list_view(request, RECALLS)


@page("recall_entry")
def entry_list(request: PageRequest) -> HttpResponse:
    return list_view(request, ENTRIES)


@page("recall")
def recall(request: PageRequest, identity: int) -> HttpResponse:
    found = recall_page(request.actor, identity, now=now())
    return render(
        request, "quality/recall/page.html", {"found": found, "recall": found.recall, "steps": STEPS}
    )


@page("recall", "create", methods=("GET", "POST"))
def recall_start(request: PageRequest, identity: int) -> HttpResponse:
    """Ask why, how urgent and what customers are asked, then begin."""
    row = get_lot(request.actor, identity)
    if not may_decide(request.actor, row):
        raise NotAllowed("lot", "edit")
    form = StartForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            made = asking.begin(actor=request.actor, lot=row, now=now(), **form.cleaned_data)
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            to = "recall" if isinstance(made, Recall) else "recall_begun"
            return go(request, reverse(to, args=[made.pk]))
    title = f"{pgettext_lazy('recall', 'Start a recall')} {row.product.code}/{row.number}"
    return dialog(request, title, form, reverse("recall_start", args=[row.pk]), icon="alert-triangle")


@page("recall")
def recall_begun(request: PageRequest, identity: int) -> HttpResponse:
    """How far a recall is that I asked for; the recall once there is one."""
    begun = queries.get_begun(request.actor, identity)
    if begun.recall_id is not None and RECALL.visible_to(request.actor).filter(pk=begun.recall_id).exists():
        return go(request, reverse("recall", args=[begun.recall_id]))
    job = Job.objects.filter(pk=begun.job_id or 0).first()
    lot = LOT.visible_to(request.actor).select_related("product").filter(pk=begun.lot_id).first()
    if request.htmx and job is not None and job.ended_at is not None:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    found = {
        "begun": begun, "lot": lot, "job": job, "is_over": job is None or job.ended_at is not None,
        "may_recall": lot is not None and request.actor.may("recall", "create") and may_decide(request.actor, lot),
    }  # fmt: skip
    return render(request, "quality/recall/begun.html", found)


@page("recall_entry", "edit", methods=("GET", "POST"))
def recall_step(request: PageRequest, identity: int, what: str) -> HttpResponse:
    """Note that a customer was told, could not be reached, or what they answered."""
    if what not in STEPS:
        raise Http404(what)
    form_class, label, icon, apply = STEPS[what]
    entry = queries.get_entry(request.actor, identity)
    if not RECALL_ENTRY.visible_to(request.actor, "edit").filter(pk=entry.pk).exists():
        raise NotAllowed("recall_entry", "edit")
    may_contact = RECALL_ENTRY.may_read(request.actor, "told_whom", "edit")
    given = request.POST if request.method == "POST" else None
    form = form_class(given, entry=entry, may_contact=may_contact)
    if form.is_bound and form.is_valid():
        try:
            apply(actor=request.actor, entry=entry, now=now(), **form.cleaned_data)
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("recall", args=[entry.recall_id]))
    title = f"{label} · {entry.customer.name}"
    return dialog(request, title, form, reverse("recall_step", args=[entry.pk, what]), icon=icon)


@page("recall", "edit", methods=("GET", "POST"))
def recall_close(request: PageRequest, identity: int) -> HttpResponse:
    row = queries.get_recall(request.actor, identity)
    if not RECALL.visible_to(request.actor, "edit").filter(pk=row.pk).exists():
        raise NotAllowed("recall", "edit")
    form = CloseForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            telling.close(actor=request.actor, recall=row, now=now(), **form.cleaned_data)
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("recall", args=[row.pk]))
    title = f"{pgettext_lazy('recall', 'Close the recall')} {row.number}"
    return dialog(request, title, form, reverse("recall_close", args=[row.pk]), icon="checks")
