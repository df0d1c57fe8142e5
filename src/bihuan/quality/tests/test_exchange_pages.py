"""Captured events on pages and by the standard's query: what is answered, refused, and shown to whom."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse

from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM, Actor, FieldClass, Grant, Scope
from bihuan.people.models import User
from bihuan.quality.deciding import decide
from bihuan.quality.epcis import check
from bihuan.quality.exchange import views
from bihuan.quality.exchange.asking import Query, QueryRefused, read_query
from bihuan.quality.exchange.records import events_seen, told_to
from bihuan.quality.exchange.showing import lots_of
from bihuan.quality.exchange.terms import terms_of
from bihuan.quality.models import EpcisEvent, EpcisTerm, Lot
from bihuan.quality.moving import ship
from bihuan.quality.postings import Take

from .epcis_samples import OBJECT, TRANSFORMATION, document
from .plants import NOON, lot, product, receive
from .test_exchange import MADE, RAW, lgtin, of, seen, take, transformation
from .test_recall import client_of, person

pytestmark = pytest.mark.django_db
WRONG = {"errorDeclaration": {"declarationTime": "2026-03-03T09:00:00Z", "reason": "incorrect_data"}}


@pytest.fixture
def reader() -> Client:
    return client_of(person("quality"))


def send(client: Client, data: bytes, **more: str) -> Any:
    return client.post(
        reverse("epcis"), {"file": SimpleUploadedFile("来.json", data, "application/json"), **more}
    )


def bytes_of(*events: Any) -> bytes:
    return json.dumps(document(*events)).encode()


def ask(client: Client, query: str = "") -> Any:
    answer = client.get(f"{reverse('epcis_query')}?{query}")
    assert answer.status_code == 200, answer.content.decode()
    report = check(answer.content)
    assert report.accepted or not answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"], [
        str(one) for one in report.faults
    ]
    return answer


def listed(answer: Any) -> list[Any]:
    found: list[Any] = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return found


def test_a_document_is_captured_by_page_once_and_told_with_its_lots(reader: Client) -> None:
    data = bytes_of(transformation([of(RAW, "r1", 4)], [of(MADE, "m1", 4)]))
    product("R"), product("M")
    assert send(reader, data, products="0401=R").status_code == 422
    assert send(reader, data, new_products="1").status_code == 403  # products are not theirs to enter
    assert not EpcisEvent.objects.exists()
    first = send(reader, data, products=f"{RAW}=R {MADE}=M")
    body = first.content.decode()
    assert first.status_code == 200 and "1 event kept" in body
    for name in ("r1", "m1"):
        assert reverse("lot", args=[Lot.objects.get(number=name).pk]) in body
    again = send(reader, data).content.decode()
    assert "0 events kept" in again and EpcisEvent.objects.count() == 1


def test_what_cannot_be_joined_is_told_with_its_path(reader: Client) -> None:
    body = send(reader, bytes_of(transformation([of(RAW, "r1", 4)], [of(MADE, "m1", 4)]))).content.decode()
    assert "$.epcisBody.eventList[0]" in body and not Lot.objects.exists()
    assert EpcisEvent.objects.count() == 1


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "The file is empty."),
        (b"<epcis:EPCISDocument/>", "This is XML."),
        ("不是".encode("gbk"), "not UTF-8"),
        (b"{", "This is not JSON"),
        (bytes_of(OBJECT | {"bizStep": "recieving", "action": "LOOK"}), "$.epcisBody.eventList[0].action"),
    ],
)
def test_a_document_that_is_wrong_is_refused_with_path_and_reason(
    reader: Client, data: bytes, said: str
) -> None:
    answer = send(reader, data)
    assert answer.status_code == 422 and said in answer.content.decode()
    assert not EpcisEvent.objects.exists()


def test_no_file_and_too_large_a_file_get_a_message(reader: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reader.post(reverse("epcis")).status_code == 422
    monkeypatch.setattr(views, "MOST_BYTES", 100)
    answer = send(reader, bytes_of(OBJECT))
    assert answer.status_code == 422 and "bihuan epcis capture" in answer.content.decode()
    assert not EpcisEvent.objects.exists()


def test_only_who_may_write_lots_captures_and_only_who_reads_sources_sees_events() -> None:
    take(transformation([of(RAW, "r1", 10)], [of(MADE, "m1", 10)]))
    event = EpcisEvent.objects.get()
    seller, porter, technical = (client_of(person(one)) for one in ("salesperson", "dispatcher", "technical"))
    assert send(technical, bytes_of(OBJECT)).status_code == 403
    assert technical.get(reverse("epcis_event", args=[event.pk])).status_code == 200
    assert "epcis-capture" not in technical.get(reverse("epcis")).content.decode()
    # Who moves lots without knowing where they come from captures documents, and sees no events.
    assert (
        "epcis-capture" in (page := porter.get(reverse("epcis")).content.decode()) and "data-list" not in page
    )
    assert porter.get(reverse("epcis_event", args=[event.pk])).status_code == 404
    assert seller.get(reverse("epcis")).status_code == 403
    assert seller.get(reverse("epcis_query")).status_code == 404
    assert EpcisEvent.objects.count() == 1


def test_an_event_is_seen_only_with_all_its_lots_and_a_declaration_with_its_event() -> None:
    event = transformation([of(RAW, "r1", 10)], [of(MADE, "m1", 10)])
    own = seen(of(MADE, "m1", 10))
    take(event, own)
    take(own | WRONG, event | WRONG)
    take(seen({"epcClass": "urn:epc:class:lgtin:4012345.077889.B7"}))  # of no lot of ours
    receive("M", "m1", 10)
    owner = User.objects.create(username="x")
    customer = Customer.objects.create(name="演示", owner_a=owner, created_at=NOON, updated_at=NOON)
    decide(actor=SYSTEM, lot=lot("M", "m1"), to="released", reason="好", now=NOON)
    ship(actor=SYSTEM, number="S1", at=NOON, takes=[Take(lot("M", "m1"), Decimal(1))], customer=customer, now=NOON)  # fmt: skip
    whole = frozenset({FieldClass.PUBLIC, FieldClass.TECHNICAL})

    def actor(lots: Scope, events: Scope, classes: frozenset[FieldClass] = whole) -> Actor:
        grants = {("lot", "view"): Grant(lots, classes), ("epcis_event", "view"): Grant(events, whole)}
        return Actor(kind="staff", name="x", user_id=owner.pk, grants=grants)

    assert events_seen(actor(Scope.ALL, Scope.ALL)).count() == 5
    for both in ((Scope.OWN, Scope.ALL), (Scope.ALL, Scope.OWN)):
        mine = events_seen(actor(*both)).values_list("kind", "is_error").order_by("is_error")
        assert list(mine) == [("ObjectEvent", False), ("ObjectEvent", True)]
    assert not events_seen(actor(Scope.ALL, Scope.NONE)).exists()
    hashes = list(EpcisEvent.objects.values_list("hash_id", flat=True))
    assert [one.number for one in lots_of(actor(Scope.OWN, Scope.NONE), hashes)[0]] == ["m1"]
    assert len(lots_of(actor(Scope.ALL, Scope.NONE), hashes)[0]) == 2
    assert not told_to(actor(Scope.ALL, Scope.ALL, frozenset({FieldClass.PUBLIC}))).exists()


def test_the_list_is_filtered_in_its_address_and_strikes_what_was_declared_wrong(reader: Client) -> None:
    wrong = transformation([of(RAW, "r1", 10)], [of(MADE, "m1", 10)], bizStep="commissioning")
    take(wrong, seen(of(RAW, "r2", 5), bizStep="receiving"))
    take(wrong | WRONG)

    def rows(query: str) -> str:
        return str(reader.get(f"{reverse('epcis')}?{query}").content.decode().partition("<tbody>")[2])

    assert rows("").count("<s>TransformationEvent</s>") == 2 and "R/r2" in rows("")
    for query in ("kind=ObjectEvent", "step=receiving", "at.to=2026-02-10", "q=R/r2", "wrong=0", f"q={lgtin(RAW, 'r2')}",
                  "q=urn:epc:class:lgtin:4012345.011111.r2"):  # fmt: skip
        found = rows(query)
        assert "R/r2" in found and "TransformationEvent" not in found, query
    event = EpcisEvent.objects.get(kind="TransformationEvent", is_error=False)
    page = reader.get(reverse("epcis_event", args=[event.pk])).content.decode()
    other = EpcisEvent.objects.get(is_error=True)
    assert (
        reverse("epcis_event", args=[other.pk]) in page and reverse("lot", args=[lot("R", "r1").pk]) in page
    )
    assert "&quot;quantity&quot;: 10" in page
    assert reader.get(reverse("epcis_event", args=[0])).status_code == 404


def test_the_standards_query_answers_with_a_query_document(reader: Client) -> None:
    place = {"id": "urn:epc:id:sgln:0614141.07346.1234"}
    received = seen(
        of(RAW, "r2", 5), bizStep="receiving", disposition="in_progress", readPoint=place, bizLocation=place,
        epcList=["urn:epc:id:sgtin:0614141.107346.2017"], eventID="urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8",
    )  # fmt: skip
    made = transformation([of(RAW, "r1", 10)], [of(MADE, "m1", 10)])
    take(received, made)
    take(made | WRONG)
    assert [one["type"] for one in listed(ask(reader))] == ["TransformationEvent"] * 2 + ["ObjectEvent"]
    only_received = (
        "eventType=ObjectEvent|AggregationEvent", "LT_eventTime=2026-02-02T00:00:00Z", "EQ_bizStep=receiving",
        "EQ_bizStep=https://ref.gs1.org/cbv/BizStep-receiving&EQ_disposition=in_progress&EQ_disposition=active",
        "EQ_readPoint=https://id.gs1.org/414/0614141073467/254/1234", "EQ_bizLocation=urn:epc:id:sgln:0614141.07346.1234",
        "MATCH_epc=urn:epc:id:sgtin:0614141.107346.2017", "MATCH_anyEPC=https://id.gs1.org/01/10614141073464/21/2017",
        "EQ_action=ADD&EQ_eventID=urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8", f"MATCH_epcClass={lgtin(RAW, 'r2')}",
    )  # fmt: skip
    for query in only_received:
        assert [one["type"] for one in listed(ask(reader, query))] == ["ObjectEvent"], query
    assert (
        len(
            listed(
                ask(
                    reader, f"MATCH_inputEPCClass={lgtin(RAW, 'r1')}&GE_eventTime=2026-03-01T16:00:00%2B08:00"
                )
            )
        )
        == 2
    )
    assert listed(ask(reader, f"MATCH_outputEPCClass={lgtin(RAW, 'r1')}")) == []
    assert [("errorDeclaration" in one) for one in listed(ask(reader, "EXISTS_errorDeclaration=true"))] == [
        True
    ]


def test_pages_of_a_query_hold_each_event_once(reader: Client) -> None:
    take(*(seen(of(RAW, f"r{number}", number + 1)) for number in range(5)))
    found, query = [], "perPage=2&eventType=ObjectEvent"
    for _page in range(3):
        answer = ask(reader, query)
        found += [one["quantityList"][0]["quantity"] for one in listed(answer)]
        link = answer.headers.get("Link", "")
        assert link == "" or link.endswith('>; rel="next"')
        query = link[1:].partition(">")[0].partition("?")[2]
    assert query == "" and sorted(found) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "query",
    [
        "EQ_bizstep=receiving", "GE_eventTime=yesterday", "eventType=Event", "perPage=0", "perPage=x", "EQ_bizStep=",
        "nextPageToken=!", "nextPageToken=WzAsMSwyXQ", "MATCH_epc=urn:epc:idpat:sgtin:1.*.*", "EXISTS_errorDeclaration=false",
        "GE_eventTime=2026-03-01T00:00:00Z&GE_eventTime=2026-03-01T00:00:00Z",
    ],
)  # fmt: skip
def test_a_query_that_makes_no_sense_is_refused_as_the_standard_says(reader: Client, query: str) -> None:
    answer = reader.get(f"{reverse('epcis_query')}?{query}")
    assert answer.status_code == 400 and answer["Content-Type"] == "application/problem+json"
    assert answer.json()["type"] == "epcisException:QueryParameterException"
    assert query.partition("=")[0] in answer.json()["detail"]


def test_a_lot_leaves_as_a_document(reader: Client) -> None:
    row = receive("M", "m/1", 10)
    answer = reader.get(reverse("lot_epcis", args=[row.pk]))
    assert check(answer.content).accepted and 'filename="M-m_1.jsonld"' in answer["Content-Disposition"]
    assert client_of(person("salesperson")).get(reverse("lot_epcis", args=[row.pk])).status_code == 404


def test_terms_are_kept_as_they_were_and_long_ones_by_their_digest() -> None:
    long = "https://acme.example/" + "x" * 400
    found = terms_of(TRANSFORMATION | {"bizStep": long, "readPoint": {"id": long}})
    assert {len(value) for name, value in found if name in ("step", "read_point")} == {71}
    assert read_query({"EQ_readPoint": [long]}).terms == [
        (("read_point",), [value for name, value in found if name == "read_point"])
    ]
    take(seen(of(RAW, "r1", 1), bizStep="receiving"))
    for change in (lambda: EpcisTerm.objects.update(value="x"), lambda: EpcisTerm.objects.all().delete()):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()
    with pytest.raises(QueryRefused):
        read_query({"EQ_bizStep": ["|".join(["receiving"] * 501)]})
    assert read_query({}) == Query()


def test_a_lots_history_calls_what_others_told_by_their_document_and_not_by_a_digest(reader: Client) -> None:
    papers = [{"type": "prodorder", "bizTransaction": "urn:epcglobal:cbv:bt:0614141073467:合-1152"}]
    named = transformation([of(RAW, "r1", 4)], [of(MADE, "m1", 4)], bizTransactionList=papers)
    take(named, transformation([of(RAW, "r2", 4)], [of(MADE, "m2", 4)]))
    take(named | WRONG)
    events = {one.hash_id: one for one in EpcisEvent.objects.filter(is_error=False)}

    def history(client: Client, number: str) -> str:
        address = reverse("panel", args=["lot", Lot.objects.get(number=number).pk, "history"])
        return client.get(address).content.decode()

    body = history(reader, "m1")
    assert body.count("TransformationEvent 合-1152</a>") == 2  # told, and taken back
    plain = next(one for one in events.values() if "m2" in one.body)
    digest = plain.hash_id.partition(";")[2].partition("?")[0]
    body = history(reader, "m2")
    assert f"TransformationEvent {digest[:8]}</a>" in body and body.count(digest) == 1  # in the title only
    assert reverse("epcis_event", args=[plain.pk]) in body
    # Who may not know where lots come from learns neither document nor page.
    body = history(client_of(person("dispatcher")), "m1")
    assert "合-1152" not in body and "EPCIS " in body
