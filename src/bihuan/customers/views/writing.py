"""Adding and editing a customer, its note and tags, and saying that it is right."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import queries, services
from ..duplicates.similar import find_similar
from ..errors import CustomerError
from ..forms import CustomerForm, NewCustomerForm, NoteForm, TagsForm, put_error
from ..models import CustomerTag
from ..rules import compact_code, credit_code_fault
from .answers import dialog, go


@page("customer", "create", methods=("GET", "POST"))
def customer_create(request: PageRequest) -> HttpResponse:
    """One box; while one types, customers that may be the same one appear below it."""
    sending = request.method == "POST"
    form = NewCustomerForm(
        request.POST if sending else None, actor=request.actor, similar_url=reverse("customer_similar")
    )
    similar: list[Any] = []
    sure = request.POST.get("sure") == "1"
    if sending and form.is_valid():
        given = form.cleaned_data
        similar = _similar(request, given)
        if not similar or sure:
            try:
                customer = services.create_customer(
                    actor=request.actor,
                    name=given["name"],
                    credit_code=given["credit_code"],
                    contact_name=given["contact_name"],
                    phone=given.get("phone", ""),
                    despite_similar=sure,
                    now=now(),
                )
            except CustomerError as error:
                put_error(form, error)
            else:
                return go(request, reverse("customer", args=[customer.pk]))
    code = compact_code(request.POST.get("credit_code", "")[:40])
    fault = credit_code_fault(code) if similar and code else None
    context = {"form": form, "similar": similar, "ask_sure": bool(similar), "fault": fault}
    status = 422 if sending else 200
    if request.htmx:
        return render(request, "customers/partials/create.html", context, status=status)
    return render(request, "customers/pages/create.html", context, status=status)


def _similar(request: PageRequest, given: Any) -> list[Any]:
    name = str(given.get("name", "")).strip()[:200]
    return find_similar(
        request.actor,
        name=name,
        credit_code=str(given.get("credit_code", ""))[:30],
        phone=str(given.get("phone", ""))[:60],
        limit=5,
    )


@page("customer", "create")
def customer_similar(request: PageRequest) -> HttpResponse:
    """Customers that may be the one being typed, and whether the credit code can be right."""
    code = compact_code(request.GET.get("credit_code", "")[:40])
    fault = credit_code_fault(code) if len(code) >= 18 else None
    found = _similar(request, request.GET) if len(request.GET.get("name", "").strip()) >= 2 or code else []
    return render(request, "customers/partials/similar.html", {"similar": found, "fault": fault})


@page("customer", "edit", methods=("GET", "POST"))
def customer_edit(request: PageRequest, identity: int) -> HttpResponse:
    customer = queries.get_customer(request.actor, identity, "edit")
    sending = request.method == "POST"
    form = CustomerForm(request.POST if sending else None, actor=request.actor, customer=customer)
    if sending and form.is_valid():
        try:
            services.edit_customer(
                actor=request.actor,
                customer=customer,
                changes=form.changes(),
                version=form.cleaned_data.get("version"),
                now=now(),
            )
        except CustomerError as error:
            put_error(form, error)
        else:
            messages.success(request, _("Saved."))
            if not queries.customers_visible_to(request.actor).filter(pk=identity).exists():
                return HttpResponseRedirect(reverse("customers"))
            return HttpResponseRedirect(reverse("customer", args=[identity]))
    words = {name: queries.words_in_use(request.actor, name) for name in CustomerForm.LISTS}
    return render(
        request,
        "customers/pages/edit.html",
        {"form": form, "customer": customer, "words": words},
        status=422 if sending else 200,
    )


@page("customer", "edit", methods=("POST",))
def customer_verify(request: PageRequest, identity: int) -> HttpResponse:
    customer = queries.get_customer(request.actor, identity, "edit")
    services.verify_customer(actor=request.actor, customer=customer, now=now())
    messages.success(request, _("Noted: the record is right as of today."))
    return HttpResponseRedirect(reverse("customer", args=[identity]))


@page("customer", "edit", methods=("GET", "POST"))
def customer_note(request: PageRequest, identity: int) -> HttpResponse:
    """A line about the customer: one box."""
    customer = queries.get_customer(request.actor, identity, "edit")
    sending = request.method == "POST"
    form = NoteForm(request.POST if sending else None)
    if sending and form.is_valid():
        try:
            services.add_note(
                actor=request.actor, customer=customer, text=form.cleaned_data["text"], now=now()
            )
        except CustomerError as error:
            put_error(form, error)
        else:
            return go(request, reverse("customer", args=[identity]), _("Noted."))
    return dialog(request, _("Write a note"), form, reverse("customer_note", args=[identity]), icon="note")


@page("customer", "edit", methods=("GET", "POST"))
def customer_tags(request: PageRequest, identity: int) -> HttpResponse:
    """The tags that people give; those that a rule gives are not asked."""
    customer = queries.get_customer(request.actor, identity, "edit")
    sending = request.method == "POST"
    held = list(CustomerTag.objects.filter(customer=customer, by_rule=False).values_list("tag_id", flat=True))
    form = TagsForm(request.POST if sending else None, initial={"tags": held})
    if sending and form.is_valid():
        services.set_tags(actor=request.actor, customer=customer, tags=form.cleaned_data["tags"], now=now())
        return go(request, reverse("customer", args=[identity]))
    return dialog(request, _("Tags"), form, reverse("customer_tags", args=[identity]), icon="tags")
