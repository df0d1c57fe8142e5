"""Handing messages on to the rooms that own what they are about."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction

from .events import log
from .models import DeliveryEvent, InMessage
from .receivers import load_receivers, newcomers, receiver

MOST_ATTEMPTS = 5
Kind = InMessage.Classification
State = InMessage.State
# Loops that may be a colleague writing from the mailbox itself, or a person who writes much: somebody looks at them.
PERHAPS_A_PERSON = {"from_ourselves", "rate"}


def route_due(now: datetime, limit: int = 200) -> int:
    """Route what was taken in and not handed on yet, or is to be tried again."""
    rows = InMessage.objects.filter(state=State.NEW).exclude(route_at__gt=now).order_by("id")
    keys = list(rows.values_list("pk", flat=True)[:limit])
    for key in keys:
        route_message(key, now=now)
    return len(keys)


def route_message(key: int, *, now: datetime) -> str:
    """Hand one message on; gives its state afterwards. A receiver that fails is asked again later."""
    load_receivers()
    try:
        with transaction.atomic():
            row = InMessage.objects.select_for_update().get(pk=key)
            if row.state == State.NEW:
                _settle(row, now)
    except Exception as error:
        logging.getLogger(__name__).exception("message %s could not be handed on", key)
        with transaction.atomic():
            row = InMessage.objects.select_for_update().get(pk=key)
            row.route_attempts += 1
            row.route_error = f"{type(error).__name__}: {error}"[:2000]
            row.route_at = now + timedelta(minutes=4 ** (row.route_attempts - 1))
            if row.route_attempts >= MOST_ATTEMPTS:
                row.state = State.WAITING
            row.save(update_fields=["route_attempts", "route_error", "route_at", "state"])
            log(now, row.channel_id, "route_failed", came=row, note=row.route_error)
    return row.state


def _settle(row: InMessage, now: datetime) -> None:
    state, about = _decide(row, now)
    row.state, row.route_error = state, ""
    row.about = about[:60]
    row.save(update_fields=["state", "about", "route_error"])
    log(now, row.channel_id, state, came=row, note=about)


def _decide(row: InMessage, now: datetime) -> tuple[str, str]:
    kind = row.classification
    if kind == Kind.LOOP:
        return (State.WAITING if row.reason in PERHAPS_A_PERSON else State.KEPT), ""
    if kind in (Kind.FORGED, Kind.UNREADABLE):
        return State.WAITING, row.about  # what it names is shown to whoever looks at it; nobody is given it
    about = hand_over(row, row.about, now) if row.about else None
    if about:
        return State.ROUTED, about
    if kind == Kind.AUTO_REPLY:
        return State.KEPT, row.about
    if kind == Kind.BOUNCE:
        # One that belongs to a mail of ours was written there; one that belongs to nothing is for a person.
        known = row.about or _speaks_of_ours(row)
        return (State.KEPT if known else State.WAITING), row.about
    for take in newcomers():
        made = take(row, now)
        if made:
            return State.ROUTED, made
    return State.WAITING, row.about


def _speaks_of_ours(row: InMessage) -> bool:
    return DeliveryEvent.objects.filter(in_id=row.pk, kind="bounced", out_id__isnull=False).exists()


def hand_over(row: InMessage, about: str, now: datetime) -> str | None:
    """Give a message to the receiver of `about`; what took it, or None where nobody did."""
    prefix, _colon, identity = about.partition(":")
    load_receivers()
    found = receiver(prefix)
    if found is None or not identity.isdecimal():
        return None
    return found.take(row, int(identity), now)
