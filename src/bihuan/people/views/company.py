"""Our own company: its name on papers."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ..company import company_name, name_company
from ..errors import PeopleError
from ..forms import CompanyForm


@page("setting", "administer", methods=("GET", "POST"))
def company(request: PageRequest) -> HttpResponse:
    sending = request.method == "POST"
    form = CompanyForm(request.POST if sending else None, initial={"name": company_name()})
    if sending and form.is_valid():
        try:
            name_company(actor=request.actor, name=form.cleaned_data["name"], now=now())
        except PeopleError as error:
            form.add_error("name", str(error))
        else:
            messages.success(request, _("Saved."))
            return HttpResponseRedirect(reverse("company"))
    status = 422 if sending else 200
    return render(request, "people/pages/company.html", {"form": form}, status=status)
