"""A person's access tokens: the administrator makes them, sees when they were used, and revokes them."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from ..access import STAFF
from ..doors import one_visible
from ..errors import PeopleError
from ..models import User
from .forms import TokenForm
from .scopes import known_scopes
from .services import make_token, revoke_token

SHOWN = 100


@page("staff", "administer", methods=("GET", "POST"))
def staff_tokens(request: PageRequest, user_id: int) -> HttpResponse:
    """The key of a new token stands on the page that answers, and on no other."""
    person = one_visible(STAFF, request.actor, "administer", pk=user_id)
    if request.method != "POST":
        return _page(request, person, TokenForm())
    form = TokenForm(request.POST)
    if form.is_valid():
        try:
            token, secret = make_token(actor=request.actor, user=person, now=now(), **form.cleaned_data)
        except PeopleError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            return _page(request, person, TokenForm(), secret=secret, fresh=token)
    return _page(request, person, form, status=422)


@page("staff", "administer", methods=("POST",))
def staff_token_revoke(request: PageRequest, user_id: int, token_id: int) -> HttpResponse:
    person = one_visible(STAFF, request.actor, "administer", pk=user_id)
    token = person.access_tokens.filter(pk=token_id).first()
    if token is None:
        raise Http404(token_id)
    revoke_token(actor=request.actor, token=token, now=now())
    messages.success(request, _("Revoked: it opens nothing any more."))
    return HttpResponseRedirect(reverse("staff_tokens", args=[person.pk]))


def _page(
    request: PageRequest, person: User, form: TokenForm, *, status: int = 200, **more: Any
) -> HttpResponse:
    moment, labels = now(), {one.name: one.label for one in known_scopes().values()}
    rows = [
        {
            "token": one,
            "scopes": [labels.get(name, name) for name in one.scopes],
            "is_open": one.is_open(moment),
            "is_expired": one.revoked_at is None and not one.is_open(moment),
        }
        for one in person.access_tokens.order_by("-id")[:SHOWN]
    ]
    context = {"person": person, "form": form, "rows": rows, **more}
    answer = render(request, "people/tokens/tokens.html", context, status=status)
    answer["Cache-Control"] = "no-store"
    return answer
