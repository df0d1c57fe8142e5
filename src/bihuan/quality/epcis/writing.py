"""Between events as Python values and JSON-LD."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from bihuan.quality.epcis import times
from bihuan.quality.epcis.events import EVENTS, Correction, Event, Json, Party, Quantity
from bihuan.quality.epcis.hashing import number

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

type _Pair = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def _same(value: Any) -> Any:
    return value


def _moment(text: str) -> datetime:
    moment = times.parse(text)
    if moment is None:
        raise ValueError(f"{text!r} is no time with a zone")
    return moment


def _write_quantity(value: Quantity) -> Json:
    found: Json = {"epcClass": value.epc_class}
    if value.amount is not None:
        found["quantity"] = value.amount
    if value.unit is not None:
        found["uom"] = value.unit
    return found


def _read_quantity(value: Json) -> Quantity:
    amount = value.get("quantity")
    return Quantity(value["epcClass"], None if amount is None else Decimal(amount), value.get("uom"))


def _many(one: _Pair) -> _Pair:
    write, read = one
    return (lambda values: [write(value) for value in values]), (
        lambda values: tuple(read(value) for value in values)
    )


def _party(key: str) -> _Pair:
    def write(value: Party) -> Json:
        return ({} if value.kind is None else {"type": value.kind}) | {key: value.id}

    def read(value: Json) -> Party:
        return Party(value.get("type"), value[key])

    return _many((write, read))


def _write_correction(value: Correction) -> Json:
    found: Json = {"declarationTime": times.write(value.declared)}
    if value.reason is not None:
        found["reason"] = value.reason
    if value.corrected_by:
        found["correctiveEventIDs"] = list(value.corrected_by)
    return found | value.extensions


def _read_correction(value: Json) -> Correction:
    rest = {
        key: inner
        for key, inner in value.items()
        if key not in ("declarationTime", "reason", "correctiveEventIDs")
    }
    return Correction(
        _moment(value["declarationTime"]),
        value.get("reason"),
        tuple(value.get("correctiveEventIDs", ())),
        rest,
    )


_PLAIN: _Pair = (_same, _same)
_TIME: _Pair = (times.write, _moment)
_TEXTS = _many(_PLAIN)
_QUANTITIES = _many((_write_quantity, _read_quantity))
# what stands in a place besides its id is kept among the extensions, under the key itself
_PLACE: _Pair = ((lambda value: {"id": value}), (lambda value: value["id"]))
_CERTIFICATES: _Pair = (list, lambda value: tuple(value) if isinstance(value, list) else (value,))

# attribute → (field of JSON-LD, how to write and read it), in the order written
_FIELDS: dict[str, tuple[str, _Pair]] = {
    "id": ("eventID", _PLAIN),
    "time": ("eventTime", _TIME),
    "zone_offset": ("eventTimeZoneOffset", _PLAIN),
    "recorded": ("recordTime", _TIME),
    "correction": ("errorDeclaration", (_write_correction, _read_correction)),
    "certificates": ("certificationInfo", _CERTIFICATES),
    "parent": ("parentID", _PLAIN),
    "epcs": ("epcList", _TEXTS),
    "quantities": ("quantityList", _QUANTITIES),
    "children": ("childEPCs", _TEXTS),
    "child_quantities": ("childQuantityList", _QUANTITIES),
    "inputs": ("inputEPCList", _TEXTS),
    "input_quantities": ("inputQuantityList", _QUANTITIES),
    "outputs": ("outputEPCList", _TEXTS),
    "output_quantities": ("outputQuantityList", _QUANTITIES),
    "transformation": ("transformationID", _PLAIN),
    "action": ("action", _PLAIN),
    "step": ("bizStep", _PLAIN),
    "disposition": ("disposition", _PLAIN),
    "read_point": ("readPoint", _PLACE),
    "location": ("bizLocation", _PLACE),
    "transactions": ("bizTransactionList", _party("bizTransaction")),
    "sources": ("sourceList", _party("source")),
    "destinations": ("destinationList", _party("destination")),
    "sensors": ("sensorElementList", _many(_PLAIN)),
    "ilmd": ("ilmd", _PLAIN),
}
_KNOWN = {name for name, _pair in _FIELDS.values()} | {"type", "persistentDisposition"}


def write_event(event: Event) -> Json:
    """JSON-LD of one event, without @context; what is empty is left out."""
    found: Json = {"type": event.TYPE}
    for attribute, (name, (write, _read)) in _FIELDS.items():
        value = getattr(event, attribute, None)
        if value is not None and value != () and value != {}:
            found[name] = write(value)
    lasting = {
        part: list(words)
        for part, words in (("set", event.persistent_set), ("unset", event.persistent_unset))
        if words
    }
    if lasting:
        found["persistentDisposition"] = lasting
    for name, inner in event.extensions.items():
        if name in ("readPoint", "bizLocation"):
            found[name] = found.get(name, {}) | inner
        else:
            found[name] = inner
    return found


def read_event(value: Json) -> Event:
    """The event of JSON-LD that `check` accepted. An event type of one's own is refused with KeyError."""
    kind = EVENTS[value["type"]]
    attributes: dict[str, Any] = {}
    for attribute, (name, (_write, read)) in _FIELDS.items():
        if name in value and attribute in kind.__dataclass_fields__:
            attributes[attribute] = read(value[name])
    lasting = value.get("persistentDisposition") or {}
    attributes["persistent_set"] = tuple(lasting.get("set", ()))
    attributes["persistent_unset"] = tuple(lasting.get("unset", ()))
    extensions = {name: inner for name, inner in value.items() if name not in _KNOWN}
    for name in ("readPoint", "bizLocation"):
        beside = {key: inner for key, inner in value.get(name, {}).items() if key != "id"}
        if beside:
            extensions[name] = beside
    return kind(**attributes, extensions=extensions)


def write_document(
    events: Iterable[Event], created: datetime, namespaces: Mapping[str, str] | None = None
) -> bytes:
    """A capture document in UTF-8. `namespaces` declares the prefixes that extensions use."""
    context: list[Any] = [CONTEXT]
    if namespaces:
        context.append(dict(namespaces))
    document = {
        "@context": context,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": times.write(created),
        "epcisBody": {"eventList": [write_event(event) for event in events]},
    }
    return to_json(document).encode("utf-8")


def to_json(value: Any) -> str:
    """JSON in which decimals stand as the numbers they are, digit for digit, without quotation marks."""
    if isinstance(value, Decimal):
        return number(value)
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{to_json(str(key))}:{to_json(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(to_json(inner) for inner in value) + "]"
    return json.dumps(value, ensure_ascii=False, allow_nan=False)
