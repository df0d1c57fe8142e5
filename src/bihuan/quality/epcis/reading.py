"""From bytes to a JSON tree in which nothing is lost: exact numbers, repeated keys and NaN found with their path."""

from __future__ import annotations

import codecs
import json
from decimal import Decimal, InvalidOperation
from typing import Any

from bihuan.quality.epcis.faults import Path, shortened
from bihuan.quality.epcis.values import Findings

MAX_BYTES = 32 * 1024 * 1024  # in memory some eight times as much; 25 times for a file of nothing but `{}`
MAX_DEPTH = 64
MAX_DIGITS = 400


class _Bad:
    """Stands where a value cannot be kept, until the walk tells its path."""

    __slots__ = ("code", "value")

    def __init__(self, code: str, value: str = "") -> None:
        self.code, self.value = code, value


class _Repeated(dict[str, Any]):
    """An object in which keys occurred more than once."""

    keys_again: tuple[str, ...] = ()


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) == len(pairs):
        return found
    seen: set[str] = set()
    again: list[str] = []
    for key, _value in pairs:
        if key in seen:
            again.append(key)
        seen.add(key)
    repeated = _Repeated(found)
    repeated.keys_again = tuple(dict.fromkeys(again))
    return repeated


def _whole(text: str) -> Any:
    return int(text) if len(text) <= MAX_DIGITS else _Bad("number_too_long")


def _decimal(text: str) -> Any:
    try:
        number = Decimal(text)
    except InvalidOperation:  # an exponent beyond what Decimal holds
        return _Bad("number_too_long")
    if len(text) > MAX_DIGITS or abs(number.adjusted()) > MAX_DIGITS:
        return _Bad("number_too_long")
    return number


def _constant(text: str) -> Any:
    return _Bad("not_a_number", text)


def read(data: bytes, found: Findings) -> Any:
    """The tree, or None where there is none; what is wrong with it as JSON goes to `found`."""
    try:
        tree = _parsed(data)
    except _NoTree as error:
        found.add((), error.code, **error.values)
        return None
    _walk(tree, (), found)
    return tree


class _NoTree(Exception):
    def __init__(self, code: str, **values: object) -> None:
        super().__init__(code)
        self.code, self.values = code, values


def _parsed(data: bytes) -> Any:
    if len(data) > MAX_BYTES:
        raise _NoTree("too_large", limit=MAX_BYTES)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        raise _NoTree("utf16")
    data = data.removeprefix(codecs.BOM_UTF8)
    head = data[:200].lstrip()
    if not head and not data.strip():
        raise _NoTree("empty")
    if head.startswith(b"<"):
        raise _NoTree("xml")
    if b"\0" in data[:4]:
        raise _NoTree("utf16")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise _NoTree("not_utf8", at=error.start) from error
    try:
        return json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        raise _NoTree("not_json", line=error.lineno, column=error.colno) from error
    except RecursionError as error:
        raise _NoTree("too_deep", limit=MAX_DEPTH) from error


def _walk(value: Any, path: Path, found: Findings) -> None:
    if isinstance(value, str):
        _look_at_text(value, path, found)
    elif isinstance(value, dict | list):
        if len(path) >= MAX_DEPTH:
            found.add(path, "too_deep", limit=MAX_DEPTH)
            return
        if isinstance(value, _Repeated):
            for key in value.keys_again:
                found.add(path, "duplicate_key", key=shortened(key))
        if isinstance(value, dict):
            for key, inner in value.items():
                _look_at_text(key, path, found)
                _walk(inner, (*path, key), found)
        else:
            for at, inner in enumerate(value):
                _walk(inner, (*path, at), found)
    elif isinstance(value, _Bad):
        found.add(path, value.code, value=value.value)


def _look_at_text(text: str, path: Path, found: Findings) -> None:
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        found.add(path, "broken_text")
