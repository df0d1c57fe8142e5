"""What an event must and must not say: the JSON Schema's rules, and those of the standard that the schema lets through."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bihuan.quality.epcis import times, values
from bihuan.quality.epcis.context import Namespaces
from bihuan.quality.epcis.faults import Path, shortened
from bihuan.quality.epcis.values import Check, Findings, list_of, word

EVENT_TYPES = (
    "ObjectEvent",
    "AggregationEvent",
    "TransactionEvent",
    "TransformationEvent",
    "AssociationEvent",
)


# ---------------------------------------------------------------------------------------------- parts of events


def context(value: Any, path: Path, found: Findings) -> None:
    parts = value if isinstance(value, list) else [value]
    seen: set[str] = set()
    for at, part in enumerate(parts):
        here = (*path, at) if isinstance(value, list) else path
        if isinstance(part, str):
            values.uri(part, here, found)
        elif isinstance(part, dict):
            for key, target in part.items():
                address = target.get("@id") if isinstance(target, dict) else target
                if not isinstance(address, str) or key.startswith("@") or address.startswith("@"):
                    continue  # a keyword, or another name for one
                if not values.is_uri(address):
                    found.add((*here, key), "bad_prefix", prefix=shortened(key))
        else:
            found.add(here, "bad_context")
        if repr(part) in seen:
            found.add(here, "repeated", value=shortened(part))
        seen.add(repr(part))
    if isinstance(value, list) and not value:
        found.add(path, "empty_list")


def quantity_element(value: Any, path: Path, found: Findings) -> None:
    known: dict[str, Check] = {
        "epcClass": values.identifier,
        "quantity": values.decimal,
        "uom": values.unit,
    }
    if not values.fields(value, path, found, known, None, ("epcClass",)):
        return
    amount = value.get("quantity")
    if "uom" in value and "quantity" not in value:
        found.add(path, "unit_without_quantity")
    if isinstance(amount, int | Decimal) and not isinstance(amount, bool):
        if amount < 0:
            found.add((*path, "quantity"), "quantity_negative")
        elif "uom" not in value and amount != int(amount):
            found.add((*path, "quantity"), "quantity_fraction")


def typed(key: str, of: str, *, type_required: bool) -> Check:
    def check(value: Any, path: Path, found: Findings) -> None:
        known: dict[str, Check] = {"type": word(of), key: values.identifier}
        values.fields(value, path, found, known, None, ("type", key) if type_required else (key,))

    return check


def persistent_disposition(value: Any, path: Path, found: Findings) -> None:
    dispositions = list_of(word("disposition"), least=1, unique=True)
    if not values.fields(value, path, found, {"set": dispositions, "unset": dispositions}, None):
        return
    if "set" not in value and "unset" not in value:
        found.add(path, "set_or_unset")
    both = [value.get(part) for part in ("set", "unset")]
    if all(isinstance(part, list) for part in both):
        for one in both[0] or ():
            if isinstance(one, str) and one in (both[1] or ()):
                found.add(path, "set_and_unset", value=shortened(one))


def certification(value: Any, path: Path, found: Findings) -> None:
    """A URI, a list of URIs, or details as objects of the GS1 web vocabulary."""
    for at, one in enumerate(value) if isinstance(value, list) else ((None, value),):
        here = path if at is None else (*path, at)
        if not isinstance(one, dict):
            values.uri(one, here, found)


SENSOR_METADATA: dict[str, Check] = {
    "time": values.time,
    "startTime": values.time,
    "endTime": values.time,
    "deviceID": values.identifier,
    "deviceMetadata": values.uri,
    "rawData": values.uri,
    "dataProcessingMethod": values.uri,
    "bizRules": values.uri,
}
SENSOR_REPORT: dict[str, Check] = {
    "type": word("sensor report type"),
    "exception": word("exception"),
    "deviceID": values.identifier,
    "deviceMetadata": values.uri,
    "rawData": values.uri,
    "dataProcessingMethod": values.uri,
    "bizRules": values.uri,
    "time": values.time,
    "microorganism": values.uri,
    "chemicalSubstance": values.uri,
    "coordinateReferenceSystem": values.uri,
    "component": word("component"),
    "stringValue": values.text,
    "booleanValue": values.boolean,
    "hexBinaryValue": values.hexadecimal,
    "uriValue": values.uri,
    "uom": values.unit,
    **dict.fromkeys(
        ("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), values.decimal
    ),
}


def _number(value: Any) -> Decimal | None:
    return Decimal(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


class Parts:
    """The checks that need the namespaces of the event."""

    def __init__(self, names: Namespaces) -> None:
        self.names = names

    def place(self, value: Any, path: Path, found: Findings) -> None:
        values.fields(value, path, found, {"id": values.identifier}, self.names, ("id",))

    def ilmd(self, value: Any, path: Path, found: Findings) -> None:
        values.fields(value, path, found, {}, self.names)

    def error_declaration(self, value: Any, path: Path, found: Findings) -> None:
        known: dict[str, Check] = {
            "declarationTime": values.time,
            "reason": word("reason"),
            "correctiveEventIDs": list_of(values.event_id),
        }
        values.fields(value, path, found, known, self.names, ("declarationTime",))

    def sensor_element(self, value: Any, path: Path, found: Findings) -> None:
        known: dict[str, Check] = {
            "sensorMetadata": self.sensor_metadata,
            "sensorReport": list_of(self.sensor_report, least=1),
        }
        values.fields(value, path, found, known, self.names, ("sensorReport",))

    def sensor_metadata(self, value: Any, path: Path, found: Findings) -> None:
        if not values.fields(value, path, found, SENSOR_METADATA, self.names):
            return
        start, end = (
            times.parse(value[key]) if isinstance(value.get(key), str) else None
            for key in ("startTime", "endTime")
        )
        if start is not None and end is not None and start > end:
            found.add((*path, "startTime"), "start_after_end")

    def sensor_report(self, value: Any, path: Path, found: Findings) -> None:
        if not values.fields(value, path, found, SENSOR_REPORT, self.names):
            return
        if "type" not in value and "exception" not in value:
            found.add(path, "type_or_exception")
        low, high = _number(value.get("minValue")), _number(value.get("maxValue"))
        if low is not None and high is not None and low > high:
            found.add((*path, "minValue"), "min_above_max")
        rank = _number(value.get("percRank"))
        if rank is not None and not 0 <= rank <= 100:
            found.add((*path, "percRank"), "out_of_range", low=0, high=100)
        spread = _number(value.get("sDev"))
        if spread is not None and spread < 0:
            found.add((*path, "sDev"), "out_of_range", low=0, high="∞")


# ---------------------------------------------------------------------------------------------- events

_EPCS = list_of(values.identifier, unique=True)
_CHILDREN = list_of(values.identifier)
_QUANTITIES = list_of(quantity_element)
_TRANSACTIONS = list_of(typed("bizTransaction", "bizTransaction type", type_required=False))
_OF_TYPE: dict[str, dict[str, Check]] = {
    "ObjectEvent": {"epcList": _EPCS, "quantityList": _QUANTITIES, "action": values.action},
    "AggregationEvent": {
        "parentID": values.identifier,
        "childEPCs": _CHILDREN,
        "childQuantityList": _QUANTITIES,
        "action": values.action,
    },
    "TransactionEvent": {
        "parentID": values.identifier,
        "epcList": _CHILDREN,
        "quantityList": _QUANTITIES,
        "action": values.action,
        "bizTransactionList": list_of(
            typed("bizTransaction", "bizTransaction type", type_required=False), least=1
        ),
    },
    "TransformationEvent": {
        "inputEPCList": _EPCS,
        "inputQuantityList": _QUANTITIES,
        "outputEPCList": _EPCS,
        "outputQuantityList": _QUANTITIES,
        "transformationID": values.identifier,
    },
}
_OF_TYPE["AssociationEvent"] = _OF_TYPE["AggregationEvent"]
_REQUIRED = {
    "ObjectEvent": ("action",),
    "AggregationEvent": ("action",),
    "TransactionEvent": ("action", "bizTransactionList"),
    "TransformationEvent": (),
    "AssociationEvent": ("action", "parentID"),
}


def _common(parts: Parts) -> dict[str, Check]:
    return {
        "@context": context,
        "type": values.text,
        "eventTime": values.time,
        "recordTime": values.time,
        "eventTimeZoneOffset": values.zone_offset,
        "eventID": values.event_id,
        "certificationInfo": certification,
        "errorDeclaration": parts.error_declaration,
    }


def _shared(parts: Parts) -> dict[str, Check]:
    return {
        "bizStep": word("bizStep"),
        "disposition": word("disposition"),
        "persistentDisposition": persistent_disposition,
        "readPoint": parts.place,
        "bizLocation": parts.place,
        "bizTransactionList": _TRANSACTIONS,
        "sourceList": list_of(typed("source", "source or destination type", type_required=True)),
        "destinationList": list_of(typed("destination", "source or destination type", type_required=True)),
        "sensorElementList": list_of(parts.sensor_element),
    }


def event(value: Any, path: Path, found: Findings, names: Namespaces) -> None:
    """One event; `names` are those that hold around it."""
    if not isinstance(value, dict):
        found.add(path, "not_object")
        return
    if "@context" in value:
        names = names.within(value["@context"])
    kind = value.get("type")
    parts = Parts(names)
    known = _common(parts)
    if not isinstance(kind, str):
        found.add(path, "missing", field="type") if kind is None else found.add((*path, "type"), "not_text")
        return
    if kind not in EVENT_TYPES:
        if not values.is_uri(kind):
            found.add((*path, "type"), "unknown_type", value=shortened(kind))
            return
        # an event type of one's own: which fields it has is its own business, but those of the standard keep their form
        known |= _shared(parts)
        for of_type in _OF_TYPE.values():
            known |= of_type
        known["ilmd"] = parts.ilmd
        known |= {key: _any for key in value if key not in known}
        values.fields(value, path, found, known, names, ("eventTime", "eventTimeZoneOffset"))
        return
    known |= _shared(parts) | _OF_TYPE[kind]
    if kind in ("ObjectEvent", "TransformationEvent"):
        known["ilmd"] = parts.ilmd
    required = ("eventTime", "eventTimeZoneOffset", *_REQUIRED[kind])
    values.fields(value, path, found, known, names, required)
    _combinations(kind, value, path, found)


def _any(value: Any, path: Path, found: Findings) -> None:
    return None


def _filled(value: dict[str, Any], *keys: str) -> bool:
    return any(value.get(key) for key in keys)


def _combinations(kind: str, value: dict[str, Any], path: Path, found: Findings) -> None:
    action = value.get("action")
    if kind == "ObjectEvent":
        sensed = _filled(value, "sensorElementList") and _filled(value, "readPoint", "bizLocation")
        if not _filled(value, "epcList", "quantityList") and not sensed:
            found.add(path, "no_objects")
        if "ilmd" in value and action in ("OBSERVE", "DELETE"):
            found.add((*path, "ilmd"), "ilmd_action")
    elif kind == "TransactionEvent":
        if not _filled(value, "epcList", "quantityList") and action != "DELETE":
            found.add(path, "no_objects_transaction")
    elif kind == "TransformationEvent":
        inputs = _filled(value, "inputEPCList", "inputQuantityList")
        outputs = _filled(value, "outputEPCList", "outputQuantityList")
        if "transformationID" in value:
            if not inputs and not outputs:
                found.add(path, "nothing_transformed")
        else:
            if not inputs:
                found.add(path, "no_inputs")
            if not outputs:
                found.add(path, "no_outputs")
        if "ilmd" in value and not outputs:
            found.add((*path, "ilmd"), "ilmd_outputs")
    else:
        if not _filled(value, "childEPCs", "childQuantityList") and action != "DELETE":
            found.add(path, "no_children")
        if kind == "AggregationEvent" and "parentID" not in value and action != "OBSERVE":
            found.add(path, "parent_wanted")
        children = value.get("childEPCs")
        if (
            isinstance(value.get("parentID"), str)
            and isinstance(children, list)
            and value["parentID"] in children
        ):
            found.add((*path, "parentID"), "own_child")
