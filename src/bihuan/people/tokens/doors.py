"""Letting tokens in: to views that say `@by_token`, and to no other. What a program is refused with is `application/problem+json`.

Stands before `DoorMiddleware`, which asks the access table as for everybody. A request with a key is the key's, whoever else is signed in
in the same browser; without one, a view that is for tokens alone answers 401, as do others where no page was asked for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.time import now

from ..middleware import client_address
from .services import TokenRefused, prove_token

View = Callable[..., HttpResponseBase]
SCHEME = "bearer "
Problem = Callable[[int, str, str], HttpResponse]


def problem(status: int, kind: str, detail: str) -> HttpResponse:
    """RFC 9457."""
    said = {"type": kind, "title": detail, "status": status}
    answer = HttpResponse(json.dumps(said, ensure_ascii=False), "application/problem+json", status)
    answer["Cache-Control"] = "no-store"
    return answer


def by_token(*scopes: str, only: bool = False, kind: str = "about:blank") -> Callable[[View], View]:
    """Above `@page`: who has a token of one of the scopes is let in. `only`: nobody else is. `kind`: the type of problem told."""

    def mark(view: View) -> View:
        view.token_scopes, view.is_token_only, view.problem_kind = scopes, only, kind  # type: ignore[attr-defined]
        return view

    return mark


class TokenMiddleware:
    """Comes after `ActorMiddleware`, before `DoorMiddleware`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        scopes: tuple[str, ...] = getattr(view, "token_scopes", ())
        if not scopes:
            return None
        kind = view.problem_kind  # type: ignore[attr-defined]
        said = request.headers.get("Authorization", "")
        if said[: len(SCHEME)].lower() != SCHEME:
            shut = view.is_token_only or (  # type: ignore[attr-defined]
                not request.user.is_authenticated and "text/html" not in request.headers.get("Accept", "")
            )
            return _unknown(kind, _("An access token is needed."), "") if shut else None
        try:
            proven = prove_token(
                secret=said[len(SCHEME) :].strip()[:200], address=client_address(request), now=now()
            )
        except TokenRefused as refusal:
            if refusal.status == 429:
                return _later(problem(429, kind, _("Too many requests; wait.")), refusal.wait)
            text = _("The access token opens nothing: it is unknown, expired or revoked.")
            return _unknown(kind, text, 'error="invalid_token"')
        except OperationalError:  # somebody writes for longer than one waits
            return _later(problem(503, kind, _("The database is busy; try again later.")), 10)
        actor = proven.actor
        wanted, _dot, action = getattr(view, "access", "").partition(".")
        if not set(scopes) & set(proven.token.scopes) or not actor.may(wanted, action):
            answer = problem(403, kind, _("The access token is not for this."))
            answer["WWW-Authenticate"] = f'Bearer error="insufficient_scope", scope="{" ".join(scopes)}"'
            return answer
        request.user = proven.user
        request.actor: Actor = actor  # type: ignore[attr-defined,misc]
        return None


def _unknown(kind: str, text: str, error: str) -> HttpResponse:
    answer = problem(401, kind, text)
    answer["WWW-Authenticate"] = f"Bearer {error}".strip()
    return answer


def _later(answer: HttpResponse, seconds: int) -> HttpResponse:
    answer["Retry-After"] = str(seconds)
    return answer
