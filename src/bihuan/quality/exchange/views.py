"""Pages of EPCIS: capturing a document, the events of others, a lot's history as a document. Programs ask `machine`."""

from __future__ import annotations

from functools import partial
from pathlib import PurePath
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.template.defaultfilters import filesizeformat
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import NotAllowed, require
from bihuan.kernel.console import CommandRefused
from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ..epcis_commands import products_named
from ..evidence.faults import LogBusy
from ..lots.queries import get_lot
from . import showing
from .captures import MOST_REASONS
from .capturing import capture
from .exporting import export_lot
from .lists import EVENTS_LIST
from .protocol import MOST_BYTES, WAIT


def epcis(request: PageRequest) -> HttpResponse:
    """The events of others, and above them the form for a document; what was sent is answered on a page of its own."""
    may_capture, reads = request.actor.may("lot", "create"), request.actor.may("epcis_event")
    if request.method == "POST":
        return _capture(request)
    if not may_capture and not reads:
        raise NotAllowed("lot", "view")
    recent = partial(showing.recent_captures, request.actor)  # asked where the whole page is drawn
    return list_view(
        request, EVENTS_LIST, may_capture=may_capture, reads_events=reads, recent=recent, **_form(request)
    )


def _form(request: PageRequest) -> dict[str, Any]:
    return {"limit": MOST_BYTES, "may_enter": request.actor.may("product", "create")}


def _capture(request: PageRequest) -> HttpResponse:
    upload = request.FILES.get("file")
    require(request.actor, "lot", "create")
    context = _form(request) | {"products": request.POST.get("products", "")[:2000]}
    if upload is None:
        context["error"] = _("Choose a file.")
    elif (upload.size or 0) > MOST_BYTES:
        context["error"] = _(
            "The file has %(size)s; at most %(limit)s are captured here. Split it, or use the command bihuan epcis capture."
        ) % {"size": filesizeformat(upload.size or 0), "limit": filesizeformat(MOST_BYTES)}
    else:
        name = PurePath(upload.name or "").name
        try:
            found = capture(
                actor=request.actor, data=upload.read(), file=name, wait=WAIT, now=now(),
                products=products_named(context["products"].split()),
                enter_products=request.POST.get("new_products") == "1",
            )  # fmt: skip
        except LogBusy:
            context["error"] = _("Another document is being captured; try again later.")
        except CommandRefused as refusal:
            context["error"] = str(refusal)
        else:
            context |= {"name": name, "found": found, "faults": showing.said(found.faults)}
            context |= {
                "reasons": found.left[:MOST_REASONS],
                "more_reasons": max(len(found.left) - MOST_REASONS, 0),
            }
            if found.accepted:
                context["lots"], context["has_more_lots"] = showing.lots_of(request.actor, found.hashes)
    refused = "error" in context or bool(context["faults"])
    context["reads_events"] = request.actor.may("epcis_event")
    return render(request, "quality/exchange/captured.html", context, status=422 if refused else 200)


@page("epcis_event")
def event(request: PageRequest, identity: int) -> HttpResponse:
    found = showing.event_page(request.actor, identity)
    return render(request, "quality/exchange/event.html", {"found": found, "event": found.event})


@page("lot")
def lot_document(request: PageRequest, identity: int) -> HttpResponse:
    """A lot's history as a file for others."""
    moment, row = now(), get_lot(request.actor, identity)
    data = export_lot(request.actor, row, moment)
    record(request.actor, moment, "epcis.exported", row, after={"format": "jsonld"})
    name = f"{row.product.code}-{row.number}.jsonld".replace("/", "_")
    answer = HttpResponse(data, "application/ld+json")
    answer.headers["Content-Disposition"] = content_disposition_header(True, name) or "attachment"
    return answer
