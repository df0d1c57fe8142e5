"""One's own page: posts, language, light or dark, ways of signing in."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import translation
from django.utils.translation import gettext as _

from bihuan.kernel.pages.request import PageRequest, page
from bihuan.kernel.time import now

from .. import services
from ..forms import ProfileForm
from ..models import User
from ..wording import ROLE_WORDS


@page(methods=("GET", "POST"))
def profile(request: PageRequest) -> HttpResponse:
    user = cast(User, request.user)
    form = ProfileForm(request.POST or None, initial={"language": user.language, "dark_mode": user.dark_mode})
    if request.method == "POST" and form.is_valid():
        services.change_own_settings(actor=request.actor, user=user, now=now(), **form.cleaned_data)
        translation.activate(user.language)
        messages.success(request, _("Saved."))
        return HttpResponseRedirect(request.path)
    posts = [ROLE_WORDS.get(role, role) for role in sorted(request.actor.roles)]
    return render(request, "people/pages/profile.html", {"form": form, "person": user, "posts": posts})
