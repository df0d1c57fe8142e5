"""What stands before every page: signed in, and allowed by the access table's `routes`.

This is the second wall; the first is each view's own guard (`kernel.pages.page`). What one may not see does not
exist: a refusal is 404 where the actor may not even view that kind of object, and 403 where only the action is
refused. A route that the table does not name asks for what its view declares; a view that declares nothing is shut.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse

from bihuan.kernel.actor import Actor, NotAllowed
from bihuan.kernel.pages.request import to_sign_in
from bihuan.kernel.records import RecordSpec

from .access_table import PUBLIC, SHUT, SIGNED_IN, delivered_table

View = Callable[..., HttpResponse]


class DoorMiddleware:
    """Stands before each view; comes after `ActorMiddleware`."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        match = request.resolver_match
        named = delivered_table().routes.get(match.view_name or "", "") if match else ""
        wanted = named or getattr(view, "access", "")
        if wanted == PUBLIC:
            return None
        if wanted == SHUT:
            raise Http404
        if not request.user.is_authenticated:
            return to_sign_in(request)
        if wanted == SIGNED_IN:
            return None
        if not wanted:
            raise PermissionDenied(f"nothing says who may open {request.path}")
        object_name, _dot, action = wanted.partition(".")
        actor: Actor = request.actor  # type: ignore[attr-defined]
        if actor.may(object_name, action):
            return None
        if actor.may(object_name, "view"):
            raise PermissionDenied(f"{action} {object_name}")
        raise Http404(object_name)


def one_visible(spec: RecordSpec, actor: Actor, action: str = "view", **lookup: Any) -> Any:
    """The one record that the actor reaches; 404 for somebody else's as for one that is not there.

    Where it may be viewed but not be acted on, `NotAllowed`.
    """
    row = spec.visible_to(actor).filter(**lookup).first()
    if row is None:
        raise Http404(spec.name)
    if action != "view" and not spec.visible_to(actor, action).filter(pk=row.pk).exists():
        raise NotAllowed(spec.name, action)
    return row
