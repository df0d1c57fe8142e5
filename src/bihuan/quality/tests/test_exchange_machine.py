"""Programs ask and send by token: what is answered, in which order, how many, and what is refused as problem+json."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from bihuan.audit.models import Entry
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import now
from bihuan.people.models import AccessToken
from bihuan.people.tokens.services import A_MINUTE, make_token
from bihuan.quality.exchange import machine
from bihuan.quality.exchange.capturing import capture
from bihuan.quality.models import EpcisEvent

from .epcis_samples import OBJECT, document
from .plants import NOON
from .test_exchange import RAW, of, seen
from .test_recall import client_of, person

pytestmark = pytest.mark.django_db


def client_with(*scopes: str, role: str = "quality") -> Client:
    _token, secret = make_token(actor=SYSTEM, user=person(role), name="ERP", scopes=scopes, days=9, now=now())
    return Client(enforce_csrf_checks=True, headers={"authorization": f"Bearer {secret}"})


def send(client: Client, data: Any, content_type: str = "application/ld+json", **headers: str) -> Any:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return client.post(reverse("epcis_capture"), body, content_type=content_type, headers=headers)


def ask(client: Client, query: str = "") -> Any:
    return client.get(f"{reverse('epcis_query')}?{query}")


def amounts(answer: Any) -> list[int]:
    found = answer.json()["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
    return [one["quantityList"][0]["quantity"] for one in found]


def problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.content.decode()
    assert answer["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = answer.json()
    assert (said["type"], said["status"]) == (f"epcisException:{kind}", status)
    return said


def test_a_token_sends_documents_whole_or_not_at_all() -> None:
    client = client_with("epcis.capture")
    good = send(client, document(seen(of(RAW, "r1", 1))))
    assert good.status_code == 202 and good.json()["stored"] == 1 and good["GS1-EPCIS-Version"] == "2.0"
    assert send(client, document(seen(of(RAW, "r1", 1)))).json()["stored"] == 0
    entry = Entry.objects.filter(action="epcis.capture").latest("id")
    assert (entry.via, entry.actor_name) == ("api", "演示·quality")
    wrong = document(seen(of(RAW, "r2", 1)), OBJECT | {"action": "LOOK"})
    said = problem(send(client, wrong), 400, "ValidationException")
    assert [one["path"] for one in said["errors"]] == ["$.epcisBody.eventList[1].action"]
    assert said["detail"].startswith("$.epcisBody.eventList[1].action: ")
    for data in (b" ", b"{", "不是".encode("gbk")):
        problem(send(client, data), 400, "ValidationException")
    problem(send(client, b"<x/>", "application/xml"), 415, "ImplementationException")
    problem(send(client, wrong, gs1_capture_error_behaviour="proceed"), 501, "ImplementationException")
    assert EpcisEvent.objects.count() == 1


def test_a_document_that_is_too_large_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "MOST_BYTES", 100)
    problem(send(client_with("epcis.capture"), b" " * 101), 413, "CaptureLimitExceededException")


def test_a_token_opens_what_it_says_and_no_page() -> None:
    reading = client_with("epcis.read")
    assert ask(reading).status_code == 200
    said = send(reading, document(OBJECT))
    problem(said, 403, "SecurityException")
    assert 'scope="epcis.capture"' in said["WWW-Authenticate"] and not EpcisEvent.objects.exists()
    # Not a page, and not what the person may not do
    for name in ("lots", "today"):
        assert reading.get(reverse(name)).status_code == 302
    assert reading.get(reverse("epcis"), headers={"accept": "text/html,*/*"}).json() == [
        "events",
        "eventTypes",
        "capture",
    ]
    problem(reading.get(reverse("epcis"), headers={"accept": "text/html"}), 406, "ImplementationException")
    problem(ask(client_with("epcis.read", role="salesperson")), 403, "SecurityException")
    problem(send(client_with("epcis.capture", role="technical"), document(OBJECT)), 403, "SecurityException")


def test_without_a_token_that_holds_there_is_no_answer() -> None:
    for client in (
        Client(),
        Client(headers={"authorization": "Bearer bh_x"}),
        Client(headers={"authorization": "Basic eDp5"}),
    ):
        for answer in (ask(client), send(client, document(OBJECT))):
            problem(answer, 401, "SecurityException")
            assert answer["WWW-Authenticate"].startswith("Bearer")
    assert ask(Client(headers={"accept": "text/html"})).status_code == 302  # a person is sent to sign in
    signed_in = client_of(person("quality"))
    assert ask(signed_in).status_code == 200
    problem(send(signed_in, document(OBJECT)), 401, "SecurityException")  # a session alone sends nothing
    assert not EpcisEvent.objects.exists()
    client = client_with("epcis.read", role="director")
    moment = now()
    AccessToken.objects.update(window=moment.replace(second=0, microsecond=0), used_in_window=A_MINUTE)
    answer = ask(client)
    if now().minute == moment.minute:
        problem(answer, 429, "SecurityException")
        assert 0 < int(answer["Retry-After"]) <= 60


def test_events_come_in_the_order_asked_for_and_no_more_than_the_limit() -> None:
    # Captured in another order than they happened: 3 first, 1 last
    for number, day in ((3, 3), (1, 1), (2, 2)):
        event = seen(of(RAW, f"r{number}", number), eventTime=f"2026-02-0{day}T08:00:00Z")
        done = capture(
            actor=SYSTEM, data=json.dumps(document(event)).encode(), now=NOON + timedelta(minutes=10 - number)
        )
        assert done.accepted
    client = client_with("epcis.read")
    for query, expected in {
        "": [3, 2, 1],
        "orderDirection=ASC": [3, 2, 1],  # says nothing without orderBy
        "orderBy=eventTime": [3, 2, 1],
        "orderBy=eventTime&orderDirection=ASC": [1, 2, 3],
        "orderBy=recordTime&orderDirection=ASC": [3, 2, 1],
        "orderBy=recordTime&orderDirection=DESC&eventCountLimit=2": [1, 2],
        "orderBy=eventTime&eventCountLimit=7": [3, 2, 1],
        "maxEventCount=3": [3, 2, 1],
        "maxEventCount=1&LT_eventTime=2026-02-02T00:00:00Z": [1],
    }.items():
        assert amounts(ask(client, query)) == expected, query
        # The same by pages of one, of two
        for size in (1, 2):
            found, more = [], f"{query}&perPage={size}"
            while more:
                answer = ask(client, more)
                page = amounts(answer)
                assert 0 < len(page) <= size
                found += page
                more = answer.headers.get("Link", "")[1:].partition(">")[0].partition("?")[2]
            assert found == expected, query
    problem(ask(client, "maxEventCount=2"), 413, "QueryTooLargeException")
    token = (
        ask(client, "orderBy=recordTime&perPage=1")["Link"].partition("nextPageToken=")[2].partition(">")[0]
    )
    limited = (
        ask(client, "orderBy=recordTime&perPage=1&eventCountLimit=2")["Link"]
        .partition("nextPageToken=")[2]
        .partition(">")[0]
    )
    for query in (
        "orderBy=eventID", "orderBy=", "orderBy=eventTime&orderDirection=UP", "orderDirection=asc", "eventCountLimit=2",
        "orderBy=eventTime&eventCountLimit=0", "orderBy=eventTime&eventCountLimit=2&maxEventCount=2", "maxEventCount=-1",
        "orderBy=eventTime&orderBy=eventTime", f"nextPageToken={token}", f"orderBy=eventTime&nextPageToken={token}",
        f"orderBy=recordTime&nextPageToken={limited}", f"orderBy=recordTime&eventCountLimit=2&nextPageToken={token}",
    ):  # fmt: skip
        said = problem(ask(client, query), 400, "QueryParameterException")
        assert said["detail"], query
