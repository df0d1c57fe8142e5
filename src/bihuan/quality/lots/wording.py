"""What was decided about a lot, in words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.actor import Actor

from ..models import LotEvent
from .queries import sees_results

WORDS = {
    "held": pgettext_lazy("lot event", "Put on hold"),
    "released": pgettext_lazy("lot event", "Released"),
    "rejected": pgettext_lazy("lot event", "Rejected"),
    "result_invalid": pgettext_lazy("lot event", "A result was declared invalid"),
}


def event_words(one: LotEvent) -> str:
    return str(WORDS.get(one.kind, one.kind))


def reason_words(actor: Actor, reason: str, data: Mapping[str, Any] | None) -> str:
    """Why it was decided. What a result started quotes the result, which not everybody may read."""
    if data and "result" in data and not sees_results(actor):
        return _("A result is outside the specification.")
    return reason
