"""Pages of the laboratory: what waits, entering, verifying, declaring invalid, limits."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from bihuan.catalog.models import Characteristic
from bihuan.catalog.queries import get_product
from bihuan.customers.models import Customer
from bihuan.customers.records import CUSTOMER
from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import NotAllowed
from bihuan.kernel.fields import plain
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import local_date, now

from ..deciding import invalidate
from ..errors import LotError
from ..lots.queries import sees_results
from ..naming import lot_name, said_limits
from . import queries, specifying, wording
from .correcting import correct_limits
from .entering import enter_results
from .forms import CorrectForm, InvalidForm, LimitsForm, ResultsForm, RuleForm, VerifyForm
from .verifying import verify


@page("lot_test")
def laboratory(request: PageRequest) -> HttpResponse:
    found = queries.laboratory(request.actor, now=now())
    shown = {"found": found, "sees_tests": sees_results(request.actor)}
    return render(request, "quality/laboratory/list.html", shown)


@page("lot_test", "create", methods=("GET", "POST"))
def lot_results(request: PageRequest, identity: int) -> HttpResponse:
    """Enter results of a lot. What was refused is said beside its field, and what was typed is kept."""
    row = queries.lot_seen(request.actor, identity)
    if not sees_results(request.actor):
        raise NotAllowed("lot_test", "create")
    moment = now()
    bench = queries.bench(request.actor, row, now=moment)
    form = ResultsForm(request.POST if request.method == "POST" else None, bench=bench, now=moment)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            made = enter_results(
                actor=request.actor, lot=row, lines=given["lines"], tested_at=given["tested_at"],
                laboratory=given["laboratory"], sample=given["sample"], key=given["key"], now=moment,
            )  # fmt: skip
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            n = len(made)
            return go(
                request,
                reverse("lot", args=[row.pk]),
                ngettext("%(n)s result was entered.", "%(n)s results were entered.", n) % {"n": n},
            )
    shown = {"lot": row, "form": form, "bench": bench}
    return render(request, "quality/laboratory/enter.html", shown, status=422 if form.is_bound else 200)


@page("lot_test", "verify", methods=("GET", "POST"))
def lot_verify(request: PageRequest, identity: int) -> HttpResponse:
    """Verify results of a lot that others entered."""
    row = queries.lot_seen(request.actor, identity)
    if not sees_results(request.actor):
        raise NotAllowed("lot_test", "verify")
    drafts = queries.drafts_of(request.actor, row)
    offered = [one.result.pk for one in drafts if one.may_verify]
    form = VerifyForm(request.POST if request.method == "POST" else None, offered=offered)
    if form.is_bound and form.is_valid():
        try:
            found = verify(actor=request.actor, lot=row, results=form.cleaned_data["results"], now=now())
        except LotError as error:
            form.add_error(None, str(error))
        else:
            n = len(found)
            return go(
                request,
                reverse("lot", args=[row.pk]),
                ngettext("%(n)s result was verified.", "%(n)s results were verified.", n) % {"n": n},
            )
    shown = {"lot": row, "form": form, "drafts": drafts, "offered": offered}
    return render(request, "quality/laboratory/verify.html", shown, status=422 if form.is_bound else 200)


@page("lot_test", "create", methods=("GET", "POST"))
def result_invalid(request: PageRequest, identity: int) -> HttpResponse:
    """Ask why, then declare a result invalid."""
    row = queries.get_result(request.actor, identity)
    if not sees_results(request.actor):
        raise NotAllowed("lot_test", "create")
    form = InvalidForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            invalidate(actor=request.actor, result=row, now=now(), **form.cleaned_data)
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("lot", args=[row.lot_id]))
    title = f"{lot_name(row.lot)} · {row.characteristic.name} {row.said}"
    return dialog(request, title, form, reverse("result_invalid", args=[row.pk]), icon="ban")


@page("lot_test")
def specifications(request: PageRequest, identity: int) -> HttpResponse:
    product = get_product(request.actor, identity)
    found = queries.specified(request.actor, product, local_date(now()))
    shown = {
        "found": found, "product": product, "sees_tests": sees_results(request.actor), "may_specify": _may_specify(request),
    }  # fmt: skip
    return render(request, "quality/laboratory/specifications.html", shown)


@page("lot_test", "specify", methods=("GET", "POST"))
def specification_add(request: PageRequest, identity: int) -> HttpResponse:
    """Limits from a day on, for one characteristic; without a customer the product's own."""
    product = get_product(request.actor, identity)
    if not _may_specify(request):
        raise NotAllowed("lot_test", "specify")
    today = local_date(now())
    asked = request.GET.get("characteristic", "")
    given = {"valid_from": today, "characteristic": Characteristic.objects.filter(code=asked).first() if asked else None}  # fmt: skip
    form = LimitsForm(request.POST if request.method == "POST" else None, initial=given)
    customer = _customer(request)
    if form.is_bound and form.is_valid():
        limits = {
            name: form.cleaned_data[name] for name in ("characteristic", "lower", "upper", "valid_from")
        }
        try:
            specifying.set_limits(
                actor=request.actor, product=product, customer=customer, now=now(), **limits
            )
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("specifications", args=[product.pk]))
    more: dict[str, Any] = {"icon": "ruler-2", "picked": customer}
    if request.actor.may("customer"):
        more["picks"] = reverse("customer_picks")
    title = f"{pgettext_lazy('specification', 'New limits')} · {product.name}"
    return dialog(request, title, form, reverse("specification_add", args=[product.pk]), **more)


@page("lot_test", "specify", methods=("GET", "POST"))
def specification_correct(request: PageRequest, identity: int) -> HttpResponse:
    """Limits that began today, or begin later, put right with a reason; then what follows for lots is said."""
    row = queries.limits_seen(request.actor, identity)
    if not _may_specify(request):
        raise NotAllowed("lot_test", "specify")
    given = {name: plain(value) for name in ("lower", "upper") if (value := getattr(row, name)) is not None}
    given["seen"] = said_limits(row.lower, row.upper)
    form = CorrectForm(request.POST if request.method == "POST" else None, initial=given)
    if form.is_bound and form.is_valid():
        try:
            after = correct_limits(actor=request.actor, limits=row.pk, now=now(), **form.cleaned_data)
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("specifications", args=[row.product_id]), wording.said_after(after))
    whose = row.customer.name if row.customer is not None else row.product.name
    title = f"{pgettext_lazy('specification', 'Correct limits')} · {row.characteristic.name} · {whose}"
    return dialog(request, title, form, reverse("specification_correct", args=[row.pk]), icon="pencil")


def _customer(request: PageRequest) -> Customer | None:
    """Whom the form names; 404 for one that the actor does not see, or that is none."""
    text = request.POST.get("other", "") or request.GET.get("other", "")
    if not text:
        return None
    rows = (
        CUSTOMER.visible_to(request.actor).filter(pk=int(text))
        if text.isdecimal() and len(text) < 19
        else None
    )
    row: Customer | None = rows.first() if rows is not None else None
    if row is None:
        raise Http404("customer")
    return row


@page("lot_test", "specify", methods=("GET", "POST"))
def specification_rule(request: PageRequest, identity: int) -> HttpResponse:
    """How many people verify a result of the product, and what its customers' own limits stop."""
    product = get_product(request.actor, identity)
    if not _may_specify(request):
        raise NotAllowed("lot_test", "specify")
    found = queries.specified(request.actor, product, local_date(now()))
    given = {name: getattr(found.rule, name) for name in RuleForm.base_fields}
    form = RuleForm(request.POST if request.method == "POST" else None, initial=given)
    if form.is_bound and form.is_valid():
        try:
            specifying.set_rule(actor=request.actor, product=product, now=now(), **form.cleaned_data)
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("specifications", args=[product.pk]))
    title = f"{_('Verification')} · {product.name}"
    return dialog(request, title, form, reverse("specification_rule", args=[product.pk]), icon="checks")


def _may_specify(request: PageRequest) -> bool:
    return sees_results(request.actor) and request.actor.may("lot_test", "specify")
