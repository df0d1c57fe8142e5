"""Valid documents from which tests make invalid ones by one change."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

from bihuan.quality.epcis import Report, check

Json = dict[str, Any]

CONTEXT = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    {"own": "https://ns.example.com/own/"},
]
COMMON: Json = {"eventTime": "2026-03-02T09:00:00.000+08:00", "eventTimeZoneOffset": "+08:00"}
OBJECT: Json = COMMON | {
    "type": "ObjectEvent",
    "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
    "action": "ADD",
    "bizStep": "commissioning",
    "disposition": "active",
    "epcList": ["urn:epc:id:sgtin:0614141.107346.2017", "https://id.gs1.org/00/040123450000003338"],
    "quantityList": [{"epcClass": "urn:epc:class:lgtin:4012345.012345.L1", "quantity": 12.5, "uom": "KGM"}],
    "readPoint": {"id": "urn:epc:id:sgln:0614141.07346.1234", "own:gate": "3"},
    "bizLocation": {"id": "https://id.gs1.org/414/4012345000115"},
    "bizTransactionList": [
        {"type": "po", "bizTransaction": "https://acme.example/po/1"},
        {"bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:1152"},
    ],
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00225"}],
    "destinationList": [{"type": "location", "destination": "urn:epc:id:sgln:0614141.00777.0"}],
    "persistentDisposition": {"set": ["completeness_verified"], "unset": ["completeness_inferred"]},
    "certificationInfo": "https://certificates.example/17",
    "errorDeclaration": {
        "declarationTime": "2026-03-03T09:00:00Z",
        "reason": "incorrect_data",
        "correctiveEventIDs": ["ni:///sha-256;" + "0f" * 32 + "?ver=CBV2.0"],
    },
    "sensorElementList": [
        {
            "sensorMetadata": {"startTime": "2026-03-02T00:00:00Z", "endTime": "2026-03-02T01:00:00Z"},
            "sensorReport": [
                {
                    "type": "Temperature",
                    "minValue": 2.5,
                    "maxValue": 8,
                    "uom": "CEL",
                    "percRank": 50,
                    "sDev": 0.1,
                },
                {
                    "type": "Angle",
                    "value": 42.7,
                    "component": "latitude",
                    "booleanValue": True,
                    "hexBinaryValue": "0f",
                },
                {"exception": "ALARM_CONDITION", "uriValue": "https://example.com/a"},
            ],
        }
    ],
    "ilmd": {"cbvmda:lotNumber": "L1", "own:assay": {"grade": "A"}},
    "own:remark": ["一", "二"],
}
AGGREGATION: Json = COMMON | {
    "type": "AggregationEvent",
    "action": "ADD",
    "parentID": "urn:epc:id:sscc:0614141.1234567890",
    "childEPCs": ["urn:epc:id:sgtin:0614141.107346.2017"],
}
TRANSACTION: Json = COMMON | {
    "type": "TransactionEvent",
    "action": "ADD",
    "bizTransactionList": [{"type": "po", "bizTransaction": "https://acme.example/po/1"}],
    "epcList": ["urn:epc:id:sgtin:0614141.107346.2017"],
}
TRANSFORMATION: Json = COMMON | {
    "type": "TransformationEvent",
    "inputQuantityList": [
        {"epcClass": "urn:epc:class:lgtin:4012345.011111.4444", "quantity": 10, "uom": "KGM"}
    ],
    "outputQuantityList": [
        {"epcClass": "urn:epc:class:lgtin:4012345.077889.B7", "quantity": 9, "uom": "KGM"}
    ],
    "ilmd": {"own:batch": "B7"},
}
ASSOCIATION: Json = COMMON | {
    "type": "AssociationEvent",
    "action": "ADD",
    "parentID": "urn:epc:id:grai:4012345.55555.987",
    "childEPCs": ["urn:epc:id:giai:4000001.12345"],
}
EVENTS = {"object": OBJECT, "aggregation": AGGREGATION, "transaction": TRANSACTION,
          "transformation": TRANSFORMATION, "association": ASSOCIATION}  # fmt: skip


def document(*events: Json) -> Json:
    return {
        "@context": copy.deepcopy(CONTEXT),
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-02T01:30:00Z",
        "epcisBody": {"eventList": [copy.deepcopy(event) for event in events]},
    }


def query(*events: Json) -> Json:
    return {
        "@context": copy.deepcopy(CONTEXT),
        "type": "EPCISQueryDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-03-02T01:30:00Z",
        "epcisBody": {
            "queryResults": {
                "queryName": "SimpleEventQuery",
                "resultsBody": {"eventList": [copy.deepcopy(event) for event in events]},
            }
        },
    }


def checked(tree: Any, **options: Any) -> Report:
    return check(json.dumps(tree, ensure_ascii=False).encode(), **options)


def changed(name: str, change: Callable[[Json], Any]) -> Report:
    """The answer to a document whose one event was changed."""
    event = copy.deepcopy(EVENTS[name])
    change(event)
    return checked(document(event))


def told(report: Report) -> list[tuple[str, str]]:
    return [(fault.where, fault.code) for fault in report.faults]
