"""A job is queued with its transaction, runs once, can be stopped, and is taken up again after a kill."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection, transaction

from bihuan.kernel import jobs, outbox
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.models import Job, OutboxEvent

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def registered():
    def count(run: jobs.JobRun) -> dict[str, int]:
        for number in range(run.arguments["upto"]):
            run.progress(number + 1, run.arguments["upto"])
        return {"counted": run.arguments["upto"]}

    def stumble(run: jobs.JobRun) -> None:
        raise ValueError("the ore is wet")

    jobs._functions.update({"test.count": count, "test.stumble": stumble})
    yield
    for kind in ("test.count", "test.stumble"):
        jobs._functions.pop(kind)


@pytest.mark.django_db
def test_a_job_runs_once_and_keeps_its_result():
    jobs.start_job(actor=SYSTEM, kind="test.count", arguments={"upto": 3}, now=NOON)
    row = jobs.take_next_job(NOON)
    assert row is not None
    assert jobs.take_next_job(NOON) is None
    ended = jobs.run_job(row, clock=lambda: NOON)
    assert (ended.state, ended.result, ended.done, ended.percent) == (
        "done",
        {"counted": 3},
        3,
        100,
    )


@pytest.mark.django_db
def test_a_job_of_a_rolled_back_transaction_never_existed():
    with pytest.raises(RuntimeError), transaction.atomic():
        jobs.start_job(actor=SYSTEM, kind="test.count", arguments={"upto": 1}, now=NOON)
        raise RuntimeError
    assert jobs.take_next_job(NOON) is None


@pytest.mark.django_db
def test_a_running_job_stops_when_asked_and_says_so():
    row = jobs.start_job(actor=SYSTEM, kind="test.count", arguments={"upto": 5}, now=NOON)
    taken = jobs.take_next_job(NOON)
    assert taken is not None
    jobs.cancel_job(row=row, now=NOON)
    ended = jobs.run_job(taken, clock=lambda: NOON)
    assert ended.state == Job.State.CANCELLED
    assert ended.done == 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_progress_is_seen_from_outside_a_transaction_that_is_not_done_yet():
    row = jobs.start_job(actor=SYSTEM, kind="test.count", arguments={}, now=NOON)
    run = jobs.JobRun(row, lambda: NOON)
    with pytest.raises(jobs.JobCancelled), transaction.atomic():
        jobs.start_job(actor=SYSTEM, kind="test.count", arguments={}, now=NOON)
        run.progress_beside(2, 3, "held")
        Job.objects.filter(pk=row.pk).update(cancel_requested=True)
        run.progress(3)
    assert list(Job.objects.values_list("done", "total", "message")) == [(2, 3, "held")]
    Job.objects.update(cancel_requested=True)
    with pytest.raises(jobs.JobCancelled):
        run.progress_beside(3, 3, "listed")


@pytest.mark.django_db
def test_a_waiting_job_is_cancelled_at_once():
    row = jobs.start_job(actor=SYSTEM, kind="test.count", arguments={"upto": 5}, now=NOON)
    jobs.cancel_job(row=row, now=NOON)
    assert jobs.take_next_job(NOON) is None


@pytest.mark.django_db
def test_a_failed_job_keeps_its_reason():
    jobs.start_job(actor=SYSTEM, kind="test.stumble", now=NOON)
    row = jobs.take_next_job(NOON)
    assert row is not None
    ended = jobs.run_job(row, clock=lambda: NOON)
    assert (ended.state, ended.message) == ("failed", "the ore is wet")


@pytest.mark.django_db
def test_a_job_whose_runner_fell_silent_is_taken_up_again():
    jobs.start_job(actor=SYSTEM, kind="test.count", arguments={"upto": 1}, now=NOON)
    first = jobs.take_next_job(NOON)
    assert first is not None
    assert jobs.take_next_job(NOON + timedelta(seconds=59)) is None
    again = jobs.take_next_job(NOON + timedelta(seconds=61))
    assert again is not None and again.pk == first.pk


@pytest.mark.django_db
def test_news_is_delivered_once_and_retried_when_a_listener_fails():
    heard: list[int] = []

    def listen(payload: dict[str, int], now: datetime) -> None:
        if not heard and payload["n"] == 1:
            heard.append(0)
            raise ConnectionError("away")
        heard.append(payload["n"])

    outbox.subscriber("test.news")(listen)
    outbox.publish("test.news", {"n": 1}, now=NOON)
    assert outbox.deliver_due(NOON) == 1
    event = OutboxEvent.objects.get()
    assert event.delivered_at is None and "away" in event.error
    assert outbox.deliver_due(NOON) == 0
    assert outbox.deliver_due(NOON + timedelta(seconds=6)) == 1
    assert outbox.deliver_due(NOON + timedelta(seconds=60)) == 0
    assert heard == [0, 1]
