"""The switches on every page (language, light and dark), and the pages for what went wrong."""

from __future__ import annotations

from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from bihuan.kernel.time import now
from bihuan.people.models import User
from bihuan.people.services import change_own_settings

from .context import THEME_COOKIE

YEAR = 365 * 24 * 3600


def back_to(request: HttpRequest) -> str:
    target = request.POST.get("next") or request.headers.get("Referer") or "/"
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return target if safe else "/"


@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Read in another language from now on, here and at the next sign-in."""
    response = HttpResponseRedirect(back_to(request))
    language = request.POST.get("language", "")
    if language in dict(settings.LANGUAGES):
        if request.user.is_authenticated:
            keep_setting(request, language=language)
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, samesite="Lax")
    return response


@require_POST
def set_theme(request: HttpRequest) -> HttpResponse:
    """Light or dark from now on. The script of the page sends this in the background; without it the page reloads."""
    dark = request.POST.get("theme") == "dark"
    quiet = request.headers.get("X-Requested-With") == "fetch"
    response = HttpResponse(status=204) if quiet else HttpResponseRedirect(back_to(request))
    if request.user.is_authenticated:
        keep_setting(request, dark_mode=dark)
    response.set_cookie(THEME_COOKIE, "dark" if dark else "light", max_age=YEAR, samesite="Lax")
    return response


def keep_setting(request: HttpRequest, **changes: Any) -> None:
    user = cast(User, request.user)
    present: dict[str, Any] = {"language": user.language, "dark_mode": user.dark_mode}
    change_own_settings(actor=request.actor, user=user, now=now(), **present | changes)  # type: ignore[attr-defined]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def not_allowed(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    return render(request, "500.html", status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "csrf.html", status=403)
