"""Checks of single values: each takes a collector and the path, and says what is wrong there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from bihuan.quality.epcis import gs1_keys, times
from bihuan.quality.epcis.context import Namespaces, is_extension_key, is_uri_key
from bihuan.quality.epcis.faults import Fault, Path, shortened
from bihuan.quality.epcis.vocabulary import CBV, FIELDS, URN, is_standard

# RFC 3986, with the characters of other scripts that RFC 3987 adds
_URI = re.compile(
    r"[A-Za-z][A-Za-z0-9+.-]*:(?:%[0-9A-Fa-f]{2}|[!#$&-;=?-Z\[\]_a-z~]|[^\x00-\x9f\s\ufff0-\uffff])+\Z"
)
_UNIT = re.compile(r"[A-Z0-9]{2,3}\Z", re.ASCII)
_HEX = re.compile(r"(?:[0-9A-Fa-f]{2})+\Z", re.ASCII)
_UUID = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\Z", re.ASCII)
_HASH_LENGTHS = {
    "sha-256": 64,
    "sha-384": 96,
    "sha-512": 128,
    "sha3-256": 64,
    "sha3-384": 96,
    "sha3-512": 128,
}
_HASH_ID = re.compile(r"ni:///([a-z0-9-]+);([0-9A-Fa-f]+)\?ver=CBV\d+(?:\.\d+)+\Z", re.ASCII)
_OLD_WEB = re.compile(r"https?://ns\.gs1\.org/cbv/(?:[A-Za-z]+-)?(.*)", re.I)
_GS1_VOC = re.compile(r"https?://(?:www\.)?gs1\.org/voc/(.*)", re.I)
# how addresses of the CBV's words begin, whole and with the prefix → the vocabulary that they belong to
_STARTS = [
    (start, web)
    for web in {web for _words, web, _segment in FIELDS.values() if web.startswith(CBV)}
    for start in (web, "cbv:" + web.removeprefix(CBV))
]

MOST_FAULTS = 200


@dataclass(slots=True)
class Findings:
    """What was found so far: all are counted, the first are kept, so that a file of nothing but faults fits in memory."""

    faults: list[Fault] = field(default_factory=list)
    count: int = 0

    def add(self, path: Path, code: str, **values: object) -> None:
        self.count += 1
        if self.count <= MOST_FAULTS:
            self.faults.append(Fault(path, code, values))

    def told(self) -> list[Fault]:
        """The first, and how many more there are."""
        if self.count <= MOST_FAULTS:
            return self.faults
        return [*self.faults, Fault((), "more", {"count": self.count - MOST_FAULTS})]


Check = Callable[[Any, Path, Findings], None]


def text(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, str):
        found.add(path, "not_text")


def decimal(value: Any, path: Path, found: Findings) -> None:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        found.add(path, "not_decimal")


def boolean(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, bool):
        found.add(path, "not_boolean")


def hexadecimal(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, str) or not _HEX.match(value):
        found.add(path, "not_hex")


def is_uri(value: str) -> bool:
    return _URI.match(value) is not None


def uri(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, str):
        found.add(path, "not_text")
    elif not is_uri(value):
        found.add(path, "not_uri", value=shortened(value))


def identifier(value: Any, path: Path, found: Findings) -> None:
    """A URI; where it is a GS1 key, one that is well formed."""
    before = found.count
    uri(value, path, found)
    if found.count == before:
        fault = gs1_keys.fault_of(value)
        if fault is not None:
            found.add(path, fault[0], **fault[1])


def event_id(value: Any, path: Path, found: Findings) -> None:
    before = found.count
    uri(value, path, found)
    if found.count > before:
        return
    if value.lower().startswith("urn:uuid:") and not _UUID.match(value[9:]):
        found.add(path, "bad_uuid", value=shortened(value))
    elif value.startswith("ni:"):
        form = _HASH_ID.match(value)
        wanted = _HASH_LENGTHS.get(form.group(1)) if form else None
        if form is None or (wanted is not None and len(form.group(2)) != wanted):
            found.add(path, "bad_hash_id", value=shortened(value))


def time(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, str):
        found.add(path, "not_text")
    elif times.parse(value) is None:
        found.add(path, "not_time", value=shortened(value))


def zone_offset(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, str):
        found.add(path, "not_text")
    elif not times.OFFSET.match(value):
        found.add(path, "not_offset", value=shortened(value))


def unit(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, str):
        found.add(path, "not_text")
    elif not _UNIT.match(value):
        found.add(path, "bad_unit", value=shortened(value))


def action(value: Any, path: Path, found: Findings) -> None:
    if not (isinstance(value, str) and value in ("OBSERVE", "ADD", "DELETE")):
        found.add(path, "bad_action")


def word(of: str) -> Check:
    """A bare standard word of this field, or a URI of one's own."""

    def check(value: Any, path: Path, found: Findings) -> None:
        if not isinstance(value, str):
            found.add(path, "not_text")
            return
        if is_standard(of, value):
            return
        if not is_uri(value):
            found.add(path, "unknown_word", value=shortened(value), field=of)
            return
        _words, web, _segment = FIELDS[of]
        if web.startswith(CBV):
            old = _OLD_WEB.match(value)
            if old or value.startswith(URN):
                bare = old.group(1) if old else value.rsplit(":", 1)[-1]
                found.add(path, "bare_word_wanted", value=shortened(value), word=shortened(bare))
                return
            for start, belongs in _STARTS:
                if value.startswith(start) and not (belongs == web and is_standard(of, value[len(start) :])):
                    found.add(path, "unknown_word", value=shortened(value), field=of)
                    return
        else:
            voc = _GS1_VOC.match(value)
            if voc:
                found.add(path, "bare_word_wanted", value=shortened(value), word=shortened(voc.group(1)))

    return check


def list_of(item: Check, *, least: int = 0, unique: bool = False) -> Check:
    def check(value: Any, path: Path, found: Findings) -> None:
        if not isinstance(value, list):
            found.add(path, "not_list")
            return
        if len(value) < least:
            found.add(path, "empty_list")
        seen: set[str] = set()
        for at, one in enumerate(value):
            item(one, (*path, at), found)
            if unique and isinstance(one, str):
                if one in seen:
                    found.add((*path, at), "repeated", value=shortened(one))
                seen.add(one)

    return check


def fields(
    value: Any,
    path: Path,
    found: Findings,
    known: dict[str, Check],
    names: Namespaces | None,
    required: tuple[str, ...] = (),
) -> bool:
    """An object's fields; without `names` it may have none of one's own. False if it is no object."""
    if not isinstance(value, dict):
        found.add(path, "not_object")
        return False
    for key in required:
        if key not in value:
            found.add(path, "missing", field=key)
    for key, inner in value.items():
        check = known.get(key)
        if check is not None:
            check(inner, (*path, key), found)
        elif names is None:
            found.add((*path, key), "unknown_field", field=shortened(key))
        else:
            own_field(key, path, found, names)
    return True


def own_field(key: str, path: Path, found: Findings, names: Namespaces) -> None:
    """A field of one's own must be named by prefix and name, and its prefix be declared."""
    if not is_extension_key(key):
        if not (key in names.terms and not key.startswith("@")):
            found.add((*path, key), "unknown_field", field=shortened(key))
        return
    prefix = key.partition(":")[0]
    if is_uri_key(key):
        if not is_uri(key):
            found.add((*path, key), "not_uri", value=shortened(key))
    elif not names.knows(prefix):
        found.add((*path, key), "undeclared_prefix", prefix=shortened(prefix))
