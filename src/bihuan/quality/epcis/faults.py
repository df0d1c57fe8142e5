"""What can be wrong with a document: a code with its sentence, the path where, and what the sentence needs."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

Path = tuple[str | int, ...]

MESSAGES: dict[str, str] = {
    # ---- the file
    "too_large": "The file is larger than %(limit)d bytes, the most that is read. Split it.",
    "empty": "The file is empty.",
    "xml": "This is XML. Only EPCIS 2.0 in JSON-LD is read.",
    "not_utf8": "The file is not UTF-8 from byte %(at)d on.",
    "utf16": "The file is UTF-16 or UTF-32; JSON is exchanged in UTF-8.",
    "not_json": "This is not JSON: line %(line)d, column %(column)d.",
    "too_deep": "Nested deeper than %(limit)d levels.",
    "duplicate_key": "“%(key)s” occurs twice in one object.",
    "not_a_number": "%(value)s is not a number of JSON.",
    "number_too_long": "A number with this many digits or this exponent is not read.",
    "broken_text": "The text contains half of a character pair (lone surrogate).",
    # ---- shapes
    "missing": "“%(field)s” is missing.",
    "unknown_field": "“%(field)s” is no field here. Fields of one's own need a namespace: prefix:name.",
    "undeclared_prefix": "The prefix “%(prefix)s” is not declared in @context.",
    "not_object": "Must be an object.",
    "not_list": "Must be a list.",
    "not_text": "Must be text.",
    "not_decimal": "Must be a number, without quotation marks.",
    "not_boolean": "Must be true or false.",
    "not_hex": "Must be hexadecimal digits in pairs, a byte each.",
    "not_uri": "“%(value)s” is not a URI.",
    "not_time": "“%(value)s” is not a date and time with zone (such as 2026-03-02T09:00:00.000+08:00).",
    "not_offset": "“%(value)s” is not a zone offset between -14:00 and +14:00 (such as +08:00).",
    "empty_list": "The list must not be empty.",
    "repeated": "“%(value)s” occurs more than once in the list.",
    # ---- the document
    "not_document": "Must be an EPCIS document, a query document, an event, or a list of events.",
    "unknown_type": "“%(value)s” is no EPCIS document or event type.",
    "bad_version": "schemaVersion must be 2.0 or a later 2.x.",
    "bad_context": "@context must be a URI, an object, or a list of these.",
    "no_epcis_context": "@context does not name the EPCIS context.",
    "bad_prefix": "The namespace of the prefix “%(prefix)s” must be a URI.",
    # ---- vocabularies
    "unknown_word": "“%(value)s” is no standard value of %(field)s; a value of one's own must be a URI.",
    "bare_word_wanted": "Standard values stand as bare words in JSON: “%(word)s” instead of “%(value)s”.",
    "bad_action": "action must be OBSERVE, ADD or DELETE.",
    "bad_unit": "“%(value)s” is not a unit code of UN/ECE Recommendation 20 (two or three capitals or digits, such as KGM).",
    # ---- identifiers
    "bad_epc": "“%(value)s” does not have the form of its EPC scheme “%(scheme)s”.",
    "unknown_epc_scheme": "“%(scheme)s” is no EPC scheme.",
    "bad_check_digit": "The check digit in “%(value)s” is wrong: it should be %(digit)s.",
    "bad_key_length": "The GS1 key in “%(value)s” has the wrong form for application identifier %(ai)s.",
    "bad_uuid": "“%(value)s” is not a UUID.",
    "bad_hash_id": "“%(value)s” is not an event hash id (ni:///sha-256;… with 64 hexadecimal digits and ?ver=CBV2.0).",
    # ---- combinations
    "no_objects": "The event names no objects: epcList, quantityList, or sensorElementList with readPoint or bizLocation.",
    "no_objects_transaction": "The event names no objects: epcList or quantityList, unless action is DELETE.",
    "no_children": "The event names no children: childEPCs or childQuantityList, unless action is DELETE.",
    "parent_wanted": "parentID may be missing only if action is OBSERVE.",
    "own_child": "The parent is among its own children.",
    "no_inputs": "The event names no inputs: inputEPCList or inputQuantityList, or a transformationID that joins events.",
    "no_outputs": "The event names no outputs: outputEPCList or outputQuantityList, or a transformationID that joins events.",
    "nothing_transformed": "The event names neither inputs nor outputs.",
    "ilmd_action": "ilmd stands only in events with action ADD.",
    "ilmd_outputs": "ilmd describes outputs, and the event has none.",
    "unit_without_quantity": "uom without quantity.",
    "quantity_negative": "A quantity must not be negative.",
    "quantity_fraction": "Without uom the quantity counts pieces and must be whole.",
    "set_or_unset": "Needs set or unset.",
    "set_and_unset": "“%(value)s” is both set and unset.",
    "type_or_exception": "Needs type or exception.",
    "start_after_end": "startTime is after endTime.",
    "min_above_max": "minValue is above maxValue.",
    "out_of_range": "Must be between %(low)s and %(high)s.",
    "changed_event": "“%(value)s” is the id of an event with other content.",
    "more": "%(count)d further errors are not listed.",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """`path` counts from the document's root; `code` is a key of MESSAGES, whose sentence takes `values`."""

    path: Path
    code: str
    values: dict[str, object] = field(default_factory=dict)

    @property
    def where(self) -> str:
        return say_path(self.path)

    def __str__(self) -> str:
        return MESSAGES[self.code] % self.values


_PLAIN = re.compile(r"[A-Za-z_@$][A-Za-z0-9_@$]*\Z")


def say_path(path: Path) -> str:
    """`$.epcisBody.eventList[0]["ext:field"]`."""
    parts = ["$"]
    for step in path:
        if isinstance(step, int):
            parts.append(f"[{step}]")
        elif _PLAIN.match(step):
            parts.append(f".{step}")
        else:
            parts.append('["' + step.replace("\\", "\\\\").replace('"', '\\"') + '"]')
    return "".join(parts)


def shortened(value: object) -> str:
    """What a sentence shows of a value that may be long."""
    text = str(value)
    return text if len(text) <= 120 else text[:117] + "…"
