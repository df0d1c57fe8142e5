"""Who takes mail: rooms above say so, each for the objects that it owns.

A receiver is called inside a transaction, once for each message that it takes: `take(message, identity, now)` gives the key of
the object that took it (`case:77`, if 12 was merged into 77), or None if there is no such object. It also gets bounces and
automatic replies, told by `message.classification`; those call for no answer and reopen nothing. Loops and forged mails reach no receiver unless a
person hands them on. A message that a person hands on is not `new` when it is taken.
"""

from __future__ import annotations

import importlib
import importlib.util
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.apps import apps
from django.db.models import QuerySet

from bihuan.kernel.actor import Actor

from .models import InMessage

Take = Callable[[InMessage, int, datetime], str | None]
TakeNew = Callable[[InMessage, datetime], str | None]
RowsWithin = Callable[[Actor, str], QuerySet[Any] | None]
Offer = Callable[[Actor, InMessage], Iterable["Offered"]]


@dataclass(frozen=True)
class Receiver:
    """`rows_within(actor, action)`: the objects on which the actor may do that, None for all; without it everybody reaches them."""

    prefix: str
    take: Take
    short: str = ""
    rows_within: RowsWithin | None = None


@dataclass(frozen=True)
class Offered:
    """What a room above offers to do with a message that waits: a button that opens a dialog."""

    label: Any
    url: str
    icon: str


_receivers: dict[str, Receiver] = {}
_newcomers: list[TakeNew] = []
_offers: list[Offer] = []


def register_receiver(
    prefix: str, take: Take, *, short: str = "", rows_within: RowsWithin | None = None
) -> Receiver:
    """Take the mail about `prefix:number`. `short` (letters) stands for the kind in plus-addresses: `c` gives `+c12-…`."""
    if prefix in _receivers:
        raise ValueError(f"receiver {prefix} is registered twice")
    if not re.fullmatch(r"[a-z_]{1,40}", prefix) or not re.fullmatch(r"[a-z]{0,8}", short):
        raise ValueError(f"{prefix!r}, {short!r}: small letters only")
    if short and any(one.short == short for one in _receivers.values()):
        raise ValueError(f"the short name {short} is another receiver's")
    _receivers[prefix] = Receiver(prefix, take, short, rows_within)
    return _receivers[prefix]


def register_newcomer(take: TakeNew) -> TakeNew:
    """Take messages that belong to nothing yet: gives the key of what it made of it, or None to leave it to others."""
    _newcomers.append(take)
    return take


def register_offer(offer: Offer) -> Offer:
    """Offer something to do with a message on its page; `offer` checks the actor's rights itself."""
    _offers.append(offer)
    return offer


def offers_for(actor: Actor, message: InMessage) -> list[Offered]:
    load_receivers()
    return [one for offer in _offers for one in offer(actor, message)]


def guarded() -> list[tuple[str, RowsWithin]]:
    """The kinds of objects whose messages are only for who reaches them."""
    return [(one.prefix, one.rows_within) for one in _receivers.values() if one.rows_within is not None]


def unregister(prefix: str) -> None:
    """For tests, which bring receivers of their own."""
    _receivers.pop(prefix, None)


def forget_newcomer(take: TakeNew) -> None:
    """For tests."""
    _newcomers.remove(take)


def load_receivers() -> None:
    """Import each room's `receivers` once; a room registers there."""
    for config in apps.get_app_configs():
        own = f"{config.name}.receivers"
        if config.name.startswith("bihuan.") and own != __name__ and importlib.util.find_spec(own):
            importlib.import_module(own)


def receiver(prefix: str) -> Receiver | None:
    return _receivers.get(prefix)


def receiver_by_short(short: str) -> Receiver | None:
    return next((one for one in _receivers.values() if short and one.short == short), None)


def short_of(prefix: str) -> str:
    load_receivers()
    found = _receivers.get(prefix)
    return found.short if found else ""


def known_prefixes() -> list[str]:
    load_receivers()
    return sorted(_receivers)


def newcomers() -> list[TakeNew]:
    return list(_newcomers)
