"""Asking and answering, each in a dialog."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.actor import NotAllowed
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ..errors import CaseError
from ..forms import put_error
from ..models import GreenRequest
from ..queries import get_case, may_on
from .asking import answer_request, ask_to_hold
from .forms import AnswerForm, AskForm
from .queries import may_answer


@page("case", "edit", methods=("GET", "POST"))
def green_ask(request: PageRequest, identity: int) -> HttpResponse:
    """Ask a department for something more than the matrix does."""
    case = get_case(request.actor, identity)
    if not may_on(request.actor, case, "edit"):
        raise NotAllowed("case", "edit")
    form = AskForm(request.POST if request.method == "POST" else None, actor=request.actor)
    if form.is_bound and form.is_valid():
        try:
            ask_to_hold(actor=request.actor, case=case, now=now(), **form.cleaned_data)
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("case", args=[case.pk]))
    url = reverse("green_ask", args=[identity])
    return dialog(request, _("Ask to hold goods or capacity"), form, url, icon="bolt")


@page("case", methods=("GET", "POST"))
def green_answer(request: PageRequest, identity: int, request_id: int) -> HttpResponse:
    """Answer what one was asked."""
    case = get_case(request.actor, identity)
    asked = GreenRequest.objects.filter(pk=request_id, case=case).first()
    if asked is None:
        raise Http404(request_id)
    if not (may_answer(request.actor, asked, now()) or may_on(request.actor, case, "edit")):
        raise NotAllowed("case", "edit")
    sending = request.method == "POST"
    share = asked.capacity_share and (asked.capacity_share * 100).normalize()
    initial = {"share": f"{share:f}" if share else None}
    form = AnswerForm(request.POST if sending else None, initial=initial)
    if sending and form.is_valid():
        try:
            answer_request(actor=request.actor, request_id=request_id, now=now(), **form.cleaned_data)
        except CaseError as error:
            put_error(form, error)
        else:
            return go(request, reverse("case", args=[case.pk]))
    url = reverse("green_answer", args=[identity, request_id])
    return dialog(request, _("Answer: %(what)s") % {"what": asked.what}, form, url, icon="bolt")
