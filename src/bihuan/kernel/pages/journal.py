"""What the page kit tells the journal. `audit` is above this room and takes these calls over at start-up."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from bihuan.kernel.actor import Actor

_listeners: dict[str, list[Callable[..., Any]]] = {"export": [], "read": [], "change": []}


def on(event: str, listener: Callable[..., Any]) -> None:
    """`export`: f(actor, now, page, format, columns, rows, query); `read`: f(request, subject or subjects, fields);
    `change`: f(actor, now, action, details of the entry)."""
    _listeners[event] = [listener]


def tell_export(actor: Actor, now: datetime, **details: Any) -> None:
    for listener in _listeners["export"]:
        listener(actor, now, **details)


def tell_change(actor: Actor, now: datetime, action: str, **details: Any) -> None:
    for listener in _listeners["change"]:
        listener(actor, now, action, **details)


def tell_read(request: Any, subject: Any, fields: Any) -> None:
    for listener in _listeners["read"]:
        listener(request, subject, fields)
