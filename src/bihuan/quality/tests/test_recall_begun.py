"""A recall too large for a request: one job, held at once, nothing half, asked for again, told of when it is done."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse

from bihuan.audit.models import Entry
from bihuan.customers.models import Customer
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import JobCancelled, JobRun, cancel_job, run_job, take_next_job
from bihuan.kernel.models import Job, OutboxEvent
from bihuan.kernel.outbox import deliver_due
from bihuan.kernel.pages.notices import unread_count
from bihuan.kernel.time import now
from bihuan.people.models import User
from bihuan.people.services import actor_for, create_user
from bihuan.quality.deciding import hold_all
from bihuan.quality.errors import LotError
from bihuan.quality.models import EvidenceEntry, Lot, LotEdge, LotEvent, LotNotice, Recall, RecallStart
from bihuan.quality.moving import ship
from bihuan.quality.postings import Take
from bihuan.quality.recall.asking import IN_REQUEST, begin, carry_out
from bihuan.quality.recall.starting import start

from .plants import NOON, lot, move, receive

ASKED: dict[str, Any] = {"reason": "演示：异物", "level": "1", "asked": "stop"}


def quality(name: str) -> User:
    return create_user(
        actor=SYSTEM, username=name, name=f"演示·{name}", roles=["quality"], team=None, now=NOON, language="zh-hans"
    )  # fmt: skip


@pytest.fixture
def filled(db: None) -> Lot:
    return fill()


def fill(owner: User | None = None) -> Lot:
    """A bulk lot in two drums, one with a customer; one drum is in so many packs that the whole is no longer small."""
    buyer = Customer.objects.create(name="演示·客户", owner_a=owner, created_at=NOON, updated_at=NOON)
    receive("B", "bulk", 100)
    move("split", {("B", "bulk"): 50}, {("B", "1"): 30, ("B", "2"): 20})
    ship(actor=SYSTEM, number="D1", at=NOON, takes=[Take(lot("B", "2"), Decimal(7))], customer=buyer, now=NOON)  # fmt: skip
    drum = lot("B", "1")
    packs = Lot.objects.bulk_create(
        Lot(
            product=drum.product, number=f"P{n}", kind=drum.kind, unit="kg", quantity=0, disposition="released",
            status="consumed" if n % 2 else "released", made_at=NOON, created_at=NOON, updated_at=NOON,
        )
        for n in range(IN_REQUEST)
    )  # fmt: skip
    edge = LotEdge.objects.get(target=drum)
    LotEdge.objects.bulk_create(
        LotEdge(source=drum, target=one, movement=edge.movement, quantity=0, weight=0) for one in packs
    )
    return lot("B", "bulk")


def work() -> Job:
    row = take_next_job(now())
    assert row is not None
    return run_job(row, clock=now)


def test_a_large_recall_is_a_job_and_the_lot_is_held_while_it_waits(filled: Lot):
    people = [quality("one"), quality("two")]
    clients = [Client(), Client()]
    for client, user in zip(clients, people, strict=True):
        client.force_login(user)
    address = reverse("recall_start", args=[filled.pk])
    asked = clients[0].post(address, ASKED)
    begun = RecallStart.objects.get()
    page = reverse("recall_begun", args=[begun.pk])
    assert asked.status_code == 302 and asked["Location"] == page
    assert lot("B", "bulk").disposition == "held" and lot("B", "1").disposition == "released"
    assert OutboxEvent.objects.filter(topic="lot.held").count() == 1 and not Recall.objects.exists()
    # Twice, by the other, and past the pages: it stays one, and they read who does it.
    for client in clients:
        again = client.post(address, ASKED)
        assert again.status_code == 422 and "演示·one" in again.content.decode()
    assert Job.objects.count() == RecallStart.objects.count() == 1
    seen = clients[0].get(page).content.decode()
    assert "演示：异物" in seen and reverse("job", args=[begun.job_id]) in seen
    assert clients[1].get(page).status_code == 404
    panel = reverse("panel", args=["lot", filled.pk, "recalls"])
    assert page in clients[0].get(panel).content.decode()
    other = clients[1].get(panel).content.decode()
    assert page not in other and "演示·one" in other
    actor = actor_for(people[0])
    assert unread_count(actor, now()) == 0

    job = work()
    assert job.state == Job.State.DONE, job.message
    recall = Recall.objects.get()
    assert recall.number in job.message and (job.result or {})["links"][0]["arguments"] == [recall.pk]
    assert recall.lots.count() == IN_REQUEST + 3 and recall.entries.get().quantity == 7
    assert set(Lot.objects.values_list("disposition", flat=True)) == {"held"}
    # One event and one line of the journal for each lot, by whoever asked.
    assert LotEvent.objects.filter(kind="held").values("lot").distinct().count() == IN_REQUEST + 3
    lines = Entry.objects.filter(action="lot.held", actor=actor.key)
    assert lines.count() == lines.values("object_id").distinct().count() == IN_REQUEST + 3
    drum = lot("B", "1")
    assert lines.get(object_id=str(drum.pk)).object_name == "1"
    assert drum.events.get().data == {"from": "released"} and drum.version == 2
    assert (lot("B", "P0").status, lot("B", "P1").status) == ("held", "consumed")
    # The bell says so, until it is opened; the page leads to the recall.
    assert unread_count(actor, now()) == 1 and unread_count(actor_for(people[1]), now()) == 0
    assert recall.number in clients[0].get(reverse("notices")).content.decode()
    assert clients[0].get(page)["Location"] == reverse("recall", args=[recall.pk])
    clients[0].post(reverse("notice_open", args=["recall", begun.pk]))
    assert unread_count(actor, now()) == 0
    # Killed after it was done and before it said so: run again it is the same one.
    Job.objects.update(state=Job.State.WAITING, ended_at=None)
    assert work().result == job.result and Recall.objects.count() == 1
    with pytest.raises(LotError) as twice:
        begin(actor=actor, lot=filled, now=NOON, **ASKED)
    assert twice.value.code == "twice" and recall.number in str(twice.value)


def test_one_that_fails_half_way_leaves_nothing_but_the_lot_held_and_is_asked_for_again(filled: Lot):
    user = quality("one")
    actor = actor_for(user)
    first = begin(actor=actor, lot=filled, now=now(), **ASKED)
    # The last thing that is frozen is refused, when all lots are held and written.
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "CREATE TRIGGER full BEFORE INSERT ON quality_recallshipment BEGIN SELECT RAISE(ABORT, 'full'); END"
            )
        else:
            cursor.execute(
                'ALTER TABLE quality_recallshipment ADD CONSTRAINT "full" CHECK (quantity < 0) NOT VALID'
            )
    assert work().state == Job.State.FAILED
    assert not Recall.objects.exists() and not Entry.objects.filter(action="recall.started").exists()
    assert set(Lot.objects.exclude(pk=filled.pk).values_list("disposition", flat=True)) == {"released"}
    client = Client()
    client.force_login(user)
    body = client.get(reverse("recall_begun", args=[first.pk])).content.decode()
    assert reverse("recall_start", args=[filled.pk]) in body
    assert unread_count(actor, now()) == 1
    with connection.cursor() as cursor:
        drop = "DROP TRIGGER full" if connection.vendor == "sqlite" else 'ALTER TABLE quality_recallshipment DROP CONSTRAINT "full"'  # fmt: skip
        cursor.execute(drop)
    begin(actor=actor, lot=filled, now=NOON, **ASKED)
    assert work().state == Job.State.DONE and Recall.objects.get().lots.count() == IN_REQUEST + 3


def test_whoever_may_no_longer_when_the_job_runs_starts_nothing(filled: Lot):
    user = quality("one")
    begin(actor=actor_for(user), lot=filled, now=NOON, **ASKED)
    user.roles.all().delete()
    job = work()
    assert job.state == Job.State.FAILED and job.message and not Recall.objects.exists()
    with pytest.raises(LotError) as refused:
        begin(actor=SYSTEM, lot=filled, now=NOON, reason=" ", level="1", asked="stop")
    assert refused.value.code == "reason"


def test_a_small_one_begins_at_once_and_two_ways_freeze_the_same(filled: Lot):
    drum = lot("B", "2")
    small = begin(actor=SYSTEM, lot=drum, now=NOON, **ASKED)
    assert isinstance(small, Recall) and small.entries.get().quantity == 7
    assert isinstance(begin(actor=SYSTEM, lot=filled, now=NOON, at_once=IN_REQUEST + 3, **ASKED), Recall)
    with pytest.raises(LotError):
        start(actor=SYSTEM, lot=filled, now=NOON, **ASKED)
    assert hold_all(actor=SYSTEM, lots=[drum.pk], reason="演示", now=NOON) == 0


def test_what_follows_from_holding_one_follows_from_all_of_a_recall(
    filled: Lot, settings: Any, tmp_path: Any
):
    """Their holds enter the evidence log, some at a time and once; who waits for a lot is told once."""
    settings.HOME = tmp_path
    owner = quality("owner")
    Customer.objects.update(owner_a=owner)
    begin(actor=SYSTEM, lot=filled, now=NOON, at_once=IN_REQUEST + 3, **ASKED)
    assert LotNotice.objects.get(kind=LotNotice.Kind.ON_WAY).recipient_id == owner.pk
    held = set(LotEvent.objects.filter(kind="held").values_list("pk", flat=True))
    entries = EvidenceEntry.objects.filter(source="decided")
    rounds = []
    while OutboxEvent.objects.filter(topic="lots.held", delivered_at=None).exists():
        before = entries.count()
        deliver_due(now())
        rounds.append(entries.count() - before)
    assert rounds == [500, 500, 3] and len(held) == IN_REQUEST + 3
    assert set(entries.values_list("row", flat=True)) == held
    assert all('"decision":"held"' in body for body in entries.values_list("body", flat=True))
    # Heard once more, and one of them alone: nothing new.
    OutboxEvent.objects.filter(topic="lots.held").update(delivered_at=None)
    while deliver_due(now()):
        pass
    assert entries.count() == len(held) and not OutboxEvent.objects.exclude(error="").exists()


def test_whoever_waits_reads_what_was_found_and_may_stop_it(filled: Lot):
    begin(actor=actor_for(quality("one")), lot=filled, now=NOON, **ASKED)
    row, seen = take_next_job(now()), []
    assert row is not None

    class Looking(JobRun):
        """A reader who looks after each step."""

        def progress(self, done: int, total: int | None = None, message: str = "") -> None:
            super().progress(done, total, message)
            found = Job.objects.get(pk=self.row.pk)
            seen.append((found.done, found.total, found.message))
            if done == 2:
                cancel_job(row=found, now=NOON)
                self.stop_if_cancelled()

        progress_beside = progress

    with pytest.raises(JobCancelled):
        carry_out(Looking(row, now, actor_for(User.objects.get(username="one"))))
    total = 3 if connection.vendor == "sqlite" else 6
    assert [one[:2] for one in seen] == [(0, total), (1, total), (2, total)]
    assert "1,003" in seen[1][2] and "1,003" in seen[2][2] and "、1 家" in seen[2][2]
    assert not Recall.objects.exists() and LotEvent.objects.filter(kind="held").count() == 1
    Job.objects.update(cancel_requested=False)
    ended = run_job(row, clock=now)
    assert (ended.done, ended.total, ended.state) == (total, total, Job.State.DONE)


def test_who_read_that_it_was_asked_for_before_another_worker_did_it_gets_that_one(filled: Lot):
    begin(actor=SYSTEM, lot=filled, now=NOON, **ASKED)
    slow = RecallStart.objects.get()
    assert work().state == Job.State.DONE
    assert start(actor=SYSTEM, lot=filled, now=NOON, begun=slow, **ASKED) == Recall.objects.get()
