"""Who sees messages and channels.

A message may be about anybody, and its words count as contact data. Scope `all` reaches every message, `team` those of
the channels that one's teams read, `own` none. Whatever the scope, a message about an object is there only for whoever
sees that object: the room that owns it says so (`Receiver.rows_within`).
"""

from __future__ import annotations

from typing import Any

from django.db.models import CharField, F, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.http import Http404

from bihuan.kernel.actor import Actor, FieldClass, NotAllowed, Scope

from .receivers import guarded, load_receivers


def scope_of(actor: Actor, object_name: str, action: str = "view") -> Scope:
    """How far an action reaches; `NONE` without the class of field that the object's words have."""
    grants = [actor.grant(object_name, one) for one in ("view", action)]
    needed = FieldClass.CONTACT if object_name == "message" else FieldClass.PUBLIC
    if not all(needed in one.classes for one in grants):
        return Scope.NONE
    return min(one.scope for one in grants)


def reads_messages(actor: Actor, action: str = "view") -> bool:
    """Whether there are messages that the actor may see, or do that with."""
    return scope_of(actor, "message", action) >= Scope.TEAM


def sees_all(actor: Actor, object_name: str, action: str = "view") -> bool:
    return scope_of(actor, object_name, action) is Scope.ALL


def require_all(actor: Actor, object_name: str, action: str = "view") -> None:
    """Raise 404 where the actor does not see all of them, `NotAllowed` where seeing is all that is granted."""
    if not sees_all(actor, object_name):
        raise Http404(object_name)
    if not sees_all(actor, object_name, action):
        raise NotAllowed(object_name, action)


def require_messages(actor: Actor, action: str = "view") -> None:
    """The same for messages, of which some see those of their teams' channels."""
    if not reads_messages(actor):
        raise Http404("message")
    if not reads_messages(actor, action):
        raise NotAllowed("message", action)


def messages_within(actor: Actor, rows: QuerySet[Any], action: str = "view") -> QuerySet[Any]:
    """Of messages out or in those on which the actor may do that."""
    scope = scope_of(actor, "message", action)
    if scope < Scope.TEAM:
        return rows.none()
    if scope is Scope.TEAM:
        rows = rows.filter(channel__team_id__in=actor.team_ids)
    load_receivers()
    for prefix, rows_within in guarded():
        seen = rows_within(actor, "view")
        if seen is None:
            continue
        keys = seen.order_by().values_list(
            Concat(Value(f"{prefix}:"), Cast(F("pk"), CharField()), output_field=CharField()), flat=True
        )
        rows = rows.filter(~Q(about__startswith=f"{prefix}:") | Q(about__in=keys))
    return rows
