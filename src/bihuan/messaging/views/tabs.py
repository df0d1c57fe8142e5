"""The row of pages of this room, as far as the actor may open them."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor

TABS = (
    ("mail_inbox", _("Inbox"), "message"),
    ("mail_queue", _("Queue"), "message"),
    ("mail_channels", _("Mail channels"), "channel"),
    ("mail_wordings", _("Wordings"), "setting"),
)


def tabs(actor: Actor, current: str) -> dict[str, Any]:
    shown = [(name, label, name == current) for name, label, kind in TABS if actor.may(kind)]
    return {"tabs": shown}


def number(text: str | None) -> int | None:
    return int(text) if text and text.isdecimal() and len(text) < 19 else None
