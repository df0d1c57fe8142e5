"""The canonical form of JSON: one value, one text.

A strict part of RFC 8785 (every text made here is one of RFC 8785, too):

1. UTF-8 without byte order mark; no white space between tokens.
2. Objects: no name twice; names match [a-z][a-z0-9_]*, 64 characters at most, in ascending order of their bytes.
3. Texts: Unicode normal form C, no surrogates. Escaped are only `"` `\\` and U+0000-U+001F, as \\b \\t \\n \\f \\r where that exists, else
   as \\u00xx in small letters. Everything else stands as it is.
4. Numbers: whole, from -(2^53-1) to 2^53-1, decimal, no leading zero, no -0. Fractions and larger numbers are texts.
5. true, false, null; nesting up to 16.
"""

from __future__ import annotations

import json
import re
import unicodedata
from typing import Any

from .faults import EvidenceFault

MOST = 2**53 - 1
DEEPEST = 16
NAME = re.compile(r"[a-z][a-z0-9_]{0,63}\Z").match
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"), check_circular=False
).encode


def canonical(value: Any) -> bytes:
    """The canonical text of a value made of dict, list, str, int, bool and None; EvidenceFault for anything else."""
    check(value)
    return encode(value)


def encode(value: Any) -> bytes:
    """The same for a value that was checked already."""
    return _encode(value).encode()


def read_canonical(data: bytes) -> Any:
    """The value of a canonical text; EvidenceFault if it is not JSON, or not in this form."""
    value = read_json(data)
    if canonical(value) != data:
        raise EvidenceFault("not_canonical")
    return value


def read_json(data: bytes) -> Any:
    """Any JSON text, with names standing once and without fractions."""
    try:
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_object, parse_float=_refuse, parse_constant=_refuse
        )
    except EvidenceFault:
        raise
    except (ValueError, RecursionError) as error:
        raise EvidenceFault("not_json", detail=str(error)) from error


def check(value: Any, path: str = "", depth: int = 0) -> None:
    kind = type(value)
    if kind is str:
        check_text(value, path)
    elif kind is int:
        if not -MOST <= value <= MOST:
            raise EvidenceFault("number_range", path)
    elif kind is bool or value is None:
        return
    elif depth >= DEEPEST:
        raise EvidenceFault("too_deep", path)
    elif kind is dict:
        for key, inner in value.items():
            check_name(key, path)
            check(inner, f"{path}.{key}" if path else key, depth + 1)
    elif kind is list:
        for place, inner in enumerate(value):
            check(inner, f"{path}[{place}]", depth + 1)
    elif kind is float:
        raise EvidenceFault("no_float", path)
    else:
        raise EvidenceFault("bad_type", path, type=kind.__name__)


def check_text(text: str, path: str = "") -> None:
    """EvidenceFault for a text that is not in normal form C, or holds half a character."""
    if text.isascii():
        return
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise EvidenceFault("surrogate", path) from error
    if not unicodedata.is_normalized("NFC", text):
        raise EvidenceFault("not_nfc", path)


def is_text(text: str) -> bool:
    try:
        check_text(text)
    except EvidenceFault:
        return False
    return True


def check_name(name: Any, path: str = "") -> None:
    if type(name) is not str or not NAME(name):
        raise EvidenceFault("bad_key", path, key=name)


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for key, _value in pairs:
            if key in seen:
                raise EvidenceFault("key_twice", key=key)
            seen.add(key)
    return found


def _refuse(text: str) -> Any:
    raise EvidenceFault("no_float")
