"""Salted digests: how personal data is bound to an event without standing in it.

The digest is HMAC-SHA-256 with a salt of 32 chance bytes as key, over the canonical text of the value. The salt lies in the database
beside the row. Whoever has value and salt can show that the log speaks of this value; once both are erased, the digest
in the log says nothing about anybody, not even to somebody who guesses the value.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

from .canonical import canonical

SALT_BYTES = 32


def new_salt() -> bytes:
    """A fresh salt. Each row has its own: with a common one, equal digests would show equal persons."""
    return secrets.token_bytes(SALT_BYTES)


def seal(value: Any, salt: bytes) -> str:
    """The salted digest, 64 hexadecimal digits; ValueError for a salt that is not 32 bytes long."""
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes")
    return hmac.new(salt, canonical(value), hashlib.sha256).hexdigest()


def opens(digest: str, value: Any, salt: bytes) -> bool:
    """Whether this digest was made of this value with this salt."""
    return hmac.compare_digest(digest, seal(value, salt))
