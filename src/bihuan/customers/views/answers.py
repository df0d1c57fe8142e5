"""How the room's dialogs ask and answer."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from bihuan.kernel.pages.request import PageRequest
from bihuan.kernel.pages.views import drawn_panel

from ..models import Customer


def dialog(request: PageRequest, title: str, form: Any, url: str, **more: Any) -> HttpResponse:
    """A form as a dialog's content; as a page of its own when opened directly."""
    template = "customers/partials/dialog.html" if request.htmx else "customers/pages/form.html"
    context = {"title": title, "form": form, "url": url, **more}
    return render(request, template, context, status=422 if form.is_bound else 200)


def go(request: PageRequest, url: str, message: str = "") -> HttpResponse:
    """To another page, from a dialog as from a page."""
    if message:
        messages.success(request, message)
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url)


def panel_again(request: PageRequest, customer: Customer, name: str, url: str) -> HttpResponse:
    """After a change in a panel: the panel anew, and the dialog closes. Opened directly: to the customer's page."""
    if not request.htmx:
        return HttpResponseRedirect(url)
    html = drawn_panel(request, "customer", customer, name)
    headers = {
        "HX-Retarget": f"#panel-{name}",
        "HX-Reswap": "outerHTML",
        "HX-Trigger": json.dumps({"close-dialog": True}),
    }
    return HttpResponse(html, headers=headers)
