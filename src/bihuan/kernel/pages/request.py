"""The guard before a view: signed in, and allowed to do the action on some record of that kind."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, Concatenate
from urllib.parse import urlencode

from django.conf import settings
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotAllowed,
    HttpResponseRedirect,
)
from django.shortcuts import resolve_url
from django.utils.functional import SimpleLazyObject

from bihuan.kernel.actor import Actor, require

if TYPE_CHECKING:
    from django_htmx.middleware import HtmxDetails


class PageRequest(HttpRequest):
    """A request as a guarded view receives it; for annotations."""

    actor: Actor
    htmx: HtmxDetails


def page[**P](
    object_name: str = "", action: str = "view", methods: tuple[str, ...] = ("GET",)
) -> Callable[
    [Callable[Concatenate[Any, P], HttpResponseBase]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]
]:
    """Guard a view. Without an object it is for everybody who is signed in.

    The view still starts its reads from `visible_to(actor)`: this asks only whether the page exists for the actor.
    Refused: 403 by `NotAllowed`. Not signed in: to the sign-in page, and back afterwards.
    """

    def guard(
        view: Callable[Concatenate[Any, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if request.method not in methods and not (request.method == "HEAD" and "GET" in methods):
                return HttpResponseNotAllowed(methods)
            if not request.user.is_authenticated:
                return to_sign_in(request)
            plain_actor(request)
            if object_name:
                require(request.actor, object_name, action)  # type: ignore[attr-defined]
            return view(request, *args, **kwargs)

        guarded.access = f"{object_name}.{action}" if object_name else "signed_in"  # type: ignore[attr-defined]
        return guarded

    return guard


def plain_actor(request: HttpRequest) -> None:
    """Take the actor out of its lazy wrapper: a page asks it hundreds of times."""
    actor = request.actor  # type: ignore[attr-defined]
    if isinstance(actor, SimpleLazyObject):
        actor.key  # noqa: B018  resolves it
        request.actor = actor._wrapped  # type: ignore[attr-defined]


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """To the sign-in page; a partial request makes the whole page go there."""
    htmx = getattr(request, "htmx", None)
    back = (htmx.current_url_abs_path if htmx else None) or request.get_full_path()
    target = f"{resolve_url(settings.LOGIN_URL)}?{urlencode({'next': back})}"
    if htmx:
        return HttpResponse(status=204, headers={"HX-Redirect": target})
    return HttpResponseRedirect(target)
