"""The row of pages of this room, as far as the actor may open them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor

from ..models import DeliveryEvent
from ..wording import ERRORS, EVENTS, KINDS, REASONS

# Address, label, what one has to be allowed to see. Rooms above add theirs with `add_tab`.
TABS = [
    ("mail_inbox", _("Inbox"), "message"),
    ("mail_queue", _("Queue"), "message"),
    ("mail_channels", _("Mail channels"), "channel"),
    ("mail_wordings", _("Wordings"), "setting"),
]


def add_tab(url_name: str, label: Any, object_name: str) -> None:
    """A page of a room above that belongs beside these."""
    TABS.append((url_name, label, object_name))


def tabs(actor: Actor, current: str) -> dict[str, Any]:
    shown = [(name, label, name == current) for name, label, kind in TABS if actor.may(kind)]
    return {"tabs": shown}


def number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None


def event_lines(events: list[DeliveryEvent]) -> list[tuple[DeliveryEvent, Any, Any, Any]]:
    """Lines of the delivery log with their words: event, what happened, code, note."""
    known = {**ERRORS, **REASONS}
    return [
        (one, EVENTS.get(one.kind, one.kind), KINDS.get(one.code, one.code), known.get(one.note, one.note))
        for one in events
    ]
