"""Event hash ids against published vectors, rule by rule."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from bihuan.quality.epcis import check
from bihuan.quality.epcis.gs1_keys import canonical, check_digit, fault_of
from bihuan.quality.epcis.times import canonical as canonical_time
from bihuan.quality.tests.epcis_samples import COMMON, CONTEXT, Json, checked, document


def pre_hash(event: Json, version: str = "CBV2.0") -> str:
    report = checked(document(event), version=version, with_pre_hashes=True)
    assert report.accepted, [(fault.where, str(fault)) for fault in report.faults]
    assert report.hashes == [
        f"ni:///sha-256;{hashlib.sha256(report.pre_hashes[0].encode()).hexdigest()}?ver={version}"
    ]
    return report.pre_hashes[0]


# The first worked example of CBV 2.0 §8.9.2, known as ReferenceEventHashAlgorithm.
REFERENCE: Json = {
    "@context": [{"example": "https://ns.example.com/epcis/"}],
    "type": "ObjectEvent",
    "eventTime": "2020-03-04T11:00:30.000+01:00",
    "eventTimeZoneOffset": "+01:00",
    "recordTime": "2020-03-04T11:00:30.999+01:00",
    "epcList": [f"urn:epc:id:sscc:4012345.0000000{n}" for n in (333, 111, 222)],
    "action": "OBSERVE",
    "bizStep": "departing",
    "readPoint": {"id": "urn:epc:id:sgln:4012345.00011.987"},
    "example:myField1": {"example:mySubField1": "2", "example:mySubField2": "5"},
    "example:myField2": "0",
    "example:myField3": {"example:mySubField3": ["3", "1"]},
}


@pytest.mark.parametrize("version", ["CBV2.0", "CBV2.1"])
def test_gs1_reference_event_hash_algorithm(version: str) -> None:
    assert checked(document(REFERENCE), version=version).hashes == [
        f"ni:///sha-256;6ae96341e0acc6d7a261364751f60e68278a81cdf51da0abb6b4e617014e39d7?ver={version}"
    ]


def test_second_worked_example_sorts_sensor_reports() -> None:
    event: Json = {
        "type": "ObjectEvent", "eventTime": "2020-04-01T15:00:00+01:00", "eventTimeZoneOffset": "+01:00",
        "epcList": ["urn:epc:id:sgtin:4012345.011111.9876"], "action": "OBSERVE", "bizStep": "inspecting",
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00005.0"},
        "sensorElementList": [{
            "sensorMetadata": {"deviceID": "urn:epc:id:giai:4000001.111", "deviceMetadata": "https://id.gs1.org/8004/4000001111"},
            "sensorReport": [
                {"type": "Temperature", "value": 26.0, "sDev": 0.10, "uom": "CEL"},
                {"type": "AbsoluteHumidity", "value": 12.1, "uom": "A93"},
                {"type": "Dimensionless", "microorganism": "https://www.ncbi.nlm.nih.gov/taxonomy/1126011", "value": 0.05, "uom": "C35"},
            ],
        }],
    }  # fmt: skip
    assert pre_hash(event) == (
        "eventType=ObjectEventeventTime=2020-04-01T14:00:00.000ZeventTimeZoneOffset=+01:00epcListepc=https://id.gs1.org/01/"
        "04012345111118/21/9876action=OBSERVEbizStep=https://ref.gs1.org/cbv/BizStep-inspectingreadPointid=https://id.gs1.org/"
        "414/4012345000054sensorElementsensorMetadatadeviceID=https://id.gs1.org/8004/4000001111deviceMetadata=https://id.gs1.org/"
        "8004/4000001111sensorReporttype=https://ref.gs1.org/voc/AbsoluteHumidityvalue=12.1uom=A93sensorReporttype="
        "https://ref.gs1.org/voc/Dimensionlessmicroorganism=https://www.ncbi.nlm.nih.gov/taxonomy/1126011value=0.05uom=C35"
        "sensorReporttype=https://ref.gs1.org/voc/Temperaturevalue=26sDev=0.1uom=CEL"
    )
    assert "sensorElementListsensorElement" in pre_hash(event, "CBV2.1")


def test_third_worked_example_puts_the_types_first_and_own_fields_last() -> None:
    event: Json = COMMON | {
        "type": "ObjectEvent", "action": "OBSERVE", "epcList": ["urn:epc:id:sgtin:0614141.011111.987"],
        "readPoint": {"id": "urn:epc:id:sgln:4012345.00011.0", "own:myField1": "AB-12"},
        "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epc:id:gdti:4012345.11111.123"}],
        "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:4012345.00000"}],
        "own:userExt": "CD-34",
    }  # fmt: skip
    rest = (
        "bizTransactionListtype=https://ref.gs1.org/cbv/BTT-pobizTransaction=https://id.gs1.org/253/4012345111118123"
        "sourceListtype=https://ref.gs1.org/cbv/SDT-owning_partysource=https://id.gs1.org/417/4012345000009"
    )
    own, place = "{https://ns.example.com/own/}", "readPointid=https://id.gs1.org/414/4012345000115"
    assert pre_hash(event).endswith(f"{place}{rest}readPoint{own}myField1=AB-12{own}userExt=CD-34")
    assert pre_hash(event, "CBV2.1").endswith(f"{place}{own}myField1=AB-12{rest}{own}userExt=CD-34")


# published by the reference implementation of the algorithm for documents that are among ours
PUBLISHED = {
    ("ObjectEvent_all_possible_fields", "CBV2.0"): "9811bfb2672e9c3a0f6151be339d22b60db375c8b23d2740f6137cc6539f0639",
    ("ObjectEvent_all_possible_fields", "CBV2.1"): "465f7b2495684562349eed41324796ea0435ff429b60c18eda5e5698df377ede",
    ("AggregationEvent_all_possible_fields", "CBV2.0"): "41cf5d2be6b6926acc531597e43932eb4b9b23926ccb6ce08c882bda7a74d1a8",
    ("AssociationEvent_all_possible_fields", "CBV2.0"): "3dada0cdabe84618e9f0b842031159cb49534f487d5714cac9cfd647bf5f6c54",
    ("TransactionEvent_all_possible_fields", "CBV2.0"): "4a85d64a96409f0c57baed258666b26d83e6690d204a8aaed4c7e2624d8b0c81",
    ("TransformationEvent_all_possible_fields", "CBV2.0"): "529cc54b8cf9d8664208cc6c77473274d8c2dd473469920a7d09a814623f52cc",
    ("TransformationEvent_with_userExtensions", "CBV2.0"): "dca180f4e6005d4b6a6408a8d143977ca2e4f3e72048d7aa03b4df4055d484f9",
    ("TransformationEvent_with_userExtensions", "CBV2.1"): "68d0ade88ea2bc6ec0b1b1fe8743aa34eb9b678855fcbbbc24642c5d05d64a50",
}  # fmt: skip


@pytest.mark.shared_data
@pytest.mark.parametrize(("name", "version"), list(PUBLISHED))
def test_published_hashes(shared_data: Callable[[str], Path], name: str, version: str) -> None:
    report = check(shared_data(f"epcis/{name}.json").read_bytes(), version=version)
    assert report.hashes == [f"ni:///sha-256;{PUBLISHED[name, version]}?ver={version}"]


@pytest.mark.shared_data
def test_published_pre_hash_of_every_gs1_key(shared_data: Callable[[str], Path]) -> None:
    report = check(shared_data("epcis/epcisDocWithAllGS1Keys.json").read_bytes(), with_pre_hashes=True)
    keys = (
        "00/040123450000003338 00/040123450000003338 01/04012345123456/21/12 01/04012345123456/235/AB12 253/401234555555498 "
        "255/401234599999044 401/4012345333 402/40123459999876541 8003/0401234566666387 8004/4012345AAbb "
        "8006/040123451234560102/21/999 8010/4012345ABC/8011/123 8017/401234500000987658 8018/401234598765400000"
    ).split()
    classes = (
        "01/04054739999148 01/04054739999148/10/20160711 253/4012345555554 255/4012345999990 8003/04012345666663 "
        "8006/040123451234560102 8010/4012345ABC"
    ).split()
    assert report.pre_hashes == [
        "eventType=ObjectEventeventTime=2023-03-27T11:30:00.000ZeventTimeZoneOffset=+01:00epcList"
        + "".join(f"epc=https://id.gs1.org/{key}" for key in keys)
        + "quantityList"
        + "".join(f"quantityElementepcClass=https://id.gs1.org/{key}" for key in classes)
        + "action=OBSERVEbizStep=https://ref.gs1.org/cbv/BizStep-otherreadPointid=https://id.gs1.org/414/4012345000115/254/987"
    ]


@pytest.mark.shared_data
def test_every_valid_document_is_accepted_and_every_event_hashed(shared_data: Callable[[str], Path]) -> None:
    files = sorted(shared_data("epcis").glob("*.json"))
    assert len(files) == 38
    events = 0
    for file in files:
        report = check(file.read_bytes())
        assert report.accepted, (file.name, [(fault.where, str(fault)) for fault in report.faults])
        assert len(report.hashes) == report.events
        assert report.events == len(json.loads(file.read_bytes())["epcisBody"]["eventList"])
        events += report.events
    assert events == 68


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("urn:epc:id:sgtin:4012345.011111.98%22", "01/04012345111118/21/98%22"),
        ("urn:epc:id:sgtin:415056789012.0.987654", "01/04150567890128/21/987654"),
        (
            "urn:epc:id:sgtin:0614141.812345.6789%2F%26%25%22!%3F()",
            "01/80614141123458/21/6789%2F%26%25%22!%3F()",
        ),
        ("urn:epc:id:sscc:4012345.3111111111", "00/340123451111111111"),
        ("urn:epc:id:sgln:4012345.00005.122", "414/4012345000054/254/122"),
        ("urn:epc:id:grai:4012345.00022.334455", "8003/04012345000221334455"),
        ("urn:epc:id:gdti:987659999999..9", "253/98765999999929"),
        (
            "urn:epc:id:cpi:0614141.11111111111111-A%23%2F.1234",
            "8010/061414111111111111111-A%23%2F/8011/1234",
        ),
        ("urn:epc:id:ginc:0614141.xyz47%2F11", "401/0614141xyz47%2F11"),
        ("urn:epc:id:gsin:4012345.222333444", "402/40123452223334442"),
        (
            "urn:epc:id:upui:1234567.098765.51qIgY)%3C%26Jp3*j7'SDB",
            "01/01234567987651/235/51qIgY)%3C%26Jp3*j7'SDB",
        ),
        ("urn:epc:id:pgln:999999999999.", "417/9999999999994"),
        ("urn:epc:class:lgtin:4012345.012345.Lot987", "01/04012345123456/10/Lot987"),
        ("https://example.com/gtin/09780345418913/21/765tz?abc=211121", "01/09780345418913/21/765tz"),
        ("http://example.com/some/path/01/9780345418913/22/2A/10/L1/21/S1#x", "01/09780345418913/21/S1"),
        ("https://example.com/01/09780345418913/10/L1?17=261231", "01/09780345418913/10/L1"),
        ("https://example.com/414/4012345000054/254/7", "414/4012345000054/254/7"),
    ],
)
def test_keys_become_constrained_canonical_digital_links(written: str, meant: str) -> None:
    assert fault_of(written) is None
    assert canonical(written) == f"https://id.gs1.org/{meant}"


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/01/09780345418913/99/x",
        "https://example.com/01/09780345418913/21/S1/10/L1",
        "https://example.com/01/09780345418913/10",
        "https://example.com/00/040123450000003338/21/1",
        "https://example.com/8006/04012345123456/22/AB/10/L1",
        "https://example.com/01/09780345418913" + "/10/L1" * 20_000,
    ],
)
def test_an_address_whose_rest_is_no_qualifier_of_the_key_is_no_digital_link(link: str) -> None:
    assert canonical(link) == link


def test_a_key_has_one_spelling_however_its_characters_were_encoded() -> None:
    spelled = (
        "urn:epc:class:lgtin:4012345.011111.A!(1)%2Fb:", "urn:epc:class:lgtin:4012345.011111.A%21(1)%2fb%3A",
        "https://acme.example/01/04012345111118/10/A%21%281%29%2Fb%3a", "https://id.gs1.org/01/4012345111118/10/%41!(1)%2Fb:",
    )  # fmt: skip
    assert {canonical(one) for one in spelled} == {"https://id.gs1.org/01/04012345111118/10/A!(1)%2Fb:"}
    assert canonical("urn:epc:id:giai:4012345.a%2b%23") == "https://id.gs1.org/8004/4012345a+%23"


def test_the_key_of_a_digital_link_is_the_one_that_its_qualifiers_belong_to() -> None:
    assert (
        canonical("HTTPS://example.com/401/2026/01/9780345418913/ser/S1")
        == "https://id.gs1.org/01/09780345418913/21/S1"
    )
    assert (
        canonical("https://example.com/gln/4012345000054/glnx/7")
        == "https://id.gs1.org/414/4012345000054/254/7"
    )
    assert (
        canonical("https://example.com/8018/401234598765400000/srin/12")
        == "https://id.gs1.org/8018/401234598765400000"
    )


@pytest.mark.parametrize(
    "text", ["https://acme.example/po/12345678", "geo:47.506694,11.104301", "urn:uuid:1", "https://example.com/01/12", "urn:epc:id:gid:1.2.3"]
)  # fmt: skip
def test_what_is_no_key_stays_as_it_is(text: str) -> None:
    assert canonical(text) == text


def test_check_digits() -> None:
    assert [check_digit(digits) for digits in ("0401234511111", "04012345000000333", "401234500011")] == [
        "8",
        "8",
        "5",
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("2023-02-02T12:04:03.1415+01:00", "2023-02-02T11:04:03.142Z"),
        ("2023-02-02T11:04:03.1414999Z", "2023-02-02T11:04:03.141Z"),
        ("2023-12-31T23:59:59.9995Z", "2024-01-01T00:00:00.000Z"),
        ("2023-02-02T11:04:03-00:30", "2023-02-02T11:34:03.000Z"),
        ("0001-01-01T00:00:00+14:00", "0001-01-01T00:00:00+14:00"),
    ],
)
def test_times_are_in_utc_with_milliseconds_rounded_half_up(written: str, meant: str) -> None:
    assert canonical_time(written) == meant


def test_left_out_of_the_hash() -> None:
    more = REFERENCE | {
        "eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
        "errorDeclaration": {"declarationTime": "2026-03-03T09:00:00Z", "reason": "did_not_occur"},
        "certificationInfo": "https://certificates.example/17",
        "rdfs:comment": "never mind",
    }
    assert checked(document(more)).hashes == checked(document(REFERENCE)).hashes


def test_spellings_of_one_event_have_one_hash() -> None:
    other = REFERENCE | {
        "@context": [{"e": "https://ns.example.com/epcis/"}],
        "bizStep": "https://ref.gs1.org/cbv/BizStep-departing",
        "readPoint": {"id": "https://id.acme.example/414/4012345000115/254/987"},
        "epcList": ["https://id.gs1.org/00/040123450000002225", "urn:epc:id:sscc:4012345.0000000111",
                    "https://acme.example/sscc/040123450000003338?x=1"],
        "e:myField1": {"e:mySubField2": 5.0, "e:mySubField1": "2.00"}, "e:myField2": 0, "e:myField3": {"e:mySubField3": [1, 3]},
    }  # fmt: skip
    for name in ("example:myField1", "example:myField2", "example:myField3"):
        del other[name]
    assert checked(document(other)).hashes == checked(document(REFERENCE)).hashes


def test_a_field_named_by_its_whole_address_is_the_one_named_by_its_prefix() -> None:
    other = {
        key.replace("example:", "https://ns.example.com/epcis/"): value for key, value in REFERENCE.items()
    }
    other["https://ns.example.com/epcis/myField1"] = {
        "https://ns.example.com/epcis/mySubField1": "2", "example:mySubField2": "5"
    }  # fmt: skip
    assert checked(document(other)).hashes == checked(document(REFERENCE)).hashes
    urn = pre_hash(REFERENCE | {"urn:acme:lab:grade": "A"})
    assert urn.endswith("{urn:acme:lab:}grade=A")


def test_nothing_in_a_list_is_nothing() -> None:
    assert pre_hash(REFERENCE | {"example:x": [None, 1, None]}) == pre_hash(REFERENCE | {"example:x": [1]})


def test_a_context_inside_a_field_holds_there() -> None:
    event = REFERENCE | {"example:x": {"@context": {"in": "https://inner.example/"}, "in:y": 1}}
    assert "{https://ns.example.com/epcis/}x{https://inner.example/}y=1" in pre_hash(event)


def test_namespaces_of_one_event_do_not_reach_the_next() -> None:
    plain = {key: value for key, value in REFERENCE.items() if not key.startswith(("example", "@"))}
    report = checked(document(REFERENCE, plain | {"example:z": 1}))
    assert [(fault.where, fault.code) for fault in report.faults] == [
        ('$.epcisBody.eventList[1]["example:z"]', "undeclared_prefix")
    ]
    assert CONTEXT
