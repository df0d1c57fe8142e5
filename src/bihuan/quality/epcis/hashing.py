"""Event hash ids (CBV 2.0 §8.9.2): the canonical pre-hash string of an event, and its digest.

Standard fields come in the standard's order, lists sorted by their text, times in UTC with milliseconds, GS1 keys as canonical
Digital Links, standard words as web addresses. recordTime, eventID, errorDeclaration, certificationInfo and comments stay out.
Fields of one's own follow: in version 2.0 after all standard fields (ilmd, those of readPoint, of bizLocation, of sensor elements, of
the event), in 2.1 at the end of the object they stand in.
"""

from __future__ import annotations

import hashlib
import re
from decimal import Decimal
from typing import Any

from bihuan.quality.epcis.context import Namespaces
from bihuan.quality.epcis.gs1_keys import canonical as canonical_key
from bihuan.quality.epcis.times import canonical as canonical_time
from bihuan.quality.epcis.vocabulary import expanded, on_the_web

VERSIONS = ("CBV2.0", "CBV2.1")
IGNORED = frozenset(
    "@context type eventID recordTime errorDeclaration certificationInfo rdfs:comment comment".split()
)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)\Z", re.ASCII)

_EPCS, _QUANTITIES, _VALUE, _TIME = "epcs", "quantities", "value", "time"
# the standard's order of fields
_ORDER: tuple[tuple[str, str], ...] = (
    ("eventTime", _TIME), ("eventTimeZoneOffset", _VALUE), ("epcList", _EPCS), ("parentID", _VALUE),
    ("inputEPCList", _EPCS), ("childEPCs", _EPCS), ("quantityList", _QUANTITIES), ("childQuantityList", _QUANTITIES),
    ("inputQuantityList", _QUANTITIES), ("outputEPCList", _EPCS), ("outputQuantityList", _QUANTITIES),
    ("action", _VALUE), ("transformationID", _VALUE), ("bizStep", "word"), ("disposition", "word"),
    ("persistentDisposition", "persistent"), ("readPoint", "place"), ("bizLocation", "place"),
    ("bizTransactionList", "bizTransaction"), ("sourceList", "source"), ("destinationList", "destination"),
    ("sensorElementList", "sensors"),
)  # fmt: skip
_TYPE_FIELD = {
    "bizTransaction": "bizTransaction type",
    "source": "source or destination type",
    "destination": "source or destination type",
}
_METADATA = "time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules".split()
_REPORT = (
    "type exception deviceID deviceMetadata rawData dataProcessingMethod time microorganism chemicalSubstance value "
    "component stringValue booleanValue hexBinaryValue uriValue minValue maxValue meanValue sDev percRank percValue uom "
    "coordinateReferenceSystem"
).split()
_REPORT_WORDS = {"type": "sensor report type", "exception": "exception", "component": "component"}
_TIMES = frozenset(("time", "startTime", "endTime"))
STANDARD = frozenset(name for name, _kind in _ORDER) | {"ilmd"}


def number(value: int | Decimal) -> str:
    """Without exponent, sign of plus, zeros that say nothing: `1`, `0.3434`, `-2.5`."""
    if isinstance(value, int):
        return str(value)
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def text_of(value: Any) -> str:
    """A scalar's canonical text: trimmed; numbers, also those in quotation marks, without zeros that say nothing."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | Decimal):
        return number(value)
    text = str(value).strip()
    if text and text[0] in "+-.0123456789" and _NUMBER.match(text):
        return number(Decimal(text))
    return canonical_key(expanded(text))


def _pair(key: str, value: Any) -> str:
    if value is None:
        return ""
    text = text_of(value)
    return f"{key}={text}" if text else ""


def _word(key: str, field: str, value: Any) -> str:
    return _pair(key, on_the_web(field, value.strip()) if isinstance(value, str) else value)


def _time(key: str, value: Any) -> str:
    text = str(value).strip()
    return f"{key}={canonical_time(text)}" if text else ""


def _own(key: str, value: Any, names: Namespaces) -> list[str]:
    """The strings of a field of one's own; a list gives one for each of its items."""
    name = names.expanded(key)
    if isinstance(value, list):
        return [name + _inner(item, names) for item in value if item is not None]
    return [name + _inner(value, names)]


def _inner(value: Any, names: Namespaces) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        within = names.within(value["@context"]) if "@context" in value else names
        found: list[str] = []
        for key, inner in value.items():
            if key not in ("@context", "rdfs:comment", "comment") and inner is not None:
                found.extend(_own(key, inner, within))
        return "".join(sorted(found))
    if isinstance(value, list):
        return "".join(sorted(_inner(item, names) for item in value))
    text = text_of(value)
    return f"={text}" if text else ""


def _extensions(value: dict[str, Any], known: frozenset[str] | set[str], names: Namespaces) -> str:
    found: list[str] = []
    for key, inner in value.items():
        if key not in known and key not in ("rdfs:comment", "comment", "@context") and inner is not None:
            found.extend(_own(key, inner, names))
    return "".join(sorted(found))


class _Writer:
    """Builds one event's pre-hash; `late` collects what version 2.0 puts behind the standard fields."""

    def __init__(self, names: Namespaces, inline: bool) -> None:
        self.names, self.inline = names, inline
        self.late: list[str] = []

    def field(self, key: str, kind: str, value: Any) -> str:
        if kind == _VALUE:
            return _pair(key, value)
        if kind == _TIME:
            return _time(key, value)
        if kind == "word":
            return _word(key, key, value)
        if kind == _EPCS:
            return self._named(key, sorted(_pair("epc", one) for one in value))
        if kind == _QUANTITIES:
            return self._named(key, sorted(self._quantity(one) for one in value))
        if kind == "persistent":
            words = [
                text
                for part in ("set", "unset")
                for text in sorted(_word(part, "disposition", one) for one in value.get(part) or ())
            ]
            return self._named(key, words)
        if kind == "place":
            return self._place(key, value)
        if kind == "sensors":
            return self._sensors(value)
        typed = sorted(
            _word("type", _TYPE_FIELD[kind], one.get("type")) + _pair(kind, one.get(kind)) for one in value
        )
        return self._named(key, typed)

    @staticmethod
    def _named(key: str, parts: list[str]) -> str:
        text = "".join(parts)
        return key + text if text else ""

    @staticmethod
    def _quantity(value: dict[str, Any]) -> str:
        text = "".join(_pair(key, value.get(key)) for key in ("epcClass", "quantity", "uom"))
        return f"quantityElement{text}" if text else ""

    def _place(self, key: str, value: dict[str, Any]) -> str:
        own = _extensions(value, {"id"}, self.names)
        text = _pair("id", value.get("id"))
        if self.inline:
            text += own
        elif own:
            self.late.append(key + own)
        return key + text if text else ""

    def _sensors(self, elements: list[dict[str, Any]]) -> str:
        plain: list[str] = []
        late: list[str] = []
        for element in elements:
            text, own = self._sensor(element)
            plain.append(f"sensorElement{text}" if text else "")
            late.append(f"sensorElement{own}" if own else "")
        self.late.extend(sorted(late))
        joined = "".join(sorted(plain))
        return f"sensorElementList{joined}" if joined and self.inline else joined

    def _sensor(self, element: dict[str, Any]) -> tuple[str, str]:
        metadata = element.get("sensorMetadata") or {}
        plain, late = self._part("sensorMetadata", metadata, _METADATA, {})
        reports = [
            self._part("sensorReport", report, _REPORT, _REPORT_WORDS)
            for report in element.get("sensorReport") or ()
        ]
        plain += "".join(sorted(text for text, _own in reports))
        late += "".join(sorted(own for _text, own in reports))
        own = _extensions(element, {"sensorMetadata", "sensorReport"}, self.names)
        return (plain + own, late) if self.inline else (plain, late + own)

    def _part(
        self, key: str, value: dict[str, Any], order: list[str], words: dict[str, str]
    ) -> tuple[str, str]:
        parts = []
        for name in order:
            if name in value:
                inner = value[name]
                if name in _TIMES:
                    parts.append(_time(name, inner))
                elif name in words:
                    parts.append(_word(name, words[name], inner))
                else:
                    parts.append(_pair(name, inner))
        text, own = "".join(parts), _extensions(value, set(order), self.names)
        if self.inline:
            text, own = text + own, ""
        return (key + text if text else ""), (key + own if own else "")


def pre_hash(event: dict[str, Any], names: Namespaces, version: str = "CBV2.0") -> str:
    """The canonical string of an event that was accepted; `names` are those of the document."""
    if "@context" in event:
        names = names.within(event["@context"])
    writer = _Writer(names, inline=version == "CBV2.1")
    parts = [f"eventType={text_of(event['type'])}"]
    for key, kind in _ORDER:
        value = event.get(key)
        if value is not None:
            parts.append(writer.field(key, kind, value))
    ilmd = event.get("ilmd")
    if ilmd:
        text = _extensions(ilmd, frozenset(), names)
        parts.append(f"ilmd{text}" if text else "")
    parts.extend(writer.late)
    parts.append(_extensions(event, STANDARD | IGNORED, names))
    return "".join(parts)


def hash_id(written: str, version: str = "CBV2.0") -> str:
    """`ni:///sha-256;…?ver=CBV2.0` of a pre-hash string."""
    return f"ni:///sha-256;{hashlib.sha256(written.encode('utf-8')).hexdigest()}?ver={version}"
