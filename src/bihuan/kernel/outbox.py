"""News after commit. A write puts an event into its own transaction; the worker hands it to the subscribers.

A subscriber that fails is tried again with growing pauses; after `MOST_ATTEMPTS` the event stays visible with its
error. Subscribers must bear being called twice.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import transaction

from .models import OutboxEvent

Subscriber = Callable[[dict[str, Any], datetime], None]
MOST_ATTEMPTS = 8
_subscribers: dict[str, list[Subscriber]] = {}


def publish(topic: str, payload: dict[str, Any], *, now: datetime) -> OutboxEvent:
    """Add news, inside the caller's transaction."""
    return OutboxEvent.objects.create(topic=topic, payload=payload, created_at=now, due_at=now)


def subscriber(topic: str) -> Callable[[Subscriber], Subscriber]:
    def register(function: Subscriber) -> Subscriber:
        _subscribers.setdefault(topic, []).append(function)
        return function

    return register


def load_subscribers() -> dict[str, list[Subscriber]]:
    for config in apps.get_app_configs():
        if config.name.startswith("bihuan.") and importlib.util.find_spec(f"{config.name}.subscribers"):
            importlib.import_module(f"{config.name}.subscribers")
    return _subscribers


def deliver_due(now: datetime, limit: int = 200) -> int:
    """Deliver what is due, and say how many events were handled."""
    waiting = OutboxEvent.objects.filter(
        delivered_at__isnull=True, due_at__lte=now, attempts__lt=MOST_ATTEMPTS
    ).order_by("id")[:limit]
    events = list(waiting)
    known = load_subscribers() if events else _subscribers
    for event in events:
        try:
            with transaction.atomic():
                for function in known.get(event.topic, []):
                    function(event.payload, now)
            event.delivered_at = now
        except Exception as error:
            event.error = f"{type(error).__name__}: {error}"
            event.due_at = now + timedelta(seconds=5 * 4**event.attempts)
        event.attempts += 1
        event.save(update_fields=["delivered_at", "error", "due_at", "attempts"])
    return len(events)
