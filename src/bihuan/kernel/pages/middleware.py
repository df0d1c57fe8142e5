"""What happens around every page: the reader's language, refusals as pages, messages as toasts."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers

from bihuan.kernel.actor import NotAllowed

Respond = Callable[[HttpRequest], HttpResponse]
LANGUAGES = dict(settings.LANGUAGES)


def chosen_language(request: HttpRequest) -> str:
    """The person's own setting; before sign-in the cookie, else the company's language.

    The browser's list is not asked: the company's language comes first, and the switch is on every page.
    """
    cookie = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    language = getattr(request.user, "language", "") or cookie
    return language if language in LANGUAGES else settings.LANGUAGE_CODE


class LanguageMiddleware:
    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = chosen_language(request)
        translation.activate(language)
        request.LANGUAGE_CODE = language
        response = self.get_response(request)
        patch_vary_headers(response, ["Cookie"])
        response.headers.setdefault("Content-Language", language)
        return response


class RefusalMiddleware:
    """`NotAllowed` becomes the 403 page, or a toast where only a part of a page was asked for."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, NotAllowed):
            return None
        return render(request, "403.html", {"refusal": error}, status=403)


class ToastMiddleware:
    """Messages raised while answering a partial request travel in a header; app.js shows them."""

    def __init__(self, get_response: Respond) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if getattr(request, "htmx", None) and "HX-Redirect" not in response and "HX-Refresh" not in response:
            toasts = [{"text": str(one), "level": one.level_tag} for one in get_messages(request)]
            if toasts:
                add_trigger(response, "toast", toasts)
        return response


def add_trigger(response: HttpResponse, name: str, detail: Any = None) -> HttpResponse:
    """Add an event to `HX-Trigger`, keeping those that are there. ASCII only, as headers are."""
    present = response.headers.get("HX-Trigger", "")
    events = (
        json.loads(present)
        if present.startswith("{")
        else {one.strip(): None for one in present.split(",") if one.strip()}
    )
    events[name] = detail
    response.headers["HX-Trigger"] = json.dumps(events)
    return response
