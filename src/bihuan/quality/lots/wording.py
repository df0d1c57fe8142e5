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
    "limits_corrected": pgettext_lazy("lot event", "The limits were corrected"),
}


def event_words(one: LotEvent) -> str:
    return str(WORDS.get(one.kind, one.kind))


def reason_words(actor: Actor, reason: str, data: Mapping[str, Any] | None) -> str:
    """Why it was decided. What a result or its limits started quotes them, which not everybody may read."""
    if data and not sees_results(actor):
        if "result" in data:
            return _("A result is outside the specification.")
        if "limits" in data:
            return _("Limits were corrected since. Decide again.")
        if "untested" in data:
            return f"{reason} · {_('not all was tested')}"
    if data and "untested" in data:
        said = {"names": ", ".join(data["untested"]), "why": data.get("without", "")}
        return f"{reason} · {_('not tested: %(names)s (%(why)s)') % said}"
    return reason
