"""Public pages of a lot: what scanning its code opens, without sign-in. And the setting of what they show."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.catalog.queries import get_product
from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.files import serve
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now
from bihuan.people.company import company_name

from ..certificates.forms import PublicationForm
from ..errors import LotError
from ..evidence import EvidenceFault, make_bundle
from ..evidence.bundle import VERIFIER
from ..evidence.bundle import verifier as verifier_file
from ..evidence_source import evidence_log
from ..evidencing.reading import places_of
from ..models import Lot, ProductPublication
from . import showing
from .addresses import query_of
from .limits import for_everybody
from .publishing import save_publication


@for_everybody
def digital_link(request: HttpRequest, gtin: str, number: str) -> HttpResponseBase:
    """GS1 Digital Link: `/01/{GTIN}/10/{lot}`, with the qualifiers 22 and 21 where they stand."""
    return _lot_page(request, showing.find_by_gtin(gtin, number))


@for_everybody
def lot_page(request: HttpRequest) -> HttpResponseBase:
    """The same for a product without GTIN: `?p={product code}&n={lot}`."""
    return _lot_page(request, _asked(request))


def _asked(request: HttpRequest) -> Lot | None:
    return showing.find_published(request.GET.get("p", "")[:60], request.GET.get("n", "")[:60])


def _lot_page(request: HttpRequest, lot: Lot | None) -> HttpResponseBase:
    if lot is None:
        return _nothing(request)
    context = {"shown": showing.shown(lot), "query": query_of(lot), "has_evidence": showing.has_evidence(lot)}
    return render(request, "quality/published/lot.html", context)


def _nothing(request: HttpRequest) -> HttpResponse:
    return render(request, "quality/published/nothing.html", status=404)


@for_everybody
def check_page(request: HttpRequest) -> HttpResponseBase:
    """Checks in the browser that nothing has been altered."""
    lot = _asked(request)
    if lot is None:
        return _nothing(request)
    context = {
        "lot": lot, "query": query_of(lot), "company": company_name(), "names": showing.names_listed(lot),
    }  # fmt: skip
    return render(request, "quality/published/check.html", context)


@for_everybody
def bundle(request: HttpRequest) -> HttpResponseBase:
    """What the log holds of the lot and anybody may have, with its proofs, and with the heads that its certificates print."""
    lot = _asked(request)
    if lot is None:
        return _nothing(request)
    log = evidence_log()
    try:
        papers = showing.published_papers(lot, showing.publication_of(lot))
        kept = [log.head_of(one) for one in sorted({one.log_size for one in papers if one.log_size})]
        data = make_bundle(log, places_of(lot, showing.evidence_shown(lot)), kept)
    except EvidenceFault:
        return _nothing(request)
    answer = HttpResponse(data, content_type="application/json")
    answer["Content-Disposition"] = 'attachment; filename="evidence.json"'
    return answer


@for_everybody
def certificate(request: HttpRequest) -> HttpResponseBase:
    """A published paper: `kind` is `origin`, or anything else for that of the results."""
    lot = _asked(request)
    found = showing.shown(lot) if lot is not None else None
    paper = (
        None if found is None else found.report if request.GET.get("kind") == "origin" else found.certificate
    )
    if paper is None:
        return _nothing(request)
    return serve(paper.sha256, f"{paper.certificate.number}-{paper.version}.pdf", "application/pdf")


@for_everybody
def verifier(request: HttpRequest) -> HttpResponseBase:
    """The verifier in one file, which needs no server."""
    answer = HttpResponse(verifier_file(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{VERIFIER}"'
    return answer


@page("product", "edit", methods=("GET", "POST"))
def publication(request: PageRequest, identity: int) -> HttpResponse:
    """What the public page of a product's lots shows."""
    product = get_product(request.actor, identity)
    row = ProductPublication.objects.filter(product=product).first()
    sending = request.method == "POST"
    form: Any = PublicationForm(request.POST if sending else None, initial=PublicationForm.known(row))
    if sending and form.is_valid():
        try:
            save_publication(actor=request.actor, product=product, now=now(), **form.cleaned_data)
        except LotError as error:
            form.add_error(error.field or None, str(error))
        else:
            return go(request, reverse("product", args=[product.pk]), _("Saved."))
    title = _("Public page of the lots of %(product)s") % {"product": product.name}
    return dialog(request, title, form, reverse("publication", args=[identity]), icon="world")
