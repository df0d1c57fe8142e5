"""Pages of lots."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import pgettext_lazy

from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import NotAllowed
from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.pages.views import drawn_panels
from bihuan.kernel.time import now

from ..deciding import DECISIONS, decide, untested_at_release
from ..errors import LotError
from ..laboratory.untested import Untested
from ..models import Lot
from . import page as showing
from . import queries, tracing_page
from .forms import DecideForm
from .lists import LOTS
from .notices import put_aside
from .wording import reason_words

# How a decision stands in the address: (disposition, its button, icon).
WAYS = {
    "hold": (Lot.Status.HELD, pgettext_lazy("lot decision", "Hold"), "player-pause"),
    "release": (Lot.Status.RELEASED, pgettext_lazy("lot decision", "Release"), "circle-check"),
    "reject": (Lot.Status.REJECTED, pgettext_lazy("lot decision", "Reject"), "ban"),
}


@page("lot")
def lot_list(request: PageRequest) -> HttpResponse:
    return list_view(
        request, LOTS, sees_events=request.actor.may("epcis_event") or request.actor.may("lot", "create")
    )


@page("lot")
def lot(request: PageRequest, identity: int) -> HttpResponse:
    """The page of a lot. What other rooms know of it (cases) is drawn within, so that one answer holds all of it."""
    found = showing.lot_page(request.actor, identity, customer=request.GET.get("customer", ""), now=now())
    decided = found.decided
    ways = [
        {"name": name, "label": label, "icon": icon}
        for name, (to, label, icon) in WAYS.items()
        if found.may_decide and found.lot.disposition in DECISIONS[to][1]
    ]
    return render(
        request,
        "quality/lot/page.html",
        {
            "found": found,
            "lot": found.lot,
            "ways": ways,
            "may_ship": request.actor.may("lot_shipment", "create"),
            "may_return": request.actor.may("lot_shipment", "create") and request.actor.may("lot", "create"),
            "sees_customers": request.actor.may("customer"),
            "sees_orders": request.actor.may("order"),
            "may_recall": found.may_decide and request.actor.may("recall", "create"),
            "why": decided and reason_words(request.actor, decided.reason, decided.data),
            "right": drawn_panels(request, "lot", found.lot, "right"),
            "sees_origin": queries.sees_origin(request.actor),
            "listed": "in" in request.GET,
        },
    )


@page("lot")
def lot_trace(request: PageRequest, identity: int) -> HttpResponse:
    asked = tracing_page.read_asked(request.GET)
    found = tracing_page.trace_page(request.actor, identity, asked, now=now())
    return render(request, "quality/lot/trace.html", {"found": found, "lot": found.lot, "asked": asked})


@page("lot", "edit", methods=("GET", "POST"))
def lot_decide(request: PageRequest, identity: int, to: str) -> HttpResponse:
    """Ask why in a dialog, then decide. What was refused is said in the dialog, and what was typed is kept."""
    if to not in WAYS:
        raise Http404(to)
    disposition, label, icon = WAYS[to]
    row = queries.get_lot(request.actor, identity)
    if not queries.may_decide(request.actor, row):
        raise NotAllowed("lot", "edit")
    sending = request.method == "POST"
    moment = now()
    left = untested_at_release(row, moment) if disposition == Lot.Status.RELEASED else Untested()
    said = left.said(request.actor) if left else ""
    form = DecideForm(request.POST if sending else None, lot=row, untested="" if left.is_barred else said)
    if sending and form.is_valid():
        given = form.cleaned_data
        try:
            decide(
                actor=request.actor,
                lot=row,
                to=disposition,
                reason=given["reason"],
                seen=given["seen"],
                untested=given.get("untested", ""),
                now=moment,
            )
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("lot", args=[row.pk]))
    title = f"{label} {row.product.code}/{row.number}"
    more = {"watched": "quality/laboratory/barred.html", "barred": said} if left.is_barred else {}
    return dialog(request, title, form, reverse("lot_decide", args=[row.pk, to]), icon=icon, **more)


@page("lot", methods=("POST",))
def notices_read(request: PageRequest) -> HttpResponse:
    """Put aside what one was told of lots that were not dispatched."""
    put_aside(actor=request.actor, now=now())
    return HttpResponse("") if request.htmx else HttpResponseRedirect(reverse("today"))
