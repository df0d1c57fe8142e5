"""The queue and the folder under kill -9, two programs at once, and the worker: real processes on a real file."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from . import mails, servers
from .conftest import NOON, channel_facts

pytestmark = pytest.mark.slow
PREPARE = """
import json, sys
from bihuan.config.cli import prepare_empty_database
import django
django.setup()
prepare_empty_database()
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import now
from bihuan.messaging.queueing import queue_message
from bihuan.messaging.services import save_channel
facts, count = json.loads(sys.argv[1])
channel = save_channel(actor=SYSTEM, channel=None, now=now(), **facts)
for number in range(count):
    queue_message(actor=SYSTEM, channel=channel, to=["buyer@example.org"], subject=f"{number}", text="x", now=now())
"""


class Company:
    """A home folder of its own, worked on by programs of their own."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.minutes = 0

    @property
    def surroundings(self) -> dict[str, str]:
        moment = NOON + timedelta(minutes=self.minutes)
        own = {"BIHUAN_HOME": str(self.home), "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
        own["BIHUAN_NOW"] = moment.isoformat()
        return {k: v for k, v in os.environ.items() if k != "BIHUAN_DATABASE_URL"} | own

    def prepare(self, messages: int = 0, **servers_and_more: Any) -> None:
        given: dict[str, Any] = {"smtp": 0, "imap": 0, "name": "客服", "per_minute": 600} | servers_and_more
        facts = channel_facts(**given)
        subprocess.run(
            [sys.executable, "-c", PREPARE, json.dumps([facts, messages])],
            env=self.surroundings, check=True, timeout=120,
        )  # fmt: skip

    def start(self, *words: str, **more: str) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "bihuan.config", *words], env=self.surroundings | more,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def round(self) -> None:
        assert self.start("mail", "round").wait(120) == 0

    def rows(self, question: str) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.home / "bihuan.sqlite3", timeout=30)
        try:
            return connection.execute(question).fetchall()
        finally:
            connection.close()


@pytest.fixture
def company(tmp_path: Path, migrated: Callable[[Path], Path]) -> Company:
    return Company(migrated(tmp_path))


class Killing(servers.PostOffice):
    """A server that kills its client: at a recipient, or when it has read the whole mail."""

    victim: subprocess.Popen[bytes] | None = None
    at = ""

    async def handle_RCPT(self, server, session, envelope, address, options):
        self.kill("recipient")
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server, session, envelope):
        self.kill("data")
        return await super().handle_DATA(server, session, envelope)

    def kill(self, where: str) -> None:
        if self.at == where and self.victim is not None:
            self.victim.send_signal(signal.SIGKILL)
            self.victim.wait(10)
            self.victim = None


@pytest.mark.parametrize(
    ("at", "arrived_first", "arrived_in_the_end", "state"),
    [("recipient", 0, 1, ("sent", 0)), ("data", 1, 1, ("dead", 1))],
    ids=["before the last byte", "after the last byte"],
)
def test_killed_while_sending_a_message_arrives_once_at_most(
    company: Company,
    monkeypatch,
    at: str,
    arrived_first: int,
    arrived_in_the_end: int,
    state: tuple[str, int],
):
    monkeypatch.setattr(servers, "PostOffice", Killing)
    with servers.smtp_server() as office:
        assert isinstance(office, Killing)
        company.prepare(1, smtp=office.port)
        office.at, office.victim = at, company.start("mail", "round")
        process = office.victim
        assert process.wait(60) == -signal.SIGKILL
        time.sleep(0.2)
        assert len(office.arrived) == arrived_first
        for company.minutes in (1, 6, 12):
            company.round()
        assert len(office.arrived) == arrived_in_the_end
        assert company.rows("select state, may_have_arrived from messaging_outmessage") == [state]
        kinds = [one for (one,) in company.rows("select kind from messaging_deliveryevent order by id")]
        assert kinds == ["queued", "freed", "sent"] if at == "recipient" else ["queued", "unsure"]


def test_two_programs_at_once_send_each_message_once(company: Company):
    with servers.smtp_server() as office:
        company.prepare(60, smtp=office.port)
        both = [company.start("mail", "round") for _ in range(2)]
        assert [one.wait(120) for one in both] == [0, 0]
        assert len(office.message_ids()) == len(set(office.message_ids())) == 60
        assert company.rows("select distinct state from messaging_outmessage") == [("sent",)]


def test_killed_again_and_again_while_fetching_each_mail_is_taken_in_once(company: Company, imap):
    company.prepare(imap=imap.port, afterwards="move", move_to="Done", most_from_sender=1000)
    imap.put(*(mails.simple(message_id=f"<{n}@x>", subject=f"S{n}", body="x" * 5000) for n in range(150)))
    chance = random.Random(7)
    killed = 0
    for _attempt in range(6):
        process = company.start("mail", "round")
        # Let it begin to fetch, then strike at some moment.
        before = taken(company)
        end = time.monotonic() + 30
        while taken(company) == before and process.poll() is None and time.monotonic() < end:
            time.sleep(0.02)
        time.sleep(chance.random() * 0.25)
        if process.poll() is None:
            process.kill()
            killed += 1
        process.wait(30)
        company.minutes += 11
    assert killed >= 3
    for _attempt in range(3):
        company.round()
        company.minutes += 11
    assert taken(company) == 150
    assert company.rows("select count(distinct subject) from messaging_inmessage") == [(150,)]
    assert company.rows("select distinct classification, state from messaging_inmessage") == [
        ("message", "waiting")
    ]
    assert (imap.count("Post"), imap.count("Done")) == (0, 150)


def taken(company: Company) -> int:
    return int(company.rows("select count(*) from messaging_inmessage")[0][0])


def test_the_worker_sends_and_fetches_within_seconds_and_stops_when_told(company: Company, imap):
    with servers.smtp_server() as office:
        company.prepare(3, smtp=office.port, imap=imap.port)
        imap.put(mails.simple())
        process = company.start("worker", BIHUAN_NOW="")
        end = time.monotonic() + 40
        while (len(office.arrived) < 3 or not taken(company)) and time.monotonic() < end:
            time.sleep(0.1)
        process.terminate()
        assert process.wait(30) == 0
        assert len(office.arrived) == 3
        assert taken(company) == 1
