"""The page of a 3.2 certificate that waits for its second signature."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.customers.views.answers import dialog, go
from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ...errors import LotError
from ..issuing import certificate_of, holds_as, paper_of
from .forms import DeclineForm, SecondForm
from .queries import get_draft
from .signing import KIND, decline, prepared_again, sign_second


@page("certificate", "sign", methods=("GET", "POST"))
def draft_page(request: PageRequest, identity: int) -> HttpResponse:
    """What the first signed, what stands against issuing it today, and the form for the second signature."""
    actor, moment = request.actor, now()
    row = get_draft(actor, identity)
    second = getattr(row, "second", None)
    today = prepared_again(actor, row, moment)
    there = certificate_of(today.lot, KIND, today.customer, today.lots[1:])
    sending = request.method == "POST"
    form = SecondForm(request.POST if sending else None, request.FILES if sending else None)
    if sending and form.is_valid():
        try:
            made = sign_second(
                actor=actor, draft=row, base=request.build_absolute_uri("/"), now=moment, **form.cleaned_data
            )
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("certificate", args=[made.certificate_id]))
    context: dict[str, Any] = {
        "row": row,
        "said": row.said,
        "lots": today.lots,
        "second": second,
        "reasons": today.reasons,
        "holds": holds_as(today, there) == row.digest,
        "is_mine": row.signer_id == actor.user_id,
        "form": form,
    }
    return render(request, "quality/certificates/draft.html", context, status=422 if sending else 200)


@page("certificate", "sign")
def draft_paper(request: PageRequest, identity: int) -> HttpResponse:
    """The paper for the inspector to sign, marked as a draft, without number and code."""
    row = get_draft(request.actor, identity)
    prepared_again(request.actor, row, now())  # refuses whoever may not read the results
    answer = HttpResponse(paper_of(row.said, row.signed_at), content_type="application/pdf")
    answer["Content-Disposition"] = 'inline; filename="draft.pdf"'
    return answer


@page("certificate", "sign", methods=("GET", "POST"))
def draft_decline(request: PageRequest, identity: int) -> HttpResponse:
    row = get_draft(request.actor, identity)
    sending = request.method == "POST"
    form = DeclineForm(request.POST if sending else None)
    if sending and form.is_valid():
        try:
            decline(actor=request.actor, draft=row, now=now(), **form.cleaned_data)
        except LotError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return go(request, reverse("certificate_draft", args=[row.pk]))
    url = reverse("certificate_draft_decline", args=[identity])
    return dialog(request, _("Decline the second signature"), form, url, icon="circle-x")
