"""What is kept beside a customer's name and phone, so that look-alikes are found by an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bihuan.customers.matching.normalise import key_pinyin, name_keys, phone_key, pinyin_initials


def derived_columns(name: str, phone: str) -> dict[str, Any]:
    """name_key, pinyin, initials and phone_key, cut to their columns."""
    return derived_many([name], [phone])[0]


def derived_many(names: Sequence[str], phones: Sequence[str]) -> list[dict[str, Any]]:
    """The same for a batch."""
    return [
        {
            "name_key": key[:200],
            "pinyin": key_pinyin(key)[:400],
            "initials": pinyin_initials(name)[:80],
            "phone_key": phone_key(phone)[:40] if phone else "",
        }
        for key, name, phone in zip(name_keys(names), names, phones, strict=True)
    ]
