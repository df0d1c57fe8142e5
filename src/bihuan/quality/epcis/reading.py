"""From bytes to a JSON tree in which nothing is lost: exact numbers, repeated keys and NaN found with their path."""

from __future__ import annotations

import codecs
import json
from decimal import Decimal, InvalidOperation
from typing import Any

from bihuan.quality.epcis.faults import Fault, Path, shortened

MAX_BYTES = 32 * 1024 * 1024  # about 500 MB of memory at worst; some 30,000 events
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


def read(data: bytes) -> tuple[Any, list[Fault]]:
    """The tree, and what is wrong with it as JSON; the tree is None if there is none."""
    if len(data) > MAX_BYTES:
        return None, [Fault((), "too_large", {"limit": MAX_BYTES})]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)):
        return None, [Fault((), "utf16")]
    data = data.removeprefix(codecs.BOM_UTF8)
    head = data[:200].lstrip()
    if not head and not data.strip():
        return None, [Fault((), "empty")]
    if head.startswith(b"<"):
        return None, [Fault((), "xml")]
    if b"\0" in data[:4]:
        return None, [Fault((), "utf16")]
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        return None, [Fault((), "not_utf8", {"at": error.start})]
    try:
        tree = json.loads(
            text,
            object_pairs_hook=_object,
            parse_int=_whole,
            parse_float=_decimal,
            parse_constant=_constant,
        )
    except json.JSONDecodeError as error:
        return None, [Fault((), "not_json", {"line": error.lineno, "column": error.colno})]
    except RecursionError:
        return None, [Fault((), "too_deep", {"limit": MAX_DEPTH})]
    faults: list[Fault] = []
    _walk(tree, (), faults)
    return tree, faults


def _walk(value: Any, path: Path, faults: list[Fault]) -> None:
    if isinstance(value, str):
        _look_at_text(value, path, faults)
    elif isinstance(value, dict | list):
        if len(path) >= MAX_DEPTH:
            faults.append(Fault(path, "too_deep", {"limit": MAX_DEPTH}))
            return
        if isinstance(value, _Repeated):
            faults.extend(Fault(path, "duplicate_key", {"key": shortened(key)}) for key in value.keys_again)
        if isinstance(value, dict):
            for key, inner in value.items():
                _look_at_text(key, path, faults)
                _walk(inner, (*path, key), faults)
        else:
            for at, inner in enumerate(value):
                _walk(inner, (*path, at), faults)
    elif isinstance(value, _Bad):
        faults.append(Fault(path, value.code, {"value": value.value}))


def _look_at_text(text: str, path: Path, faults: list[Fault]) -> None:
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        faults.append(Fault(path, "broken_text"))
