"""Passwords of channels, kept encrypted in the database (AES-256-GCM).

The key is derived from the signing key, which lies in the home folder (mode 0600) or in `BIHUAN_SECRET_KEY`, never in the
database: a copy of the database alone opens nothing. Each value is bound to its channel and name.
"""

from __future__ import annotations

import base64
import hmac
import os
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

from .errors import MessagingError, say_sealed_by_another_key


def derived_key(purpose: str, secret: str | None = None) -> bytes:
    """A key for one purpose, out of the signing key."""
    return hmac.new(
        (secret or settings.SECRET_KEY).encode(), f"messaging:{purpose}".encode(), sha256
    ).digest()


def address_keys() -> list[bytes]:
    """Keys by which plus-addresses are signed: the present one first, then those that still count."""
    return [derived_key("plus-address", one) for one in signing_keys()]


def signing_keys() -> list[str]:
    """The present signing key, then those that still count while keys are being changed."""
    return [settings.SECRET_KEY, *(str(one) for one in settings.SECRET_KEY_FALLBACKS)]


def seal(text: str, bound_to: str) -> str:
    nonce = os.urandom(12)
    sealed = AESGCM(derived_key("sealing")).encrypt(nonce, text.encode(), bound_to.encode())
    return base64.b64encode(nonce + sealed).decode()


def unseal(sealed: str, bound_to: str) -> str:
    data = base64.b64decode(sealed)
    for secret in signing_keys():
        try:
            opened = AESGCM(derived_key("sealing", secret)).decrypt(data[:12], data[12:], bound_to.encode())
            return opened.decode()
        except InvalidTag:
            continue
    raise MessagingError(say_sealed_by_another_key())
