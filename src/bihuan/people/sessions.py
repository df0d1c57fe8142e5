"""How long a session lasts: it ends after `IDLE_MINUTES` without a request, and `SESSION_HOURS` after sign-in."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from bihuan.kernel import time
from bihuan.kernel.pages.request import to_sign_in

WRITE_EVERY = 60  # seconds; being seen is written down no oftener than that


class SessionEndMiddleware:
    """Stands behind the authentication middleware."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        session = request.session
        if session.get("_auth_user_id") is None:
            return self.get_response(request)
        moment = int(time.now().timestamp())
        seen_at = session.get("seen_at")
        signed_in_at = session.get("signed_in_at")
        if (seen_at is not None and moment - seen_at > settings.IDLE_MINUTES * 60) or (
            signed_in_at is not None and moment - signed_in_at > settings.SESSION_HOURS * 3600
        ):
            logout(request)
            return to_sign_in(request)
        if seen_at is None or moment - seen_at >= WRITE_EVERY:
            session["seen_at"] = moment
        return self.get_response(request)
