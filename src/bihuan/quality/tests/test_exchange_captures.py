"""What became of a document that was sent: kept with the events or alone where it was refused, told to whom it is for, removed in time."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from bihuan.audit.models import Entry
from bihuan.config.cli import main
from bihuan.kernel.actor import SYSTEM, Actor, FieldClass, Grant, Scope
from bihuan.kernel.jobs import JobRun, load_jobs, start_job
from bihuan.kernel.models import OutboxEvent
from bihuan.people.models import Team, User
from bihuan.people.services import actor_for
from bihuan.quality.epcis import times
from bihuan.quality.epcis.faults import MESSAGES
from bihuan.quality.evidence.faults import LogBusy
from bihuan.quality.evidence.files import locked
from bihuan.quality.exchange.captures import KEPT_FOR, faults_of, forget_captures
from bihuan.quality.exchange.capturing import LOCK, Captured, capture
from bihuan.quality.exchange.records import EPCIS_CAPTURE
from bihuan.quality.models import EpcisCapture, EpcisEvent, Lot

from .epcis_samples import OBJECT, document
from .plants import NOON, product
from .test_exchange import MADE, RAW, of, seen, transformation
from .test_exchange_machine import client_with, problem, send
from .test_recall import client_of, person

pytestmark = pytest.mark.django_db
WRONG = OBJECT | {"action": "LOOK"}


def take(*events: Any, actor: Actor = SYSTEM, now: datetime = NOON, file: str = "x.json") -> Captured:
    return capture(actor=actor, data=json.dumps(document(*events)).encode(), file=file, now=now)


def job(client: Client, key: str) -> Any:
    return client.get(reverse("epcis_capture_job", args=[key]))


def test_what_is_sent_by_program_is_named_in_location_and_asked_for_afterwards() -> None:
    client = client_with("epcis.capture")
    sent = send(client, document(seen(of(RAW, "r1", 1))))
    key = sent.json()["captureID"]
    assert sent["Location"] == f"http://testserver/epcis/capture/{key}" and len(key) == 32
    answer = job(client, key)
    assert answer.status_code == 200 and answer["GS1-Capture-Error-Behaviour"] == "rollback"
    said = answer.json()
    row = EpcisCapture.objects.get()
    assert said["createdAt"] == times.write(row.created_at) and said["sentBy"] == "演示·quality"
    assert {name: said[name] for name in ("captureID", "running", "success", "errors", "events", "stored", "via")} == {
        "captureID": key, "running": False, "success": True, "errors": [], "events": 1, "stored": 1, "via": "api",
    }  # fmt: skip
    assert said["not_joined"] == 1 and said["reasons"] == sent.json()["reasons"] != []
    assert EpcisEvent.objects.get().document == said["sha256"]
    # The same once more: nothing new but the capture, which says so.
    again = send(client, document(seen(of(RAW, "r1", 1)))).json()
    assert again["captureID"] != key and job(client, again["captureID"]).json()["stored"] == 0
    assert EpcisEvent.objects.count() == 1


def test_a_refused_document_leaves_its_errors_in_the_readers_language_and_nothing_else() -> None:
    client = client_with("epcis.capture")
    refused = problem(send(client, document(seen(of(RAW, "r2", 1)), WRONG)), 400, "ValidationException")
    key = EpcisCapture.objects.get().key
    assert refused["instance"] == f"http://testserver/epcis/capture/{key}"
    said = job(client, key).json()
    assert (said["running"], said["success"], said["stored"]) == (False, False, 0)
    (error,) = said["errors"]
    assert error["type"] == "epcisException:ValidationException" and error["status"] == 400
    assert error["path"] == "$.epcisBody.eventList[1].action"
    assert error["detail"] == f"{error['path']}: {error['title']}" == refused["detail"]
    User.objects.update(language="zh-hans")
    with translation.override("zh-hans"):
        expected = translation.gettext(MESSAGES["bad_action"])
    assert job(client, key).json()["errors"][0]["title"] == expected != MESSAGES["bad_action"]
    assert not EpcisEvent.objects.exists() and not Lot.objects.exists() and not OutboxEvent.objects.exists()
    entry = Entry.objects.get(action="epcis.refused")
    assert (entry.after, entry.via) == ({"errors": 1}, "api")
    assert not Entry.objects.filter(action="epcis.capture").exists()


def test_an_id_with_other_content_is_refused_and_leaves_only_its_capture() -> None:
    named = {"eventID": "urn:uuid:374d95fc-9457-4a51-bd6a-0bba133845a8"}
    take(seen(of(RAW, "r1", 1)) | named)
    found = take(seen(of(RAW, "r9", 1)), seen(of(RAW, "r1", 2)) | named)
    row = EpcisCapture.objects.get(key=found.key)
    assert not row.is_success and [fault.code for _path, fault in faults_of(row)] == ["changed_event"]
    assert EpcisEvent.objects.count() == 1


def test_a_capture_that_breaks_leaves_neither_events_nor_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_args: Any, **_more: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr("bihuan.quality.exchange.capturing.publish", broken)
    with pytest.raises(RuntimeError):
        take(seen(of(RAW, "r1", 1)))
    assert not EpcisCapture.objects.exists() and not EpcisEvent.objects.exists()
    assert not Entry.objects.filter(action="epcis.capture").exists()


@contextmanager
def another(*statements: str) -> Iterator[None]:
    """Another connection's transaction that did this and has not ended."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            for one in ("BEGIN IMMEDIATE" if connection.vendor == "sqlite" else "BEGIN", *statements):
                cursor.execute(one)
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()


@pytest.mark.django_db(transaction=True)
def test_a_refusal_that_cannot_be_noted_because_somebody_writes_for_long_says_so() -> None:
    on_files = connection.vendor == "sqlite"
    lock = () if on_files else ("LOCK TABLE quality_epciscapture IN ACCESS EXCLUSIVE MODE",)
    with another(*lock), connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout" if on_files else "SET lock_timeout = '50ms'")
        with pytest.raises(LogBusy):
            capture(actor=SYSTEM, data=b"{", now=NOON)
        cursor.execute("PRAGMA busy_timeout" if on_files else "RESET lock_timeout")
    assert not capture(actor=SYSTEM, data=b"{", now=NOON).accepted and EpcisCapture.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_document_waits_for_another_no_longer_than_it_is_told() -> None:
    data = json.dumps(document(seen(of(RAW, "r1", 1)))).encode()
    if connection.vendor == "postgresql":
        with another(f"SELECT pg_advisory_xact_lock({LOCK})"), pytest.raises(LogBusy):
            capture(actor=SYSTEM, data=data, wait=0.05, now=NOON)
    else:
        with locked(Path(settings.HOME) / "epcis.lock", 1), pytest.raises(LogBusy):
            capture(actor=SYSTEM, data=data, wait=0.05, now=NOON)
    assert not EpcisCapture.objects.exists()
    assert capture(actor=SYSTEM, data=data, wait=0.05, now=NOON).accepted and EpcisEvent.objects.count() == 1


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{", b"\xff", json.dumps({"a\0\ud800": 1}).encode(), json.dumps(document({"type": "\0\ud800"})).encode(),
        json.dumps(document(OBJECT | {"x" * 2_000_000: 1})).encode(), json.dumps(document(*[WRONG] * 300)).encode(),
    ],
)  # fmt: skip
def test_whatever_is_wrong_is_kept_as_the_database_takes_it_and_not_endlessly(data: bytes) -> None:
    found = capture(actor=SYSTEM, data=data, file="半\ud800\0.json", now=NOON)
    row = EpcisCapture.objects.get(key=found.key)
    assert len(faults_of(row)) == len(found.faults) > 0
    assert [str(fault) for _path, fault in faults_of(row)] == [
        MESSAGES[one.code] % one.values if "\0" not in str(one) and "\ud800" not in str(one) else str(fault)
        for one, (_path, fault) in zip(found.faults, faults_of(row), strict=True)
    ]
    assert len(json.dumps(row.errors)) < 200_000
    entry = Entry.objects.get(action="epcis.refused")
    assert entry.after == {"errors": 300 if len(found.faults) > 200 else len(found.faults)}


def test_who_sent_it_sees_it_and_whoever_administers_sees_all() -> None:
    mine = client_with("epcis.capture")
    keys = [send(mine, document(seen(of(RAW, f"r{number}", 1)))).json()["captureID"] for number in range(3)]
    other = client_with("epcis.capture", role="dispatcher")
    theirs = send(other, document(seen(of(RAW, "d1", 1)))).json()["captureID"]
    system = take(seen(of(RAW, "s1", 1))).key

    def listed(client: Client) -> list[str]:
        return [one["captureID"] for one in client.get(reverse("epcis_capture")).json()]

    assert listed(mine) == keys[::-1] and listed(other) == [theirs]
    for client, hidden in ((mine, theirs), (other, keys[0]), (mine, system), (mine, "x")):
        problem(job(client, hidden), 404, "NoSuchNameException")
    administrator = client_with("epcis.capture", role="administrator")
    assert set(listed(administrator)) == {*keys, theirs, system}
    # A session reads a single one, as its page would; the list and the door for documents are for tokens.
    assert job(client_of(User.objects.get(username="quality")), keys[0]).status_code == 200
    problem(
        client_of(User.objects.get(username="quality")).get(reverse("epcis_capture")),
        401,
        "SecurityException",
    )
    problem(
        client_with("epcis.read", role="director").get(reverse("epcis_capture")), 403, "SecurityException"
    )
    # Who may look on but not send
    auditor = client_with("epcis.capture", role="auditor")
    assert len(listed(auditor)) == 5
    problem(send(auditor, document(OBJECT)), 403, "SecurityException")
    assert EpcisCapture.objects.count() == 5


def test_a_team_sees_what_its_members_sent() -> None:
    team = Team.objects.create(name="演示·一组")
    one, two = person("quality"), person("dispatcher")
    User.objects.update(team=team)
    take(seen(of(RAW, "r1", 1)), actor=actor_for(one))
    take(seen(of(RAW, "r2", 1)))
    classes = frozenset({FieldClass.PUBLIC})
    grants = {("epcis_capture", "view"): Grant(Scope.TEAM, classes)}
    reader = Actor(kind="staff", name="x", user_id=two.pk, team_ids=frozenset({team.pk}), grants=grants)
    assert [row.person_id for row in EPCIS_CAPTURE.visible_to(reader)] == [one.pk]
    nobody = Actor(kind="staff", name="x", grants={("epcis_capture", "view"): Grant(Scope.OWN, classes)})
    assert not EPCIS_CAPTURE.visible_to(nobody).exists()


def test_pages_of_captures_hold_each_once_newest_first() -> None:
    client = client_with("epcis.capture", role="administrator")
    made = [
        take(seen(of(RAW, f"r{number}", 1)), now=NOON + timedelta(minutes=number // 2)).key
        for number in range(5)
    ]
    found, query = [], "perPage=2"
    while query:
        answer = client.get(f"{reverse('epcis_capture')}?{query}")
        page = [one["captureID"] for one in answer.json()]
        assert 0 < len(page) <= 2
        found += page
        link = answer.headers.get("Link", "")
        assert link == "" or (
            link.startswith("<http://testserver/epcis/capture?") and link.endswith('>; rel="next"')
        )
        query = link[1:].partition(">")[0].partition("?")[2]
    assert found == made[::-1]
    for wrong in (
        "perPage=0",
        "perPage=x",
        "nextPageToken=!",
        "nextPageToken=WzEsIngiLDFd",
        "nextPageToken=WzAsIngiLDFd",
    ):
        problem(client.get(f"{reverse('epcis_capture')}?{wrong}"), 400, "QueryParameterException")


def test_by_page_and_by_command_leave_one_with_its_source_and_the_page_tells_the_last(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    product("R"), product("M")
    reader = client_of(person("quality"))
    data = json.dumps(document(transformation([of(RAW, "r1", 4)], [of(MADE, "m1", 4)]))).encode()
    for name, sent in (("来货.json", data), ("坏.json", b"{")):
        reader.post(reverse("epcis"), {"file": SimpleUploadedFile(name, sent, "application/json")})
    file = tmp_path / "命令.json"
    file.write_bytes(data)
    assert main(["--user", "quality", "epcis", "capture", str(file)]) == 0
    told = json.loads(capsys.readouterr().out)
    rows = [
        (one.via, one.file, one.is_success, one.stored, one.left)
        for one in EpcisCapture.objects.order_by("pk")
    ]
    assert rows == [
        ("page", "来货.json", True, 1, 1),
        ("page", "坏.json", False, 0, 0),
        ("cli", "命令.json", True, 0, 1),
    ]
    assert told["captureID"] == EpcisCapture.objects.get(via="cli").key
    body = reader.get(reverse("epcis")).content.decode()
    part = body.partition('id="epcis-recent"')[2].partition("</section>")[0]
    assert [part.index(name) for name in ("命令.json", "坏.json", "来货.json")] == sorted(
        part.index(name) for name in ("命令.json", "坏.json", "来货.json")
    )
    assert "Refused" in part and "This is not JSON" in part
    assert "1 event kept" in part and "Kept already" in part and "0 events" not in part
    assert "$.epcisBody.eventList[0]" in part
    other = client_of(person("dispatcher")).get(reverse("epcis")).content.decode()
    assert "epcis-capture" in other and "epcis-recent" not in other
    partial = reader.get(
        reverse("epcis"), headers={"HX-Request": "true", "HX-Target": "list"}
    ).content.decode()
    assert "epcis-recent" not in partial


def test_captures_past_their_time_are_removed_each_day_and_their_events_stay() -> None:
    old = take(seen(of(RAW, "r1", 1))).key
    young = take(seen(of(RAW, "r2", 1)), now=NOON + timedelta(seconds=1)).key
    assert forget_captures(NOON + KEPT_FOR) == 0
    work = load_jobs()["quality.forget_captures"]
    row = start_job(actor=SYSTEM, kind="quality.forget_captures", now=NOON)
    assert work(JobRun(row, lambda: NOON + KEPT_FOR + timedelta(seconds=1))) == {"captures": 1}
    assert [one.key for one in EpcisCapture.objects.all()] == [young] != [old]
    assert EpcisEvent.objects.count() == 2 and Entry.objects.filter(action="epcis.capture").count() == 2
