"""`request.actor`: who is asking, resolved when first needed."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject

from bihuan.kernel.actor import Actor

from .actors import actor_for


def client_address(request: HttpRequest) -> str:
    """Where the request comes from. `TRUSTED_PROXIES` says how many proxies of ours wrote into X-Forwarded-For."""
    trusted = getattr(settings, "TRUSTED_PROXIES", 0)
    if trusted:
        hops = [one.strip() for one in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if one.strip()]
        if len(hops) >= trusted:
            return hops[-trusted][:64]
    return str(request.META.get("REMOTE_ADDR") or "")[:64]


class ActorMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        lazy = SimpleLazyObject(lambda: actor_for(request.user, "page", client_address(request)))
        request.actor = cast(Actor, lazy)  # type: ignore[attr-defined]
        return self.get_response(request)
