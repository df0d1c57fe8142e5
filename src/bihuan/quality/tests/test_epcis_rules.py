"""Every rule of events, by one change to a valid event."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bihuan.quality.epcis import MESSAGES
from bihuan.quality.tests.epcis_samples import EVENTS, Json, changed, checked, document, told

HERE = "$.epcisBody.eventList[0]"


def put(*steps: Any) -> Callable[[Json], None]:
    """Puts the last of the steps where the others lead."""
    *way, last, value = steps

    def change(event: Any) -> None:
        for step in way:
            event = event[step]
        event[last] = value

    return change


def drop(*names: str) -> Callable[[Json], None]:
    def change(event: Json) -> None:
        for name in names:
            del event[name]

    return change


def rename(old: str, new: str) -> Callable[[Json], None]:
    def change(event: Json) -> None:
        event[new] = event.pop(old)

    return change


def all_of(*changes: Callable[[Json], None]) -> Callable[[Json], None]:
    def change(event: Json) -> None:
        for one in changes:
            one(event)

    return change


REPORT = ("sensorElementList", 0, "sensorReport", 0)
REFUSED: dict[str, tuple[str, Callable[[Json], None], str, str]] = {
    # name: (event, change, path below the event, code)
    "event without type": ("object", drop("type"), "", "missing"),
    "event of an unknown type": ("object", put("type", "QuantityEvent"), ".type", "unknown_type"),
    "event without time": ("object", drop("eventTime"), "", "missing"),
    "event without zone offset": ("object", drop("eventTimeZoneOffset"), "", "missing"),
    "time without zone": ("object", put("eventTime", "2026-03-02T09:00:00"), ".eventTime", "not_time"),
    "time with a blank": ("object", put("eventTime", "2026-03-02 09:00:00Z"), ".eventTime", "not_time"),
    "day that is none": ("object", put("eventTime", "2026-02-30T09:00:00Z"), ".eventTime", "not_time"),
    "date only": ("object", put("eventTime", "2026-03-02"), ".eventTime", "not_time"),
    "time as number": ("object", put("eventTime", 1772413200), ".eventTime", "not_text"),
    "record time that is none": ("object", put("recordTime", "now"), ".recordTime", "not_time"),
    "zone offset without sign": ("object", put("eventTimeZoneOffset", "08:00"), ".eventTimeZoneOffset", "not_offset"),
    "zone offset Z": ("object", put("eventTimeZoneOffset", "Z"), ".eventTimeZoneOffset", "not_offset"),
    "zone offset beyond 14 hours": ("object", put("eventTimeZoneOffset", "+14:30"), ".eventTimeZoneOffset", "not_offset"),
    "object event without action": ("object", drop("action"), "", "missing"),
    "action in small letters": ("object", put("action", "add"), ".action", "bad_action"),
    "unknown action": ("aggregation", put("action", "REMOVE"), ".action", "bad_action"),
    "transformation with an action": ("transformation", put("action", "ADD"), ".action", "unknown_field"),
    "unknown field": ("object", put("colour", "red"), ".colour", "unknown_field"),
    "field of another event type": ("object", put("childEPCs", []), ".childEPCs", "unknown_field"),
    "field with an undeclared prefix": ("object", put("other:x", 1), '["other:x"]', "undeclared_prefix"),
    "event id that is no URI": ("object", put("eventID", "17"), ".eventID", "not_uri"),
    "event id that is no UUID": ("object", put("eventID", "urn:uuid:1234"), ".eventID", "bad_uuid"),
    "event id whose hash is short": ("object", put("eventID", "ni:///sha-256;abc?ver=CBV2.0"), ".eventID", "bad_hash_id"),
    "event id without version": ("object", put("eventID", "ni:///sha-256;" + "0" * 64), ".eventID", "bad_hash_id"),
    "certificate that is no URI": ("object", put("certificationInfo", "ABC 123"), ".certificationInfo", "not_uri"),
    "unknown business step": ("object", put("bizStep", "cooking"), ".bizStep", "unknown_word"),
    "business step in capitals": ("object", put("bizStep", "Shipping"), ".bizStep", "unknown_word"),
    "business step as URN": ("object", put("bizStep", "urn:epcglobal:cbv:bizstep:shipping"), ".bizStep", "bare_word_wanted"),
    "business step that GS1 never named": ("object", put("bizStep", "https://ref.gs1.org/cbv/BizStep-cooking"), ".bizStep", "unknown_word"),
    "disposition as business step": ("object", put("bizStep", "https://ref.gs1.org/cbv/Disp-active"), ".bizStep", "unknown_word"),
    "business step as disposition": ("object", put("disposition", "cbv:BizStep-shipping"), ".disposition", "unknown_word"),
    "leap second at noon": ("object", put("eventTime", "2016-12-31T12:00:60Z"), ".eventTime", "not_time"),
    "leap second by another zone's clock": ("object", put("eventTime", "2016-12-31T23:59:60+08:00"), ".eventTime", "not_time"),
    "unknown disposition": ("object", put("disposition", "lost"), ".disposition", "unknown_word"),
    "disposition as list": ("object", put("disposition", ["active"]), ".disposition", "not_text"),
    "unknown transaction type": ("object", put("bizTransactionList", 0, "type", "order"), ".bizTransactionList[0].type", "unknown_word"),
    "transaction without identifier": ("object", lambda e: e["bizTransactionList"][0].pop("bizTransaction"), ".bizTransactionList[0]", "missing"),
    "transaction that is no URI": ("object", put("bizTransactionList", 0, "bizTransaction", "PO 1"), ".bizTransactionList[0].bizTransaction", "not_uri"),
    "unknown source type": ("object", put("sourceList", 0, "type", "factory"), ".sourceList[0].type", "unknown_word"),
    "source without type": ("object", lambda e: e["sourceList"][0].pop("type"), ".sourceList[0]", "missing"),
    "destination named source": ("object", put("destinationList", 0, "source", "urn:a:b"), ".destinationList[0].source", "unknown_field"),
    "EPC that is no URI": ("object", put("epcList", 0, "2017"), ".epcList[0]", "not_uri"),
    "EPC that is empty": ("object", put("epcList", 0, ""), ".epcList[0]", "not_uri"),
    "EPC with a blank": ("object", put("epcList", 0, "urn:epc:id:sgtin:0614141.107346.20 17"), ".epcList[0]", "not_uri"),
    "EPC list as text": ("object", put("epcList", "urn:epc:id:sgtin:0614141.107346.2017"), ".epcList", "not_list"),
    "the same EPC twice": ("object", lambda e: e["epcList"].append(e["epcList"][0]), ".epcList[2]", "repeated"),
    "company prefix too short": ("object", put("epcList", 0, "urn:epc:id:sgtin:06141.10734600.2017"), ".epcList[0]", "bad_epc"),
    "item reference too long": ("object", put("epcList", 0, "urn:epc:id:sgtin:0614141.1107346.2017"), ".epcList[0]", "bad_epc"),
    "serial missing": ("object", put("epcList", 0, "urn:epc:id:sgtin:0614141.107346"), ".epcList[0]", "bad_epc"),
    "serial longer than 20": ("object", put("epcList", 0, "urn:epc:id:sgtin:0614141.107346." + "1" * 21), ".epcList[0]", "bad_epc"),
    "SSCC one digit short": ("object", put("epcList", 0, "urn:epc:id:sscc:0614141.123456789"), ".epcList[0]", "bad_epc"),
    "unknown EPC scheme": ("object", put("epcList", 0, "urn:epc:id:gtin:0614141.107346.1"), ".epcList[0]", "unknown_epc_scheme"),
    "wrong check digit": ("object", put("epcList", 1, "https://id.gs1.org/00/040123450000003339"), ".epcList[1]", "bad_check_digit"),
    "GTIN of nine digits": ("object", put("epcList", 1, "https://id.gs1.org/01/123456789/21/1"), ".epcList[1]", "bad_key_length"),
    "lot number of 21 characters": ("object", put("epcList", 1, "https://id.gs1.org/01/04012345111118/10/" + "1" * 21), ".epcList[1]", "bad_key_length"),
    "serial of a part in letters": ("object", put("epcList", 1, "https://id.gs1.org/8010/4012345AB/8011/x"), ".epcList[1]", "bad_key_length"),
    "qualifier that is none": ("object", put("epcList", 1, "https://id.gs1.org/01/04012345111118/99/1"), ".epcList[1]", "bad_key_length"),
    "qualifier of another key": ("object", put("epcList", 1, "https://id.gs1.org/00/040123450000003338/21/1"), ".epcList[1]", "bad_key_length"),
    "serial before lot": ("object", put("epcList", 1, "https://id.gs1.org/01/04012345111118/21/1/10/L"), ".epcList[1]", "bad_key_length"),
    "container without its category": ("object", put("epcList", 0, "urn:epc:id:bic:CSQA3054383"), ".epcList[0]", "bad_epc"),
    "ship number of six digits": ("object", put("epcList", 0, "urn:epc:id:imovn:917618"), ".epcList[0]", "bad_epc"),
    "general identifier of two parts": ("object", put("epcList", 0, "urn:epc:id:gid:95100000.12345"), ".epcList[0]", "bad_epc"),
    "aircraft part without serial": ("object", put("epcList", 0, "urn:epc:id:adi:W81X9C.3KL984PX1."), ".epcList[0]", "bad_epc"),
    "supplies from nobody": ("object", put("epcList", 0, "urn:epc:id:usdod:CJ7.8"), ".epcList[0]", "bad_epc"),
    "object event without objects": ("object", drop("epcList", "quantityList", "sensorElementList"), "", "no_objects"),
    "object event with empty lists": ("object", all_of(put("epcList", []), drop("quantityList", "sensorElementList")), "", "no_objects"),
    "readings without objects or place": ("object", drop("epcList", "quantityList", "readPoint", "bizLocation"), "", "no_objects"),
    "master data where nothing came to be": ("object", put("action", "OBSERVE"), ".ilmd", "ilmd_action"),
    "master data where objects ceased": ("object", put("action", "DELETE"), ".ilmd", "ilmd_action"),
    "master data without namespace": ("object", put("ilmd", "lot", "L1"), ".ilmd.lot", "unknown_field"),
    "master data on an aggregation": ("aggregation", put("ilmd", {"own:a": 1}), ".ilmd", "unknown_field"),
    "master data without outputs": ("transformation", all_of(drop("outputQuantityList"), put("transformationID", "urn:epc:id:gdti:0614141.12345.400")), ".ilmd", "ilmd_outputs"),
    "quantity as text": ("object", put("quantityList", 0, "quantity", "12.5"), ".quantityList[0].quantity", "not_decimal"),
    "quantity true": ("object", put("quantityList", 0, "quantity", True), ".quantityList[0].quantity", "not_decimal"),
    "quantity below zero": ("object", put("quantityList", 0, "quantity", -1), ".quantityList[0].quantity", "quantity_negative"),
    "half a piece": ("object", lambda e: e["quantityList"][0].pop("uom"), ".quantityList[0].quantity", "quantity_fraction"),
    "unit without quantity": ("object", lambda e: e["quantityList"][0].pop("quantity"), ".quantityList[0]", "unit_without_quantity"),
    "quantity without class": ("object", lambda e: e["quantityList"][0].pop("epcClass"), ".quantityList[0]", "missing"),
    "unit in words": ("object", put("quantityList", 0, "uom", "kg"), ".quantityList[0].uom", "bad_unit"),
    "own field in a quantity": ("object", put("quantityList", 0, "own:x", 1), '.quantityList[0]["own:x"]', "unknown_field"),
    "lot of a wrong form": ("object", put("quantityList", 0, "epcClass", "urn:epc:class:lgtin:4012345.012345"), ".quantityList[0].epcClass", "bad_epc"),
    "read point as text": ("object", put("readPoint", "urn:epc:id:sgln:0614141.07346.1234"), ".readPoint", "not_object"),
    "read point without id": ("object", lambda e: e["readPoint"].pop("id"), ".readPoint", "missing"),
    "place with a wrong check digit": ("object", put("bizLocation", "id", "https://id.gs1.org/414/4012345000116"), ".bizLocation.id", "bad_check_digit"),
    "lasting disposition of nothing": ("object", put("persistentDisposition", {}), ".persistentDisposition", "set_or_unset"),
    "lasting disposition set to nothing": ("object", put("persistentDisposition", "set", []), ".persistentDisposition.set", "empty_list"),
    "lasting disposition unknown": ("object", put("persistentDisposition", "set", ["fine"]), ".persistentDisposition.set[0]", "unknown_word"),
    "set and unset at once": ("object", put("persistentDisposition", "unset", ["completeness_verified"]), ".persistentDisposition", "set_and_unset"),
    "correction without its time": ("object", lambda e: e["errorDeclaration"].pop("declarationTime"), ".errorDeclaration", "missing"),
    "correction for an unknown reason": ("object", put("errorDeclaration", "reason", "mistake"), ".errorDeclaration.reason", "unknown_word"),
    "correction by one id as text": ("object", put("errorDeclaration", "correctiveEventIDs", "urn:a:b"), ".errorDeclaration.correctiveEventIDs", "not_list"),
    "correction by what is no event id": ("object", put("errorDeclaration", "correctiveEventIDs", ["17"]), ".errorDeclaration.correctiveEventIDs[0]", "not_uri"),
    "sensor element without report": ("object", lambda e: e["sensorElementList"][0].pop("sensorReport"), ".sensorElementList[0]", "missing"),
    "empty sensor reports": ("object", put("sensorElementList", 0, "sensorReport", []), ".sensorElementList[0].sensorReport", "empty_list"),
    "report of nothing": ("object", lambda e: e["sensorElementList"][0]["sensorReport"][0].pop("type"), ".sensorElementList[0].sensorReport[0]", "type_or_exception"),
    "unknown measurement": ("object", put(*REPORT, "type", "Colour"), ".sensorElementList[0].sensorReport[0].type", "unknown_word"),
    "unknown alarm": ("object", put(*REPORT, "exception", "FIRE"), ".sensorElementList[0].sensorReport[0].exception", "unknown_word"),
    "unknown component": ("object", put(*REPORT, "component", "up"), ".sensorElementList[0].sensorReport[0].component", "unknown_word"),
    "value as text": ("object", put(*REPORT, "value", "2.5"), ".sensorElementList[0].sensorReport[0].value", "not_decimal"),
    "boolean as text": ("object", put(*REPORT, "booleanValue", "true"), ".sensorElementList[0].sensorReport[0].booleanValue", "not_boolean"),
    "hexadecimal that is none": ("object", put(*REPORT, "hexBinaryValue", "xyz"), ".sensorElementList[0].sensorReport[0].hexBinaryValue", "not_hex"),
    "half a byte": ("object", put(*REPORT, "hexBinaryValue", "f0f"), ".sensorElementList[0].sensorReport[0].hexBinaryValue", "not_hex"),
    "least above most": ("object", put(*REPORT, "minValue", 9), ".sensorElementList[0].sensorReport[0].minValue", "min_above_max"),
    "rank above 100": ("object", put(*REPORT, "percRank", 101), ".sensorElementList[0].sensorReport[0].percRank", "out_of_range"),
    "spread below zero": ("object", put(*REPORT, "sDev", -0.1), ".sensorElementList[0].sensorReport[0].sDev", "out_of_range"),
    "readings that end before they start": ("object", put("sensorElementList", 0, "sensorMetadata", "endTime", "2026-03-01T23:59:59Z"), ".sensorElementList[0].sensorMetadata.startTime", "start_after_end"),
    "aggregation without children": ("aggregation", drop("childEPCs"), "", "no_children"),
    "aggregation with empty children": ("aggregation", put("childEPCs", []), "", "no_children"),
    "packing into an unknown parent": ("aggregation", drop("parentID"), "", "parent_wanted"),
    "unpacking from an unknown parent": ("aggregation", all_of(put("action", "DELETE"), drop("parentID")), "", "parent_wanted"),
    "parent that is its own child": ("aggregation", lambda e: e["childEPCs"].append(e["parentID"]), ".parentID", "own_child"),
    "association without parent": ("association", drop("parentID"), "", "missing"),
    "association seen without parent": ("association", all_of(put("action", "OBSERVE"), drop("parentID")), "", "missing"),
    "association without children": ("association", drop("childEPCs"), "", "no_children"),
    "transaction event without transactions": ("transaction", drop("bizTransactionList"), "", "missing"),
    "transaction event with empty transactions": ("transaction", put("bizTransactionList", []), ".bizTransactionList", "empty_list"),
    "transaction event without objects": ("transaction", put("epcList", []), "", "no_objects_transaction"),
    "transformation without inputs": ("transformation", drop("inputQuantityList"), "", "no_inputs"),
    "transformation without outputs": ("transformation", drop("outputQuantityList", "ilmd"), "", "no_outputs"),
    "transformation of nothing": ("transformation", all_of(drop("inputQuantityList", "outputQuantityList", "ilmd"), put("transformationID", "urn:epc:id:gdti:0614141.12345.400")), "", "nothing_transformed"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(EVENTS))
def test_the_events_from_which_the_others_are_made_are_accepted(name: str) -> None:
    report = checked(document(EVENTS[name]))
    assert told(report) == []
    assert len(report.hashes) == 1


@pytest.mark.parametrize("name", list(REFUSED))
def test_refused(name: str) -> None:
    event, change, path, code = REFUSED[name]
    report = changed(event, change)
    assert told(report) == [(HERE + path, code)]
    assert report.hashes == [] and report.events == 1
    assert str(report.faults[0])


ACCEPTED: dict[str, tuple[str, Callable[[Json], None]]] = {
    "business step of one's own": ("object", put("bizStep", "https://acme.example/steps/cooking")),
    "business step as a CURIE of one's own": ("object", put("bizStep", "own:cooking")),
    "business step at its web address": ("object", put("bizStep", "https://ref.gs1.org/cbv/BizStep-shipping")),
    "time in UTC beside another offset": ("object", put("eventTime", "2026-03-02T01:00:00Z")),
    "time of nanoseconds": ("object", put("eventTime", "2026-03-02T01:00:00.123456789Z")),
    "leap second": ("object", put("eventTime", "2016-12-31T23:59:60Z")),
    "zone offset of 14 hours": ("object", put("eventTimeZoneOffset", "+14:00")),
    "private object": ("object", put("epcList", 0, "https://acme.example/drums/17")),
    "empty EPC list beside quantities": ("object", put("epcList", [])),
    "readings at a place without objects": ("object", drop("epcList", "quantityList")),
    "class of unknown amount": ("object", put("quantityList", 0, {"epcClass": "urn:epc:idpat:sgtin:4012345.098765.*"})),
    "pieces": ("object", put("quantityList", 0, {"epcClass": "urn:epc:idpat:sgtin:4012345.098765.*", "quantity": 10.0})),
    "several certificates": ("object", put("certificationInfo", ["https://a.example/1", "https://a.example/2"])),
    "correction without reason": ("object", put("errorDeclaration", {"declarationTime": "2026-03-03T09:00:00Z", "own:by": "B. Li"})),
    "own namespace declared in the event": ("object", all_of(put("@context", [{"mine": "https://mine.example/"}]), put("mine:x", 1))),
    "field named by its whole URI": ("object", put("https://mine.example/x", 1)),
    "unknown prefix beside a foreign context": ("object", all_of(put("@context", ["https://mine.example/context.jsonld"]), put("mine:x", 1))),
    "seen on an unknown parent": ("aggregation", all_of(put("action", "OBSERVE"), drop("parentID"))),
    "everything unpacked": ("aggregation", all_of(put("action", "DELETE"), drop("childEPCs"))),
    "everything detached": ("association", all_of(put("action", "DELETE"), drop("childEPCs"))),
    "transaction that ends": ("transaction", all_of(put("action", "DELETE"), drop("epcList"))),
    "outputs of a transformation that goes on": ("transformation", all_of(drop("inputQuantityList"), put("transformationID", "urn:epc:id:gdti:0614141.12345.400"))),
    "Digital Link elsewhere, by chance": ("object", put("epcList", 0, "https://acme.example/01/1234")),
    "GTIN-13 in a Digital Link": ("object", put("epcList", 0, "https://id.gs1.org/01/4012345123456/21/A")),
    "prefix of twelve digits without reference": ("object", put("sourceList", 0, "source", "urn:epc:id:pgln:999999999999.")),
    "event type of one's own": ("object", put("type", "https://acme.example/CleaningEvent")),
    "number instead of text in a field of one's own": ("object", put("own:n", {"deep": [1, None, False, [2.50]]})),
    "leap second by a clock in Beijing": ("object", put("eventTime", "2017-01-01T07:59:60+08:00")),
    "EPC scheme outside GS1": ("object", put("epcList", 0, "urn:epc:id:bic:CSQU3054383")),
    "ship": ("object", put("epcList", 0, "urn:epc:id:imovn:9176187")),
    "aircraft part": ("object", put("epcList", 0, "urn:epc:id:adi:W81X9C.3KL984PX1.2WMA52")),
    "aircraft part without part number": ("object", put("epcList", 0, "urn:epc:id:adi:W81X9C..%23A-1")),
    "general identifier": ("object", put("epcList", 0, "urn:epc:id:gid:95100000.12345.400")),
    "military supplies": ("object", put("epcList", 0, "urn:epc:id:usdod:CJ783.8")),
    "all qualifiers of a product": ("object", put("epcList", 1, "https://id.gs1.org/01/04012345111118/22/2A/10/L-1/21/S%2F1")),
    "relation of a service": ("object", put("epcList", 1, "https://id.gs1.org/8018/401234598765400000/8019/12")),
}  # fmt: skip


@pytest.mark.parametrize("name", list(ACCEPTED))
def test_accepted(name: str) -> None:
    report = changed(*ACCEPTED[name])
    assert told(report) == []
    assert len(report.hashes) == 1


def test_all_faults_of_a_document_are_told_not_only_the_first() -> None:
    report = checked(
        document(
            EVENTS["object"] | {"bizStep": "cooking", "action": "add", "ilmd": None},
            EVENTS["aggregation"] | {"parentID": "x"},
        )
    )
    assert ("$.epcisBody.eventList[1].parentID", "not_uri") in told(report)
    assert len(report.faults) >= 4 and report.events == 2


def test_more_faults_than_anybody_reads_are_counted() -> None:
    report = checked(document(EVENTS["object"] | {"epcList": [f"number {n}" for n in range(500)]}))
    assert len(report.faults) == 201
    assert str(report.faults[-1]) == "300 further errors are not listed."


def test_every_message_is_reached_by_a_test() -> None:
    from bihuan.quality.tests import test_epcis_documents, test_exchange

    codes = {code for _event, _change, _path, code in REFUSED.values()} | test_epcis_documents.CODES
    codes |= {test_exchange.CHANGED}
    assert codes >= set(MESSAGES)
