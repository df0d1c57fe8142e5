"""What queries ask of an event: its business step, places, and what it names, in canonical form. Pure.

The names of queries are those of EPCIS 2.0 §8.2.7.1 (SimpleEventQuery).
"""

from __future__ import annotations

import hashlib
from typing import Any

from bihuan.quality.epcis.gs1_keys import canonical
from bihuan.quality.epcis.vocabulary import BIZ_STEPS, DISPOSITIONS, FIELDS, expanded

LONGEST = 300
# field of an event → what kind of name stands there
_EPCS = {
    "epcList": "epc", "childEPCs": "epc", "inputEPCList": "input_epc", "outputEPCList": "output_epc",
}  # fmt: skip
_CLASSES = {
    "quantityList": "class", "childQuantityList": "class", "inputQuantityList": "input_class",
    "outputQuantityList": "output_class",
}  # fmt: skip
_WORDS = {"step": ("bizStep", BIZ_STEPS), "disposition": ("disposition", DISPOSITIONS)}
_PLACES = {"readPoint": "read_point", "bizLocation": "location"}
ANY_EPC = ("epc", "parent", "input_epc", "output_epc")
ANY_CLASS = ("class", "input_class", "output_class")


def terms_of(event: dict[str, Any]) -> set[tuple[str, str]]:
    """(field, value) of an event that `check` accepted."""
    found: list[tuple[str, str]] = [("action", event["action"])] if "action" in event else []
    for name, (key, _words) in _WORDS.items():
        if key in event:
            found.append((name, word(name, event[key])))
    for key, name in _PLACES.items():
        if key in event:
            found.append((name, uri(event[key]["id"])))
    for key, name in (("parentID", "parent"), ("transformationID", "transformation")):
        if key in event:
            found.append((name, uri(event[key])))
    for key, name in _EPCS.items():
        found += ((name, uri(one)) for one in event.get(key) or ())
    for key, name in _CLASSES.items():
        found += ((name, uri(one["epcClass"])) for one in event.get(key) or ())
    return set(found)


def uri(text: str) -> str:
    """A name as it is compared: EPC URIs and Digital Links are one."""
    return _short(canonical(text))


def word(name: str, text: str) -> str:
    """A business step or disposition as it is compared: a standard one is the bare word, however it is written."""
    key, words = _WORDS[name]
    bare = expanded(text).removeprefix(FIELDS[key][1])
    return bare if bare in words else _short(text)


def _short(text: str) -> str:
    """What is longer than an index holds is compared by its digest."""
    return text if len(text) <= LONGEST else "sha256:" + hashlib.sha256(text.encode("utf-8")).hexdigest()
