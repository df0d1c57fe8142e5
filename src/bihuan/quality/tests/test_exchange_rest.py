"""EPCIS 2.0 over HTTP as a client of the standard finds it: what there is, versions, formats, single events, what is not offered."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import reverse

from bihuan.kernel.actor import SYSTEM
from bihuan.quality.epcis import check
from bihuan.quality.exchange import protocol
from bihuan.quality.exchange.capturing import capture
from bihuan.quality.models import EpcisCapture, EpcisEvent

from .epcis_samples import OBJECT, document
from .test_exchange import MADE, RAW, lgtin, of, seen, take, transformation
from .test_exchange_machine import ask, client_with, problem, send
from .test_exchange_pages import WRONG, listed
from .test_recall import client_of, person

pytestmark = pytest.mark.django_db
VERSIONS = {"GS1-EPCIS-Version": "2.0", "GS1-CBV-Version": "2.0", "GS1-EPC-Format": "Never_Translates"}
SPAN = dict.fromkeys(("GS1-EPCIS-Min", "GS1-EPCIS-Max", "GS1-CBV-Min", "GS1-CBV-Max"), "2.0")
LIMITS = {
    "GS1-EPCIS-Capture-Limit": "*", "GS1-EPCIS-Capture-File-Size-Limit": str(8 * 1024 * 1024),
    "GS1-Capture-Error-Behaviour": "rollback",
}  # fmt: skip


@pytest.fixture
def client() -> Client:
    return client_with("epcis.read", "epcis.capture")


def told(answer: Any, names: Any) -> dict[str, str]:
    return {name: answer[name] for name in names if name in answer}


@pytest.mark.parametrize(
    ("path", "allow", "limits"),
    [
        ("", "OPTIONS, GET", True), ("events", "OPTIONS, GET", False), ("capture", "OPTIONS, GET, POST", True),
        ("eventTypes", "OPTIONS, GET", False), ("eventTypes/ObjectEvent", "OPTIONS, GET", False),
        ("bizSteps/receiving/events", "OPTIONS, GET", False), ("events/urn:x", "OPTIONS, GET", False),
    ],
)  # fmt: skip
def test_options_tell_versions_and_where_documents_are_taken_the_limits(
    client: Client, path: str, allow: str, limits: bool
) -> None:
    answer = client.options(f"/epcis/{path}")
    assert answer.status_code == 204 and not answer.content and answer["Allow"] == allow
    assert told(answer, VERSIONS | SPAN | LIMITS) == VERSIONS | SPAN | (LIMITS if limits else {})
    problem(Client().options(f"/epcis/{path}"), 401, "SecurityException")


def test_the_root_is_a_page_for_people_and_a_list_for_programs(client: Client) -> None:
    for one in (client, client_of(person("director"))):
        answer = one.get("/epcis/", headers={"accept": "application/json"})
        assert answer.json() == ["events", "eventTypes", "capture"]
        assert all(one.get(f"/epcis/{name}").status_code in (200, 401) for name in answer.json())
    for accept in ("text/html,application/json;q=0.9,*/*;q=0.8", "*/*", ""):
        page = client_of(person("quality", f"q{len(accept)}")).get("/epcis/", headers={"accept": accept})
        assert "epcis-capture" in page.content.decode()
    # No form by token either
    before = EpcisCapture.objects.count()
    assert client_with("epcis.capture", role="administrator").post("/epcis/").status_code in (403, 405)
    assert EpcisCapture.objects.count() == before


@pytest.mark.parametrize(
    "headers",
    [
        {"accept": "application/xml"}, {"accept": "text/html"}, {"gs1-epc-format": "Always_EPC_URN"},
        {"gs1-epcis-version": "1.2"}, {"gs1-epcis-version": "x"}, {"gs1-epcis-min": "2.1"}, {"gs1-epcis-max": "1.2.1"},
        {"gs1-cbv-version": "1.2"}, {"gs1-cbv-max": "1.2"},
    ],
)  # fmt: skip
def test_what_cannot_be_answered_as_asked_is_406(client: Client, headers: dict[str, str]) -> None:
    body = json.dumps(document(OBJECT))
    for answer in (
        client.get("/epcis/events", headers=headers),
        client.get("/epcis/events/urn:x", headers=headers),
        client.get("/epcis/capture", headers=headers),
        client.post("/epcis/capture", body, content_type="application/json", headers=headers),
    ):
        problem(answer, 406, "ImplementationException")
    assert not EpcisEvent.objects.exists() and not EpcisCapture.objects.exists()


@pytest.mark.parametrize(
    ("headers", "content_type"),
    [
        ({}, "application/json"), ({"accept": "*/*"}, "application/json"), ({"accept": "application/*"}, "application/json"),
        ({"accept": "application/ld+json"}, "application/ld+json"), ({"gs1-epc-format": "No_Preference"}, "application/json"),
        ({"accept": "application/ld+json;q=0.5, application/json"}, "application/json"),
        ({"gs1-epcis-version": "2.0.0", "gs1-cbv-version": "2.0"}, "application/json"),
        ({"gs1-epcis-min": "1.2", "gs1-epcis-max": "2.0", "gs1-cbv-min": "2", "gs1-cbv-max": "2.1"}, "application/json"),
        ({"gs1-epcis-version": "2.0.1", "gs1-epc-format": "Never_Translates"}, "application/json"),
    ],
)  # fmt: skip
def test_what_can_be_answered_is(client: Client, headers: dict[str, str], content_type: str) -> None:
    answer = client.get("/epcis/events", headers=headers)
    assert answer.status_code == 200 and answer["Content-Type"] == content_type
    assert told(answer, VERSIONS) == VERSIONS


def test_a_draft_spelling_of_the_header_does_not_hide_what_is_asked(client: Client) -> None:
    body = json.dumps(document(OBJECT))
    for name in ("GS1-Capture-Error-Behaviour", "GS1-EPCIS-Capture-Error-Behaviour"):
        answer = client.post(
            "/epcis/capture", body, content_type="application/json", headers={name: "proceed"}
        )
        problem(answer, 501, "ImplementationException")
    assert not EpcisCapture.objects.exists()


def test_an_address_that_is_too_long_is_414(client: Client) -> None:
    short = "EQ_eventID=" + "x" * (protocol.MOST_ADDRESS - len("/epcis/events?EQ_eventID="))
    assert ask(client, short).status_code == 200
    problem(ask(client, short + "x"), 414, "URITooLongException")


def test_a_character_that_no_name_has_is_refused_wherever_it_stands(client: Client) -> None:
    for path in (
        "events?EQ_eventID=%00",
        "events?EQ_bizStep=a%00",
        "events/urn:x%00",
        "bizSteps/%00/events",
        "capture/%00",
    ):
        problem(client.get(f"/epcis/{path}"), 400, "QueryParameterException")


def test_a_single_event_comes_with_what_declared_it_wrong() -> None:
    named = seen(of(RAW, "r1", 1)) | {"eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"}
    unnamed = transformation([of(RAW, "r1", 4)], [of(MADE, "m1", 4)])
    take(named, unnamed)
    take(unnamed | WRONG)
    client = client_with("epcis.read")
    hash_id = EpcisEvent.objects.get(kind="TransformationEvent", is_error=False).hash_id
    assert "?ver=CBV2.0" in hash_id and "///" in hash_id

    def one(identity: str, client: Client = client) -> Any:
        return client.get(f"/epcis/events/{identity}")

    for spelling in (quote(hash_id, safe=""), quote(hash_id, safe="/:;="), hash_id):
        answer = one(spelling)
        assert check(answer.content).accepted
        events = listed(answer)
        assert [(event["type"], "errorDeclaration" in event) for event in events] == [
            ("TransformationEvent", False), ("TransformationEvent", True),
        ]  # fmt: skip
        # What came without an id is found again by the one that it is answered with.
        assert {event["eventID"] for event in events} == {hash_id}
    assert [event["eventID"] for event in listed(one(named["eventID"]))] == [named["eventID"]]
    for absent in ("urn:uuid:00000000-0000-0000-0000-000000000000", "1", quote(hash_id, safe="") + "x"):
        problem(one(absent), 404, "NoSuchNameException")
    # Whoever may not see the event: the same as if it were not there.
    event = seen({"epcClass": "urn:epc:class:lgtin:4012345.077889.B7"}) | {"eventID": "urn:uuid:" + "0" * 8 + "-0000-0000-0000-000000000001"}  # fmt: skip
    take(event)
    assert one(event["eventID"]).status_code == 200
    blind = client_of(person("dispatcher"))
    assert one(event["eventID"], blind).status_code == 404


def test_an_answer_says_when_an_event_was_recorded_here_whatever_its_sender_said() -> None:
    moment = datetime(2026, 3, 2, 12, 0, 0, 123999, tzinfo=UTC)
    plain = seen({**of(RAW, "r1"), "quantity": 12.50, "uom": "KGM"})
    claimed = seen(of(RAW, "r2", 1.1)) | {"recordTime": "2020-01-01T00:00:00Z"}
    text = json.dumps(document(plain, claimed)).replace("12.5", "12.500000000000000001")
    assert capture(actor=SYSTEM, data=text.encode(), now=moment).accepted
    answer = ask(client_with("epcis.read"), "orderBy=recordTime&GE_recordTime=2026-03-02T12:00:00.123Z")
    events = listed(answer)
    assert [one["recordTime"] for one in events] == ["2026-03-02T12:00:00.123Z"] * 2
    # Digit for digit, once, and with the id that the hash is.
    assert answer.content.count(b"12.500000000000000001") == 1 and answer.content.count(b"recordTime") == 2
    report = check(answer.content)
    assert report.accepted and report.hashes == [one["eventID"] for one in events]
    assert {*report.hashes} == {*EpcisEvent.objects.values_list("hash_id", flat=True)}
    # Sent back, nothing is new.
    again = send(client_with("epcis.capture", role="director"), answer.content)
    assert again.status_code == 202 and again.json()["stored"] == 0


def test_events_are_found_by_their_type_step_place_and_what_they_name(client: Client) -> None:
    place = "urn:epc:id:sgln:0614141.07346.1234"
    received = seen(
        of(RAW, "r2", 5), bizStep="receiving", disposition="in_progress", readPoint={"id": place}, bizLocation={"id": place},
        epcList=["urn:epc:id:sgtin:0614141.107346.2017"],
    )  # fmt: skip
    take(received, transformation([of(RAW, "r1", 10)], [of(MADE, "m1", 10)]))
    assert client.get("/epcis/eventTypes").json()["type"] == "EventTypeItemList"
    types = client.get("/epcis/eventTypes").json()["eventType"]
    assert set(types) == {
        "ObjectEvent", "AggregationEvent", "AssociationEvent", "TransformationEvent", "TransactionEvent",
    }  # fmt: skip
    assert client.get("/epcis/eventTypes/ObjectEvent").json() == ["events"]
    for path in ("eventTypes/Event", "eventTypes/Event/events", "colours/red/events"):
        problem(client.get(f"/epcis/{path}"), 404, "NoSuchNameException")
    for path in (
        "eventTypes/ObjectEvent", "bizSteps/receiving", "bizSteps/" + quote("https://ref.gs1.org/cbv/BizStep-receiving", safe=""),
        "dispositions/in_progress", f"readPoints/{place}", "bizLocations/" + quote("https://id.gs1.org/414/0614141073467/254/1234", safe=""),
        "epcs/urn:epc:id:sgtin:0614141.107346.2017", "epcs/https://id.gs1.org/01/10614141073464/21/2017",
        "epcs/" + quote(lgtin(RAW, "r2"), safe=""),
    ):  # fmt: skip
        found = client.get(f"/epcis/{path}/events")
        assert [one["type"] for one in listed(found)] == ["ObjectEvent"], path
        assert listed(client.get(f"/epcis/{path}/events?LT_eventTime=2020-01-01T00:00:00Z")) == []
    assert listed(client.get("/epcis/bizSteps/shipping/events")) == []
    both = "/epcis/eventTypes/ObjectEvent/events?eventType="
    assert len(listed(client.get(both + "ObjectEvent"))) == 1
    problem(client.get(both + "ObjectEvent|TransformationEvent"), 400, "QueryParameterException")
    problem(client.get("/epcis/epcs/urn:epc:idpat:sgtin:1.*.*/events"), 400, "QueryParameterException")
    problem(client.get("/epcis/bizSteps/receiving/events?orderBy=x"), 400, "QueryParameterException")


def test_pages_of_what_an_address_asks_go_on_at_that_address(client: Client) -> None:
    take(
        *(
            seen(of(RAW, "r1", number + 1), eventTime=f"2026-02-0{number + 1}T08:00:00Z")
            for number in range(3)
        )
    )
    path = f"/epcis/epcs/{quote(lgtin(RAW, 'r1'), safe='')}/events"
    found, address = [], f"{path}?perPage=2&orderBy=eventTime"
    while address:
        answer = client.get(address)
        found += [one["quantityList"][0]["quantity"] for one in listed(answer)]
        address = answer.headers.get("Link", "")[1:].partition(">")[0].removeprefix("http://testserver")
        assert not address or address.startswith(f"{path}?")
    assert found == [3, 2, 1]


@pytest.mark.parametrize(
    ("path", "status", "kind"),
    [
        ("queries", 501, "ImplementationException"), ("queries/mine/subscriptions", 501, "ImplementationException"),
        ("bizSteps", 501, "ImplementationException"), ("epcs/urn:x", 501, "ImplementationException"),
        ("nextPageToken/x", 501, "ImplementationException"), ("colours", 404, "NoSuchNameException"),
    ],
)  # fmt: skip
def test_what_is_not_offered_is_said_to_be_so_by_any_method(
    client: Client, path: str, status: int, kind: str
) -> None:
    for method in ("get", "post", "delete", "options"):
        problem(getattr(client, method)(f"/epcis/{path}"), status, kind)


def test_a_wrong_method_is_405_and_asks_for_no_form(client: Client) -> None:
    for path, allow in (
        ("events", "GET, OPTIONS"),
        ("events/urn:x", "GET, OPTIONS"),
        ("capture", "GET, POST, OPTIONS"),
    ):
        answer = client.delete(f"/epcis/{path}")
        assert (answer.status_code, answer["Allow"]) == (405, allow)
    assert client.post(reverse("epcis_query"), "{}", content_type="application/json").status_code == 405
    assert not EpcisCapture.objects.exists()
