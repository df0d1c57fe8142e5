"""Who sees messages and channels: all of them or none.

A message may be about anybody, so that a scope below `all` reaches none; its words count as contact data. Rooms above
show the messages of their own objects by their own scope.
"""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.http import Http404

from bihuan.kernel.actor import Actor, FieldClass, NotAllowed, Scope


def sees_all(actor: Actor, object_name: str, action: str = "view") -> bool:
    grants = [actor.grant(object_name, one) for one in {"view", action}]
    needed = FieldClass.CONTACT if object_name == "message" else FieldClass.PUBLIC
    return all(one.scope is Scope.ALL and needed in one.classes for one in grants)


def require_all(actor: Actor, object_name: str, action: str = "view") -> None:
    """Raise 404 where the actor does not see all of them, `NotAllowed` where seeing is all that is granted."""
    if not sees_all(actor, object_name):
        raise Http404(object_name)
    if not sees_all(actor, object_name, action):
        raise NotAllowed(object_name, action)


def messages_within(actor: Actor, rows: QuerySet[Any]) -> QuerySet[Any]:
    return rows if sees_all(actor, "message") else rows.none()
