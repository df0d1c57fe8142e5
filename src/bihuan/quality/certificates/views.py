"""Pages of certificates: the list, one with its versions, making one out and signing it, its papers."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.customers.models import Customer
from bihuan.customers.queries import get_customer
from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import Actor
from bihuan.kernel.files import serve
from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ..errors import LotError
from ..evidence import EvidenceFault
from ..evidence_source import evidence_log
from ..evidence_wording import say_fault
from ..models import Certificate, CertificateTemplate, Lot
from ..naming import AmbiguousLot, find_lot, lot_name
from ..published.addresses import address_of
from . import queries
from .changes import read_notices, said_changes
from .forms import AboutForm, ForWhomForm, SignForm, TemplateForm
from .issuing import certificate_of, issue, preview, seen_as
from .lists import CERTIFICATES
from .papers import paper_for, save_template
from .preparing import Prepared, prepare, tested_of

Kind = Certificate.Kind


@page("certificate")
def certificate_list(request: PageRequest) -> HttpResponse:
    return list_view(request, CERTIFICATES, may_sign=request.actor.may("certificate", "sign"))


@page("certificate")
def certificate_page(request: PageRequest, identity: int) -> HttpResponse:
    actor = request.actor
    row = queries.get_certificate(actor, identity)
    versions = queries.versions_of(row)
    newest = versions[0]
    read_notices(actor=actor, certificate=row, now=now())
    return render(
        request,
        "quality/certificates/page.html",
        {
            "row": row,
            "newest": newest,
            "versions": versions,
            "said": newest.said,
            "changes": said_changes(newest, tested_of(row.lot_id)) if row.changed_at else [],
            "recipients": queries.recipients_seen(actor, newest),
            "may_sign": actor.may("certificate", "sign"),
            "may_publish": actor.may("product", "edit"),
            "next_url": _issue_url(row.lot, row.kind, row.customer_id),
            "address": address_of(row.lot, request.build_absolute_uri("/")),
            "listed": "in" in request.GET,
        },
    )


def _issue_url(lot: Lot, kind: str, customer: int | None) -> str:
    given = {"lot": lot_name(lot), "kind": kind, "customer": customer or ""}
    return f"{reverse('certificate_issue')}?{urlencode(given)}"


@page("certificate")
def certificate_paper(request: PageRequest, identity: int) -> HttpResponseBase:
    row = queries.get_version(request.actor, identity)
    return serve(row.sha256, f"{row.certificate.number}-{row.version}.pdf", "application/pdf")


@page("certificate")
def certificate_head(request: PageRequest, identity: int) -> HttpResponse:
    """The head of the evidence log that is printed on a version, for the customer to keep."""
    row = queries.get_version(request.actor, identity)
    try:
        data = evidence_log().head_of(row.log_size).to_bytes()
    except EvidenceFault as fault:
        return HttpResponse(say_fault(fault), status=409, content_type="text/plain; charset=utf-8")
    answer = HttpResponse(data, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{row.certificate.number}-{row.version}.head.txt"'
    return answer


# Making one out ------------------------------------------------------------------------------------------------------


@page("certificate", "sign", methods=("GET", "POST"))
def certificate_issue(request: PageRequest) -> HttpResponse:
    """First the lot and the kind, then what the certificate would say, then the signature."""
    actor, moment = request.actor, now()
    lot, problem = _asked_lot(actor, request.GET.get("lot", ""))
    if lot is None:
        about = AboutForm(request.GET if "lot" in request.GET else None, initial={"kind": Kind.COA})
        if problem:
            about.is_valid()
            about.add_error("lot", problem)
        return render(
            request, "quality/certificates/issue.html", {"about": about}, status=422 if problem else 200
        )
    found, customer = _prepared(request, lot, moment)
    there = certificate_of(lot, found.kind, customer)
    sending = request.method == "POST"
    form = SignForm(
        actor, customer, found.kind, there is not None, request.POST if sending else None,
        initial={"seen": seen_as(found, there)},
    )  # fmt: skip
    refused: list[str] = found.reasons
    if sending and form.is_valid():
        try:
            made = issue(
                actor=actor, lot=lot, kind=found.kind, customer=customer, base=request.build_absolute_uri("/"), now=moment,
                **form.cleaned_data,
            )  # fmt: skip
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("certificate", args=[made.certificate_id]))
    context = {
        "lot": lot,
        "lot_name": lot_name(lot),
        "found": found,
        "for_whom": ForWhomForm(
            actor, lot, {"kind": found.kind, "customer": customer.pk if customer else ""}
        ),
        "customer": customer,
        "there": there,
        "form": form,
        "reasons": refused,
        "query": request.GET.urlencode(),
        "signer": actor.name,
    }
    return render(request, "quality/certificates/issue.html", context, status=422 if sending else 200)


def _asked_lot(actor: Actor, text: str) -> tuple[Lot | None, str]:
    if not text.strip():
        return None, ""
    try:
        lot = find_lot(actor, text)
    except AmbiguousLot as error:
        return None, _("Several lots are called so: %(names)s") % {"names": ", ".join(error.names)}
    return lot, "" if lot else _("There is no lot “%(name)s”.") % {"name": text}


def _prepared(request: PageRequest, lot: Lot, moment: Any) -> tuple[Prepared, Customer | None]:
    actor, asked = request.actor, request.GET.get("customer", "")
    customer = None
    if asked:
        customer = queries.customers_for(actor, lot).filter(pk=asked).first() if asked.isdecimal() else None
        if customer is None:
            raise Http404("customer")
    kind = request.GET.get("kind", Kind.COA)
    return prepare(actor=actor, lot=lot, kind=kind, customer=customer, now=moment), customer


@page("certificate", "sign")
def certificate_preview(request: PageRequest) -> HttpResponse:
    """The paper as it would be, marked as not valid."""
    lot, problem = _asked_lot(request.actor, request.GET.get("lot", ""))
    if lot is None:
        raise Http404(problem)
    moment = now()
    found, _customer = _prepared(request, lot, moment)
    paper = preview(
        found=found, signer=request.actor.name, post="", base=request.build_absolute_uri("/"), now=moment
    )
    answer = HttpResponse(paper, content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="preview.pdf"'
    return answer


# How a customer wants them -------------------------------------------------------------------------------------------


@page("certificate", "sign", methods=("GET", "POST"))
def certificate_template(request: PageRequest, identity: int) -> HttpResponse:
    """How a customer wants certificates of a kind."""
    customer = get_customer(request.actor, identity)
    kind = request.GET.get("kind", Kind.COA)
    if kind not in Kind.values:
        raise Http404(kind)
    own = CertificateTemplate.objects.filter(customer=customer, kind=kind).first()
    initial = {
        "kind": kind,
        "language": paper_for(kind, customer).language,
        "standard": own.standard if own else "",
        "statement": own.statement if own else "",
        "characteristics": " ".join(own.characteristics) if own else "",
    }
    sending = request.method == "POST"
    form = TemplateForm(request.POST if sending else None, initial=initial)
    if sending and form.is_valid():
        try:
            save_template(actor=request.actor, customer=customer, now=now(), **form.cleaned_data)
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(
                request,
                request.GET.get("back", "")
                if _is_ours(request.GET.get("back", ""))
                else reverse("certificates"),
            )
    url = f"{reverse('certificate_template', args=[identity])}?{request.GET.urlencode()}"
    title = _("Certificates for %(customer)s") % {"customer": customer.name}
    return dialog(request, title, form, url, icon="file-certificate")


def _is_ours(address: str) -> bool:
    return address.startswith("/certificates/") and "//" not in address and "\\" not in address
