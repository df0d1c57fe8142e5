"""A case's files: attaching, looking, withdrawing."""

from __future__ import annotations

from django import forms
from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.customers.forms import LookForm
from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import FieldClass, NotAllowed
from bihuan.kernel.files import serve
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import queries, services
from ..errors import CaseError


class WithdrawForm(LookForm):
    reason = forms.CharField(label=gettext_lazy("Why it is withdrawn"), max_length=500)


@page("case", "note", methods=("POST",))
def case_files(request: PageRequest, identity: int) -> HttpResponse:
    """Attach files. What was refused is said above the same form; nothing of it was kept."""
    case = queries.get_case(request.actor, identity)
    if not queries.may_on(request.actor, case, "note"):
        raise NotAllowed("case", "note")
    is_technical = bool(request.POST.get("is_technical"))
    is_internal = is_technical or bool(request.POST.get("is_internal"))
    try:
        services.attach(
            request.actor,
            case,
            request.FILES.getlist("files"),
            now(),
            is_internal=is_internal,
            field_class=FieldClass.TECHNICAL if is_technical else FieldClass.PUBLIC,
        )
    except CaseError as error:
        context = {"case": case, "refusal": str(error), "may_attach": True}
        return render(request, "service/files/refused.html", context, status=422)
    return go(request, reverse("case", args=[identity]) + "#files")


@page("case")
def case_file(request: PageRequest, identity: int, file_id: int) -> FileResponse:
    """The file itself, to be saved; a photo is shown."""
    file = queries.get_file(request.actor, identity, file_id)
    return serve(file.sha256, file.name, file.content_type, inline=file.is_image)


@page("case")
def case_file_small(request: PageRequest, identity: int, file_id: int) -> FileResponse:
    """A photo in small, for the page."""
    file = queries.get_file(request.actor, identity, file_id)
    if not file.is_image:
        raise Http404(file_id)
    if not file.small:
        return serve(file.sha256, file.name, file.content_type, inline=True)
    return serve(file.small, file.name, "image/webp", inline=True)


@page("case", "edit", methods=("GET", "POST"))
def case_file_withdraw(request: PageRequest, identity: int, file_id: int) -> HttpResponse:
    file = queries.get_file(request.actor, identity, file_id)
    case = queries.get_case(request.actor, identity)
    if not queries.may_on(request.actor, case, "edit"):
        raise NotAllowed("case", "edit")
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            services.withdraw_file(request.actor, case, file, form.cleaned_data["reason"], now())
        except CaseError as error:
            form.add_error(error.field or None, str(error))
        else:
            return go(request, reverse("case", args=[identity]))
    url = reverse("case_file_withdraw", args=[identity, file_id])
    return dialog(request, _("Withdraw %(name)s") % {"name": file.name}, form, url, icon="trash")
