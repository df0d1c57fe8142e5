"""Contacts, sites, relations, competitors and facts: dialogs over the customer's page, whose panel comes anew."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.actor import FieldClass, NotAllowed, require
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import local_date, now

from .. import queries, services
from ..errors import CustomerError
from ..forms import CompetitorForm, ContactForm, FactForm, NameForm, RelationForm, SiteForm, of, put_error
from ..models import Competitor, Contact, Customer, Site
from ..records import CONTACT, CUSTOMER, SITE
from ..search import searched
from .answers import dialog, panel_again


def _answer(request: PageRequest, customer: Customer, panel: str) -> HttpResponse:
    return panel_again(request, customer, panel, reverse("customer", args=[customer.pk]))


def _one(spec: Any, request: PageRequest, identity: int) -> Any:
    row = spec.visible_to(request.actor).select_related("customer").filter(pk=identity).first()
    if row is None:
        raise Http404(spec.name)
    if not spec.visible_to(request.actor, "edit").filter(pk=identity).exists():
        raise NotAllowed(spec.name, "edit")
    return row


@page("contact", "create", methods=("GET", "POST"))
def contact_create(request: PageRequest, identity: int) -> HttpResponse:
    customer = queries.get_customer(request.actor, identity)
    form = ContactForm(
        request.POST if request.method == "POST" else None, actor=request.actor, action="create"
    )
    if form.is_bound and form.is_valid():
        try:
            services.add_contact(actor=request.actor, customer=customer, values=form.changes(), now=now())
        except CustomerError as error:
            put_error(form, error)
        else:
            return _answer(request, customer, "chain")
    return dialog(
        request, _("New contact"), form, reverse("contact_create", args=[identity]), icon="user-plus"
    )


@page("contact", "edit", methods=("GET", "POST"))
def contact_edit(request: PageRequest, identity: int) -> HttpResponse:
    row: Contact = _one(CONTACT, request, identity)
    form = ContactForm(
        request.POST if request.method == "POST" else None,
        actor=request.actor,
        action="edit",
        initial=of(ContactForm.base_fields, row),
    )
    if form.is_bound and form.is_valid():
        try:
            services.edit_contact(
                actor=request.actor,
                contact=row,
                changes=form.changes(),
                version=form.cleaned_data.get("version"),
                now=now(),
            )
        except CustomerError as error:
            put_error(form, error)
        else:
            return _answer(request, row.customer, "chain")
    extra = {
        "extra_url": reverse("contact_active", args=[identity]),
        "extra_label": _("Has left") if row.is_active else _("Is back"),
        "extra_icon": "user-x" if row.is_active else "user-check",
    }
    return dialog(request, row.name, form, reverse("contact_edit", args=[identity]), icon="user", **extra)


@page("contact", "edit", methods=("POST",))
def contact_active(request: PageRequest, identity: int) -> HttpResponse:
    """Somebody left, or is back: pressed again, it is undone."""
    row: Contact = _one(CONTACT, request, identity)
    services.set_contact_active(actor=request.actor, contact=row, is_active=not row.is_active, now=now())
    return _answer(request, row.customer, "chain")


@page("site", "create", methods=("GET", "POST"))
def site_create(request: PageRequest, identity: int) -> HttpResponse:
    customer = queries.get_customer(request.actor, identity)
    form = SiteForm(request.POST if request.method == "POST" else None, actor=request.actor, action="create")
    if form.is_bound and form.is_valid():
        try:
            services.add_site(actor=request.actor, customer=customer, values=form.changes(), now=now())
        except CustomerError as error:
            put_error(form, error)
        else:
            return _answer(request, customer, "sites")
    return dialog(request, _("New site"), form, reverse("site_create", args=[identity]), icon="map-pin")


@page("site", "edit", methods=("GET", "POST"))
def site_edit(request: PageRequest, identity: int) -> HttpResponse:
    row: Site = _one(SITE, request, identity)
    form = SiteForm(
        request.POST if request.method == "POST" else None,
        actor=request.actor,
        action="edit",
        initial=of(SiteForm.base_fields, row),
    )
    if form.is_bound and form.is_valid():
        try:
            services.edit_site(
                actor=request.actor,
                site=row,
                changes=form.changes(),
                version=form.cleaned_data.get("version"),
                now=now(),
            )
        except CustomerError as error:
            put_error(form, error)
        else:
            return _answer(request, row.customer, "sites")
    return dialog(request, row.name, form, reverse("site_edit", args=[identity]), icon="map-pin")


@page("customer", "edit", methods=("GET", "POST"))
def name_add(request: PageRequest, identity: int) -> HttpResponse:
    customer = queries.get_customer(request.actor, identity, "edit")
    form = NameForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.add_name(actor=request.actor, customer=customer, now=now(), **form.cleaned_data)
        except CustomerError as error:
            put_error(form, error)
        else:
            return _answer(request, customer, "particulars")
    return dialog(request, _("Another name"), form, reverse("name_add", args=[identity]), icon="id")


@page("customer", "edit", methods=("POST",))
def name_remove(request: PageRequest, identity: int) -> HttpResponse:
    customer = services.remove_name(actor=request.actor, name_id=identity, now=now())
    return _answer(request, customer, "particulars")


@page("customer", "edit", methods=("GET", "POST"))
def relation_create(request: PageRequest, identity: int) -> HttpResponse:
    customer = queries.get_customer(request.actor, identity, "edit")
    form = RelationForm(request.POST if request.method == "POST" else None)
    other = None
    if form.is_bound and form.is_valid():
        other = queries.customers_visible_to(request.actor).filter(pk=form.cleaned_data["other"]).first()
        try:
            if other is None:
                raise CustomerError(_("Pick a customer from the list."), "other")
            services.add_relation(
                actor=request.actor,
                customer=customer,
                other=other,
                kind=form.cleaned_data["kind"],
                note=form.cleaned_data["note"],
                now=now(),
            )
        except CustomerError as error:
            put_error(form, error)
        else:
            return _answer(request, customer, "relations")
    return dialog(
        request,
        _("New relation"),
        form,
        reverse("relation_create", args=[identity]),
        icon="sitemap",
        picks=reverse("customer_picks"),
        picked=other,
    )


@page("customer")
def customer_picks(request: PageRequest) -> HttpResponse:
    """Customers to pick from, by what is typed."""
    from django.shortcuts import render

    text = request.GET.get("find", "").strip()[:100]
    rows = (
        searched(request.actor, queries.customers_visible_to(request.actor), text).order_by("name", "pk")[:8]
        if text
        else []
    )
    return render(request, "customers/partials/picks.html", {"rows": rows, "text": text})


@page("customer", "edit", methods=("POST",))
def relation_remove(request: PageRequest, identity: int) -> HttpResponse:
    shown = request.POST.get("customer", "")
    customer = services.remove_relation(actor=request.actor, relation_id=identity, now=now())
    if shown.isascii() and shown.isdigit():
        customer = CUSTOMER.visible_to(request.actor).filter(pk=int(shown[:18])).first() or customer
    return _answer(request, customer, "relations")


@page("customer", "edit", methods=("GET", "POST"))
def competitor_record(request: PageRequest, identity: int) -> HttpResponse:
    require(request.actor, "customer", "edit", FieldClass.COMMERCIAL)
    customer = queries.get_customer(request.actor, identity, "edit")
    form = CompetitorForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.record_competitor(actor=request.actor, customer=customer, now=now(), **form.cleaned_data)
        except CustomerError as error:
            put_error(form, error)
        else:
            return _answer(request, customer, "competitors")
    form.fields["name"].widget.attrs |= {"list": "words-name", "autocomplete": "off"}
    words = {"name": list(Competitor.objects.order_by("name").values_list("name", flat=True)[:200])}
    return dialog(
        request,
        _("Competitor"),
        form,
        reverse("competitor_record", args=[identity]),
        icon="target",
        words=words,
    )


@page("customer", "edit", methods=("POST",))
def competitor_remove(request: PageRequest, identity: int) -> HttpResponse:
    customer = services.remove_competitor(actor=request.actor, entry_id=identity, now=now())
    return _answer(request, customer, "competitors")


@page("customer", "edit", methods=("GET", "POST"))
def fact_record(request: PageRequest, identity: int) -> HttpResponse:
    customer = queries.get_customer(request.actor, identity, "edit")
    form = FactForm(
        request.POST if request.method == "POST" else None,
        actor=request.actor,
        initial={"as_of": local_date(now())},
    )
    if form.is_bound and form.is_valid():
        try:
            services.record_fact(actor=request.actor, customer=customer, now=now(), **form.cleaned_data)
        except CustomerError as error:
            put_error(form, error)
        else:
            return _answer(request, customer, "facts")
    return dialog(
        request,
        _("Fact"),
        form,
        reverse("fact_record", args=[identity]),
        icon="clipboard-list",
        words={"facts": [str(one.label) for one in form.known]},
    )
