"""Mail about cases: `case:12`, in plus-addresses `c`. What becomes of it stands in `correspondence`."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from bihuan.kernel.actor import Actor, Scope
from bihuan.messaging.receivers import register_newcomer, register_receiver

from .correspondence import offers as offers  # buttons on the inbox's page
from .correspondence.newcomers import take_new
from .correspondence.taking import take
from .records import CASE


def cases_within(actor: Actor, action: str) -> QuerySet[Any] | None:
    """The cases on which the actor may do that; None for all."""
    return None if actor.scope("case", action) is Scope.ALL else CASE.visible_to(actor, action)


register_receiver("case", take, short="c", rows_within=cases_within)
register_newcomer(take_new)
