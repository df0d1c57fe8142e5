"""The list of customers, and the page of one."""

from __future__ import annotations

from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from bihuan.kernel.pages.list_views import list_view
from bihuan.kernel.pages.registry import Suggestion, load_pages
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.pages.views import drawn_panels
from bihuan.kernel.time import local_date, now

from .. import queries
from ..lists import CUSTOMERS
from ..models import Customer
from ..records import CUSTOMER
from ..rules import freshness, freshness_score


@page("customer")
def customer_list(request: PageRequest) -> HttpResponse:
    return list_view(request, CUSTOMERS, may_create=request.actor.may("customer", "create"))


@page("customer")
def customer_page(request: PageRequest, identity: int) -> HttpResponse:
    """Who the customer is, and what to do next; everything else comes in one request a column."""
    customer = queries.get_customer(request.actor, identity)
    if customer.merged_into_id is not None:
        return _to_survivor(request, customer)
    complete, missing = queries.complete_of(customer)
    moment = now()
    known = customer.verified_on, local_date(customer.updated_at), local_date(moment)
    actor = request.actor
    return render(
        request,
        "customers/pages/customer.html",
        {
            "customer": customer,
            "tags": queries.split_tags(customer.tag_text),  # type: ignore[attr-defined]
            "complete": complete,
            "missing": missing,
            "freshness": freshness(*known),
            "fresh": freshness_score(*known),
            "head": drawn_panels(request, "customer", customer, "head"),
            "suggestion": next_suggestion(request, customer),
            "listed": "in" in request.GET,
            "may_edit": CUSTOMER.visible_to(actor, "edit").filter(pk=identity).exists()
            if actor.may("customer", "edit")
            else False,
        },
    )


def _to_survivor(request: PageRequest, customer: Customer) -> HttpResponse:
    """A merged customer's address leads to the one it became, if the actor sees that."""
    survivor = customer.merged_into_id
    if not CUSTOMER.visible_to(request.actor).filter(pk=survivor).exists():
        raise Http404("customer")
    return HttpResponseRedirect(reverse("customer", args=[survivor]))


def next_suggestion(request: PageRequest, customer: Customer) -> Suggestion | None:
    """The most pressing of what all rooms suggest."""
    moment = now()
    found = []
    for ask in load_pages().suggestions.get("customer", ()):
        one = ask(request.actor, customer, moment)
        if one is not None:
            found.append(one)
    return min(found, key=lambda one: one.rank, default=None)
