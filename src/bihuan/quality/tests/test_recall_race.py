"""Two recall the same lot at once, small or large, and two workers start it: one recall comes of it, the other is told of it.

On PostgreSQL in the test's database; on SQLite by a program of its own with two threads on a file.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import reverse

from bihuan.audit.models import Entry
from bihuan.kernel.actor import SYSTEM, Actor
from bihuan.kernel.jobs import HEARTBEAT, run_job, take_next_job
from bihuan.kernel.models import Job, OutboxEvent
from bihuan.kernel.pages.notices import unread_count
from bihuan.kernel.time import now
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user
from bihuan.quality.deciding import locked_row
from bihuan.quality.errors import LotError
from bihuan.quality.models import Lot, LotEdge, LotEvent, LotNotice, Movement, Recall, RecallLot, RecallStart
from bihuan.quality.recall.asking import IN_REQUEST, begin
from bihuan.quality.recall.starting import start
from bihuan.quality.recall.telling import close, unreachable

from .at_once import at_once
from .plants import NOON, lot, receive
from .test_recall_begun import ASKED, fill, quality

LOTS = IN_REQUEST + 3


@pytest.mark.skipif(connection.vendor != "postgresql", reason="below, on a file")
@pytest.mark.django_db(transaction=True)
def test_two_at_once_on_postgresql() -> None:
    tell_the_story()


PROGRAM = """
import django
django.setup()
from django.test.utils import setup_test_environment
setup_test_environment()
from bihuan.quality.tests.test_recall_race import tell_the_story
tell_the_story()
"""


@pytest.mark.skipif(connection.vendor != "sqlite", reason="above, in the test's database")
def test_two_at_once_on_a_file(tmp_path: Path, migrated: Callable[[Path], Path]) -> None:
    own = {"BIHUAN_HOME": str(tmp_path), "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
    told = {key: value for key, value in os.environ.items() if key != "BIHUAN_DATABASE_URL"} | own
    migrated(tmp_path)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], env=told, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_a_lot_that_went_into_an_older_one_is_recalled_while_something_is_posted_to_both() -> None:
    older = receive("T", "tank", 10)
    fresh = receive("T", "fresh", 10)
    LotEdge.objects.create(
        source=fresh, target=older, movement=Movement.objects.earliest("pk"), quantity=5, weight=5
    )
    is_locked = threading.Event()

    def one(number: int) -> None:
        if number == 1:
            is_locked.wait(timeout=20)
            start(actor=SYSTEM, lot=fresh, now=NOON, **ASKED)
            return
        with transaction.atomic():
            locked_row(older)
            is_locked.set()
            until = time.monotonic() + 20
            while not waits_for_a_lock() and time.monotonic() < until:
                time.sleep(0.02)
            locked_row(fresh)

    at_once(one)
    assert set(Lot.objects.values_list("disposition", flat=True)) == {"held"}


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_locks WHERE NOT granted")
        return cursor.fetchone() is not None


def tell_the_story() -> None:
    owner = create_user(
        actor=SYSTEM, username="sales", name="演示·业务", roles=["salesperson"], team=None, now=NOON, language="zh-hans"
    )  # fmt: skip
    people = [quality("one"), quality("two")]
    bulk, drum = fill(owner), lot("B", "2")
    small_twice(people, drum, owner)
    large_twice(people, bulk, owner)
    small_and_large(people)


def small_twice(people: list[User], drum: Lot, owner: User) -> None:
    said = ask_on_pages(people, drum)
    recall = Recall.objects.get()
    assert said[0] == reverse("recall", args=[recall.pk]) and recall.number in said[1]
    assert (recall.entries.count(), recall.lots.count(), recall.events.count()) == (1, 1, 1)
    assert (
        LotEvent.objects.get(kind="held").lot_id == drum.pk and news("lot.recalled") == news("lots.held") == 1
    )
    assert LotNotice.objects.get().recipient_id == owner.pk
    finish(recall)


def large_twice(people: list[User], bulk: Lot, owner: User) -> None:
    said = ask_on_pages(people, bulk)
    begun = RecallStart.objects.get()
    assert said[0] == reverse("recall_begun", args=[begun.pk]) and begun.asked_by_name in said[1]
    assert Job.objects.count() == news("lot.held") == 1 and not Recall.objects.filter(lot=bulk).exists()
    # Two workers ask for work: one gets it. That one is not heard of for a minute, and the other takes it, too.
    taken = at_once(lambda number: take_next_job(now()))
    assert sorted(row is None for row in taken) == [False, True]
    Job.objects.update(heartbeat_at=now() - HEARTBEAT - timedelta(seconds=1))
    row = take_next_job(now())
    assert row is not None
    rows = [row, Job.objects.get()]
    ended = at_once(lambda number: run_job(rows[number], clock=now))
    assert [one.state for one in ended] == [Job.State.DONE] * 2, [one.message for one in ended]
    recall = Recall.objects.get(lot=bulk)
    assert [(one.result or {})["recall"] for one in ended] == [recall.pk] * 2
    assert recall.lots.count() == LOTS and recall.events.count() == recall.entries.count() == 1
    assert RecallStart.objects.get().recall == recall
    # Each was held once: the small recall held its drum, asking for this one the bulk lot, the job what was left.
    held = LotEvent.objects.filter(kind="held")
    assert held.count() == held.values("lot").distinct().count() == LOTS
    assert news("lots.held") == news("lot.recalled") == 2
    assert Entry.objects.filter(action="recall.started", object_id=str(recall.pk)).count() == 1
    assert LotNotice.objects.filter(recipient=owner).count() == 1
    asked, other = (begun.asked_by, next(one for one in people if one != begun.asked_by))
    assert asked is not None and (bell(asked), bell(other)) == (1, 0)
    # Once more after it was done.
    Job.objects.update(state=Job.State.WAITING, ended_at=None)
    again = take_next_job(now())
    assert again is not None and run_job(again, clock=now).state == Job.State.DONE
    assert Recall.objects.filter(lot=bulk).count() == 1 and held.count() == LOTS and bell(asked) == 1
    finish(recall)


def small_and_large(people: list[User]) -> None:
    """For one it is small, for the other, who looks when more was made of it, large."""
    for number in range(3):
        row = lot("B", "1")
        before = Recall.objects.count(), RecallStart.objects.count()
        actors = [actor_for(one) for one in people]

        def ask(which: int, row: Lot = row, actors: list[Actor] = actors) -> str:
            try:
                begin(actor=actors[which], lot=row, now=now(), at_once=(LOTS, 2)[which], **ASKED)
            except LotError as error:
                return error.code
            return "done"

        assert sorted(at_once(ask)) == ["done", "twice"], number
        recalls, asked = Recall.objects.filter(lot=row), RecallStart.objects.filter(lot=row, recall=None)
        assert recalls.filter(closed_at=None).count() + asked.count() == 1
        if asked.exists():
            work = take_next_job(now())
            assert work is not None and run_job(work, clock=now).state == Job.State.DONE
        finish(recalls.get(closed_at=None))
        assert Recall.objects.count() + RecallStart.objects.count() - sum(before) in (1, 2)
        # What is on hold already is not held anew.
        held = LotEvent.objects.filter(kind="held")
        assert held.count() == LOTS and RecallLot.objects.filter(recall__lot=row).count() == (LOTS - 2) * (
            number + 1
        )


def ask_on_pages(people: list[User], row: Lot) -> list[str]:
    """Where the first is led, and what the second reads."""
    clients = [Client(), Client()]
    for client, user in zip(clients, people, strict=True):
        client.force_login(user)
    address = reverse("recall_start", args=[row.pk])
    answers = sorted(
        at_once(lambda number: clients[number].post(address, ASKED)), key=lambda one: one.status_code
    )
    assert [one.status_code for one in answers] == [302, 422]
    return [answers[0]["Location"], answers[1].content.decode()]


def finish(recall: Recall) -> None:
    for one in recall.entries.all():
        unreachable(actor=SYSTEM, entry=one, note="演示：停业", seen=one.version, now=NOON)
    close(actor=SYSTEM, recall=recall, summary="演示", now=NOON)


def bell(user: User) -> int:
    return unread_count(actor_for(user), now())


def news(topic: str) -> int:
    return OutboxEvent.objects.filter(topic=topic).count()
