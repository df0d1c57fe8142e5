"""To which object a mail belongs: a signed plus-address first, then the mails it answers.

`support+c123-k3v9…@example.com` names object 123 of the kind whose short name is `c`. The signature is an HMAC, so that
nobody who guesses numbers reaches another's object; it is written in letters that survive being put in lower case.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from typing import NamedTuple

from .message import Mail

SIGNATURE_LENGTH = 16  # letters of base 32: 80 bits
TOKEN = re.compile(r"^([a-z]{1,8})(\d{1,18})-([a-z2-7]{16})$")


class Named(NamedTuple):
    short: str
    identity: int


def signature(key: bytes, short: str, identity: int) -> str:
    digest = hmac.new(key, f"plus-address:{short}:{identity}".encode(), hashlib.sha256).digest()
    return base64.b32encode(digest).decode().lower()[:SIGNATURE_LENGTH]


def plus_address(address: str, key: bytes, short: str, identity: int) -> str:
    """The address under which answers about one object come back."""
    local, _at, domain = address.rpartition("@")
    return f"{local}+{short}{identity}-{signature(key, short, identity)}@{domain}"


def named_by_address(address: str, own: Iterable[str], keys: Iterable[bytes]) -> Named | None:
    """The object that an address of ours names, if its signature is by one of the keys."""
    local, _at, domain = address.strip().lower().rpartition("@")
    base, plus, token = local.partition("+")
    if not plus or f"{base}@{domain}" not in {one.lower() for one in own}:
        return None
    found = TOKEN.match(token)
    if found is None:
        return None
    short, identity, given = found.group(1), int(found.group(2)), found.group(3)
    if any(hmac.compare_digest(signature(key, short, identity), given) for key in keys):
        return Named(short, identity)
    return None


def without_plus(address: str) -> str:
    """The address of the mailbox itself."""
    local, _at, domain = address.strip().lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def named_by_recipients(mail: Mail, own: Iterable[str], keys: Iterable[bytes]) -> Named | None:
    """The object that the mail's recipients name. Two different ones name none: a person decides."""
    addresses, secrets = list(own), list(keys)
    found = {named_by_address(one, addresses, secrets) for one in mail.recipients} - {None}
    return found.pop() if len(found) == 1 else None


def answered_ids(mail: Mail) -> list[str]:
    """The mails that this one answers, the nearest first; a bounce answers what it returns."""
    return list(dict.fromkeys([*mail.in_reply_to, *reversed(mail.references), *mail.returned_ids]))
