"""The kinds of events and what stands in them. The same table is in docs/evidence.md.

No field takes free text about people. A person, a company or a text is bound to an event by a salted digest (`sealing`), a file by its
SHA-256. What stands openly are codes, numbers, quantities and moments.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from .canonical import check_text, encode, is_text, read_canonical
from .faults import EvidenceFault

VERSION = 1
MOST_BYTES = 65_535  # an entry's length is kept in two bytes
MOST_LISTED = 500

Fields = Mapping[str, str]
# name → type; a name with a question mark may be left out
ALWAYS: Fields = {"v": "version", "kind": "kind", "id": "id", "at": "moment", "by?": "sealed"}
LOT: Fields = {"product": "code", "lot": "code"}
INPUT: Fields = {**LOT, "quantity?": "decimal", "unit?": "code"}
KINDS: Mapping[str, Fields] = {
    "lot_made": {**LOT, "quantity?": "decimal", "unit?": "code", "inputs?": "inputs", "site?": "code", "order?": "code"},
    "lot_tested": {**LOT, "characteristic": "code", "method?": "code", "value": "result", "unit?": "code", "conforms?": "flag",
                   "specification?": "code", "laboratory?": "code"},
    "lot_released": {**LOT, "decision": "code", "specification?": "code", "reason?": "sealed"},
    "lot_shipped": {**LOT, "quantity": "decimal", "unit?": "code", "shipment": "code", "customer?": "sealed", "order?": "code"},
    "certificate_issued": {"certificate": "code", "version": "count", "type": "code", "lots": "lots", "document": "digest",
                           "signer?": "sealed", "recipient?": "sealed", "supersedes?": "code"},
    "reading_sealed": {"source": "code", "from": "moment", "to": "moment", "count": "count", "document": "digest",
                       "lots?": "lots", "parameter?": "code"},
    "case_closed": {"case": "code", "outcome": "code", "lots?": "lots", "document?": "digest", "customer?": "sealed"},
}  # fmt: skip

_code = re.compile(
    r"[^\s\x00-\x1f\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f\u2028\u2029]{0,98}[^\s\x00-\x1f\x7f-\x9f])?\Z"
).match
_id = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,99}\Z").match
_decimal = re.compile(r"-?(?:0|[1-9][0-9]{0,29})(?:\.[0-9]{1,18})?\Z").match
_digest = re.compile(r"[0-9a-f]{64}\Z").match
_moment = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{0,5}[1-9])?Z\Z").match

Check = Callable[[Any, str], None]


def canonical_event(event: Mapping[str, Any]) -> bytes:
    """The event's leaf: its canonical text. EvidenceFault where it is not an event as its kind demands."""
    check_event(event)
    data = encode(event)
    if len(data) > MOST_BYTES:
        raise EvidenceFault("too_large", size=len(data), limit=MOST_BYTES)
    return data


def read_event(data: bytes) -> dict[str, Any]:
    """The event of a leaf; EvidenceFault where the leaf is not one."""
    event = read_canonical(data)
    check_event(event)
    return dict(event)


def check_event(event: Any) -> None:
    if not isinstance(event, dict):
        raise EvidenceFault("not_object")
    kind = event.get("kind")
    checks = _checks.get(kind) if isinstance(kind, str) else None
    if checks is None:
        raise EvidenceFault("unknown_kind", "kind", kind=kind)
    _check_fields(event, checks, "")


def _check_fields(value: dict[str, Any], checks: tuple[dict[str, Check], frozenset[str]], path: str) -> None:
    known, needed = checks
    for name, inner in value.items():
        check = known.get(name)
        if check is None:
            raise EvidenceFault("unknown_field", path, field=name)
        check(inner, f"{path}.{name}" if path else name)
    if not needed <= value.keys():
        raise EvidenceFault("missing_field", path, field=min(needed - value.keys()))


def _matching(name: str, pattern: Callable[[str], Any]) -> Check:
    def check(value: Any, path: str) -> None:
        if type(value) is str and pattern(value) and (value.isascii() or is_text(value)):
            return
        if type(value) is not str:
            raise EvidenceFault("not_text", path)
        check_text(value, path)
        raise EvidenceFault("bad_field", path, value=value[:40], type=name)

    return check


def _is_moment(value: str) -> bool:
    if not _moment(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _check_version(value: Any, path: str) -> None:
    if type(value) is not int or value != VERSION:
        raise EvidenceFault("bad_field", path, value=value, type="version")


def _check_count(value: Any, path: str) -> None:
    if type(value) is not int or not 0 <= value < 2**53:
        raise EvidenceFault("bad_field", path, value=value, type="count")


def _check_flag(value: Any, path: str) -> None:
    if type(value) is not bool:
        raise EvidenceFault("bad_field", path, value=value, type="flag")


def _list_of(fields: Fields) -> Check:
    checks = _compiled(fields)

    def check(value: Any, path: str) -> None:
        if type(value) is not list or not 0 < len(value) <= MOST_LISTED:
            raise EvidenceFault("not_list", path)
        for place, one in enumerate(value):
            inner = f"{path}[{place}]"
            if type(one) is not dict:
                raise EvidenceFault("not_object", inner)
            _check_fields(one, checks, inner)

    return check


def _compiled(fields: Fields) -> tuple[dict[str, Check], frozenset[str]]:
    return (
        {name.removesuffix("?"): TYPES[type_] for name, type_ in fields.items()},
        frozenset(name for name in fields if not name.endswith("?")),
    )


TYPES: dict[str, Check] = {
    "version": _check_version,  # 1
    "kind": lambda value, path: None,  # it has chosen this table
    "id": _matching("id", _id),  # 1 to 100 of A-Z a-z 0-9 . _ : / -, a letter or digit first
    "code": _matching("code", _code),  # 1 to 100 printable characters, no space at either end
    "result": _matching("result", _code),
    "decimal": _matching("decimal", lambda text: _decimal(text) and (text[0] != "-" or text.strip("-0."))),
    "moment": _matching("moment", _is_moment),  # UTC with Z, at most microseconds, no zero at the end of them
    "digest": _matching("digest", _digest),  # SHA-256 of a file, hexadecimal
    "sealed": _matching("sealed", _digest),  # a salted digest
    "count": _check_count,
    "flag": _check_flag,
}
TYPES["lots"] = _list_of(LOT)
TYPES["inputs"] = _list_of(INPUT)
_checks = {kind: _compiled({**ALWAYS, **fields}) for kind, fields in KINDS.items()}
