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
from bihuan.kernel.time import local_date, now

from ..errors import LotError
from ..evidence import EvidenceFault
from ..evidence_source import evidence_log
from ..evidence_wording import say_fault
from ..models import Certificate, CertificateTemplate, Lot, SecondSignature
from ..naming import AmbiguousLot, find_lot, lot_name
from ..published.addresses import address_of
from . import queries
from .changes import read_notices, said_changes
from .forms import AboutForm, ForWhomForm, SignForm, TemplateForm
from .issuing import TWO_SIGN, certificate_of, issue, preview, seen_as
from .lists import CERTIFICATES
from .papers import paper_for, save_template
from .preparing import Prepared, prepare
from .second.queries import drafts_waiting, waiting_draft
from .second.signing import sign_first
from .several.choosing import MOST_OFFERED, lots_of, lots_offered

Kind = Certificate.Kind


@page("certificate")
def certificate_list(request: PageRequest) -> HttpResponse:
    may_sign = request.actor.may("certificate", "sign")
    drafts = drafts_waiting(request.actor) if may_sign else []
    return list_view(request, CERTIFICATES, may_sign=may_sign, drafts=drafts)


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
            "plain_rows": [] if newest.said.get("lines") else newest.said["rows"],
            "lots": queries.lots_listed(row),
            "changes": said_changes(newest, now()) if row.changed_at else [],
            "recipients": queries.recipients_seen(actor, newest),
            "may_sign": actor.may("certificate", "sign"),
            "may_publish": actor.may("product", "edit"),
            "next_url": _issue_url(row),
            "address": address_of(row.lot, request.build_absolute_uri("/")),
            "listed": "in" in request.GET,
        },
    )


def _issue_url(row: Certificate) -> str:
    given = {
        "lot": lot_name(row.lot), "kind": row.kind, "customer": row.customer_id or "", "more": lots_of(row)[1:],
    }  # fmt: skip
    return f"{reverse('certificate_issue')}?{urlencode(given, doseq=True)}"


@page("certificate")
def certificate_paper(request: PageRequest, identity: int) -> HttpResponseBase:
    row = queries.get_version(request.actor, identity)
    return serve(row.sha256, f"{row.certificate.number}-{row.version}.pdf", "application/pdf")


@page("certificate")
def certificate_signed_page(request: PageRequest, identity: int) -> HttpResponseBase:
    """The page that the inspector of a 3.2 certificate signed."""
    second = SecondSignature.objects.filter(version=queries.get_version(request.actor, identity)).first()
    if second is None:
        raise Http404(identity)
    return serve(second.page_sha256, second.page_name, second.page_type)


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
    found, customer, more = _prepared(request, lot, moment)
    there = certificate_of(lot, found.kind, customer, more)
    waiting = waiting_draft(found.lots, customer) if found.kind in TWO_SIGN else None
    sending = request.method == "POST"
    form = SignForm(
        actor, customer, there is not None, request.POST if sending else None, initial={"seen": seen_as(found, there)}
    )  # fmt: skip
    refused: list[str] = found.reasons
    if sending and form.is_valid():
        try:
            address = _sign(request, found, form.cleaned_data, moment)
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, address)
    offered = list(lots_offered(actor, lot, found.kind, customer, found.on)[:MOST_OFFERED])
    asked = {
        "kind": found.kind,
        "customer": customer.pk if customer else "",
        "more": [one.pk for one in more],
    }
    context = {
        "lot": lot,
        "lot_name": lot_name(lot),
        "found": found,
        "for_whom": ForWhomForm(actor, lot, offered, more, asked, day=found.on),
        "customer": customer,
        "there": there,
        "waiting": waiting,
        "two_sign": found.kind in TWO_SIGN,
        "form": form,
        "reasons": refused,
        "query": request.GET.urlencode(),
        "signer": actor.name,
    }
    return render(request, "quality/certificates/issue.html", context, status=422 if sending else 200)


def _sign(request: PageRequest, found: Prepared, given: dict[str, Any], moment: Any) -> str:
    """Signs, and where to go then: the certificate, or the draft that waits for its second signature."""
    about = {"actor": request.actor, "lot": found.lot, "customer": found.customer, "now": moment}
    beside = [one for one in found.lots if one.pk != found.lot.pk]
    if found.kind in TWO_SIGN:
        return reverse("certificate_draft", args=[sign_first(**about, **given, more=beside).pk])
    made = issue(**about, **given, more=beside, kind=found.kind, base=request.build_absolute_uri("/"))
    return reverse("certificate", args=[made.certificate_id])


def _asked_lot(actor: Actor, text: str) -> tuple[Lot | None, str]:
    if not text.strip():
        return None, ""
    try:
        lot = find_lot(actor, text)
    except AmbiguousLot as error:
        return None, _("Several lots are called so: %(names)s") % {"names": ", ".join(error.names)}
    return lot, "" if lot else _("There is no lot “%(name)s”.") % {"name": text}


def _prepared(request: PageRequest, lot: Lot, moment: Any) -> tuple[Prepared, Customer | None, list[Lot]]:
    actor, asked = request.actor, request.GET.get("customer", "")
    customer = None
    if asked:
        customer = (
            queries.customers_for(actor, lot, local_date(moment)).filter(pk=asked).first()
            if asked.isdecimal()
            else None
        )
        if customer is None:
            raise Http404("customer")
    kind = request.GET.get("kind", Kind.COA)
    more = queries.lots_asked(actor, request.GET.getlist("more"), lot)
    found = prepare(actor=actor, lot=lot, kind=kind, customer=customer, now=moment, more=more)
    return found, customer, more


@page("certificate", "sign")
def certificate_preview(request: PageRequest) -> HttpResponse:
    """The paper as it would be, marked as not valid."""
    lot, problem = _asked_lot(request.actor, request.GET.get("lot", ""))
    if lot is None:
        raise Http404(problem)
    moment = now()
    found, _customer, _more = _prepared(request, lot, moment)
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
