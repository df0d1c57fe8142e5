"""Opening a case, and putting aside what one was told."""

from __future__ import annotations

from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.customers.forms import LookForm
from bihuan.customers.models import Customer
from bihuan.customers.queries import customers_visible_to
from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import services
from ..correspondence.forms import begin_with, template_choices
from ..errors import CaseError
from ..forms import NewCaseForm, put_error
from ..models import CaseTemplate
from ..promised import promised_now

KEPT = ("contact", "references", "due_at")
"""What a new case's form keeps when another template is picked, beside the customer."""


@page("case", "create", methods=("GET", "POST"))
def case_create(request: PageRequest) -> HttpResponse:
    """One box; from a customer's page the customer is known."""
    known = _customer(request, request.GET.get("customer", ""))
    sending = request.method == "POST"
    # Another template is picked in the dialog: what was chosen there stays.
    told = request.POST if sending else request.GET
    picked = known or _customer(request, told.get("other", ""))
    begun = begin_with(request.actor, picked, told.get("template", ""))
    if not sending:
        begun |= {one: text for one in KEPT if (text := request.GET.get(one, ""))}
    form = NewCaseForm(
        request.POST if sending else None,
        actor=request.actor,
        promised=promised_now(),
        customer=known,
        initial=begun,
    )
    if sending and form.is_valid():
        given = form.cleaned_data
        picked = _customer(request, str(given["other"]))
        try:
            if picked is None:
                raise CaseError(_("Pick a customer from the list."), "other")
            case = services.open_case(
                actor=request.actor,
                customer=picked,
                text=given["text"],
                title=begun.get("title", ""),
                kind=given["kind"],
                severity=int(given["severity"]) if given["severity"] else None,
                contact=given.get("contact"),
                references=given["references"],
                due={"resolution": given["due_at"]},
                now=now(),
            )
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("case", args=[case.pk]))
    title = _("New case: %(customer)s") % {"customer": known} if known else _("New case")
    url = reverse("case_create") + (f"?customer={known.pk}" if known else "")
    picks = "" if known else reverse("customer_picks")
    return dialog(
        request, title, form, url, icon="inbox", picks=picks, picked=picked,
        templates=template_choices(CaseTemplate.Use.CASE), template=begun.get("template"),
        watched="service/finding/watch.html",
    )  # fmt: skip


def _customer(request: PageRequest, text: str) -> Customer | None:
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    return customers_visible_to(request.actor).filter(pk=int(text)).first()


@page("setting", "administer", methods=("GET", "POST"))
def clocks_recompute(request: PageRequest) -> HttpResponse:
    """A list of holidays has arrived: open clocks are reckoned anew in the background."""
    form = LookForm(request.POST if request.method == "POST" else None)
    if form.is_bound:
        services.order_recomputing(actor=request.actor, now=now())
        return go(request, reverse("today"), _("Open clocks are being reckoned anew."))
    return dialog(request, _("Reckon open clocks anew"), form, reverse("clocks_recompute"), icon="refresh")


@page("case", methods=("POST",))
def notices_read(request: PageRequest) -> HttpResponse:
    """Put aside what one was told: about one case, or all of it."""
    text = request.POST.get("case", "")
    one = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
    services.put_notices_aside(actor=request.actor, case_id=one, now=now())
    return HttpResponse("") if request.htmx else HttpResponseRedirect(reverse("today"))
