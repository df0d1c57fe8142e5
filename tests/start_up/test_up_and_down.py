"""`bihuan up` and `bihuan down`: both programs start together, answer, and are gone afterwards."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

PREPARE = """
import django
django.setup()
from datetime import UTC, datetime
from django.core.management import call_command
from bihuan.kernel.settings_store import change_setting
call_command("migrate", interactive=False, verbosity=0)
change_setting("pack", "terpene", now=datetime(2026, 11, 2, tzinfo=UTC))
"""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def surroundings(
    tmp_path_factory: pytest.TempPathFactory, migrated: Callable[[Path], Path]
) -> Iterator[dict[str, str]]:
    """A company in a folder of its own, always on SQLite: what is tested here is the starting."""
    home = migrated(tmp_path_factory.mktemp("home"))
    told = {key: value for key, value in os.environ.items() if key != "BIHUAN_DATABASE_URL"}
    told |= {
        "BIHUAN_HOME": str(home),
        "BIHUAN_PORT": str(free_port()),
        "BIHUAN_PROCESSES": "1",
        "DJANGO_SETTINGS_MODULE": "bihuan.config.settings",
    }
    subprocess.run([sys.executable, "-c", PREPARE], env=told, check=True)
    yield told
    bihuan(told, "down")


def bihuan(surroundings: dict[str, str], *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bihuan.config", *words]
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=150)


def is_served(port: str) -> bool:
    """Whether a page comes back, be it the sign-in or a redirect of a company without people."""
    connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=5)
    try:
        connection.request("GET", "/accounts/login/")
        return connection.getresponse().status < 400
    except OSError:
        return False
    finally:
        connection.close()


def processes_of(home: str) -> list[str]:
    """Command lines of the living processes that were told of this home folder (Linux)."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"BIHUAN_HOME={home}\0".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
        except OSError:
            continue
    return found


def test_it_starts_answers_and_stops(surroundings: dict[str, str]):
    port = surroundings["BIHUAN_PORT"]
    started = bihuan(surroundings, "up", "--detach")
    assert started.returncode == 0, started.stderr
    assert f"http://127.0.0.1:{port}/" in started.stderr
    assert is_served(port)
    again = bihuan(surroundings, "up", "--detach")
    assert again.returncode == 0
    assert "already running" in again.stderr
    stopped = bihuan(surroundings, "down")
    assert stopped.returncode == 0, stopped.stderr
    assert not is_served(port)
    assert processes_of(surroundings["BIHUAN_HOME"]) == []


TOKEN = """
import django
django.setup()
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.time import now
from bihuan.people.services import create_user
from bihuan.people.tokens.services import make_token
person = create_user(actor=SYSTEM, username="carrier", name="演示·承运商", roles=["quality"], team=None, now=now())
print(make_token(actor=SYSTEM, user=person, name="ERP", scopes=["epcis.read", "epcis.capture"], days=1, now=now())[1])
"""
EVENT: dict[str, Any] = {
    "@context": ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"], "type": "ObjectEvent", "action": "OBSERVE",
    "eventTime": "2026-02-01T08:00:00Z", "eventTimeZoneOffset": "+08:00", "bizStep": "receiving",
    "quantityList": [{"epcClass": "https://id.gs1.org/01/04012345111118/10/R1", "quantity": 4.50, "uom": "KGM"}],
}  # fmt: skip


def test_a_program_speaks_epcis_with_the_running_server(surroundings: dict[str, str]):
    """Identifiers with slashes, blanks and question marks in an address reach the program as they were encoded."""
    made = subprocess.run(
        [sys.executable, "-c", TOKEN], env=surroundings, capture_output=True, text=True, check=True
    )
    started = bihuan(surroundings, "up", "--detach")
    assert started.returncode == 0, started.stderr

    def ask(method: str, path: str, body: bytes | None = None) -> tuple[http.client.HTTPResponse, Any]:
        connection = http.client.HTTPConnection("127.0.0.1", int(surroundings["BIHUAN_PORT"]), timeout=30)
        headers = {"Authorization": f"Bearer {made.stdout.strip()}", "Content-Type": "application/json"}
        connection.request(method, f"/epcis/{path}", body, headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer, json.loads(text) if text else None

    try:
        met, _nothing = ask("OPTIONS", "capture")
        assert (met.status, met.headers["GS1-EPCIS-Max"], met.headers["Allow"]) == (
            204,
            "2.0",
            "OPTIONS, GET, POST",
        )
        sent, said = ask("POST", "capture", json.dumps(EVENT).encode())
        assert sent.status == 202 and said["stored"] == 1
        job, told = ask("GET", sent.headers["Location"].partition("/epcis/")[2])
        assert job.status == 200 and told["success"] and told["captureID"] == said["captureID"]
        hash_id = said["hashes"][0]
        for path in (
            f"events/{quote(hash_id, safe='')}", f"events/{hash_id}", "bizSteps/receiving/events",
            f"epcs/{quote(EVENT['quantityList'][0]['epcClass'], safe='')}/events", "events?EQ_bizStep=shipping%7Creceiving",
        ):  # fmt: skip
            answer, found = ask("GET", path)
            assert answer.status == 200, path
            (event,) = found["epcisBody"]["queryResults"]["resultsBody"]["eventList"]
            assert (event["eventID"], event["type"]) == (hash_id, "ObjectEvent"), path
        refused, said = ask("POST", "capture", json.dumps(EVENT | {"action": "LOOK"}).encode())
        assert refused.status == 400 and said["errors"][0]["path"] == "$.action"
        listed, jobs = ask("GET", "capture")
        assert [one["success"] for one in jobs] == [False, True] and listed.headers[
            "GS1-EPCIS-Version"
        ] == "2.0"
        too_long, said = ask("GET", "events?EQ_eventID=" + "x" * 20_000)
        assert (too_long.status, said["type"]) == (414, "epcisException:URITooLongException")
    finally:
        bihuan(surroundings, "down")


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL], ids=["Ctrl-C", "killed outright"])
def test_nothing_is_left_behind_when_the_foreground_ends(surroundings: dict[str, str], end: signal.Signals):
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "bihuan.config", "up"], env=surroundings, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: is_served(surroundings["BIHUAN_PORT"]))
    supervisor.send_signal(end)
    status = supervisor.wait(timeout=60)
    assert status == (0 if end == signal.SIGINT else -signal.SIGKILL)
    wait_for(lambda: not processes_of(surroundings["BIHUAN_HOME"]))


def test_the_end_of_the_worker_ends_the_server(surroundings: dict[str, str]):
    supervisor = subprocess.Popen(
        [sys.executable, "-m", "bihuan.config", "up"], env=surroundings, stderr=subprocess.PIPE, text=True
    )
    wait_for(lambda: is_served(surroundings["BIHUAN_PORT"]))
    worker = subprocess.run(
        ["pgrep", "-P", str(supervisor.pid), "-f", "config worker"], capture_output=True, text=True
    )
    os.kill(int(worker.stdout), signal.SIGKILL)
    assert supervisor.wait(timeout=60) == 1
    assert supervisor.stderr is not None
    assert "bihuan worker" in supervisor.stderr.read()
    assert not is_served(surroundings["BIHUAN_PORT"])


def test_a_taken_port_is_said_with_what_to_do(surroundings: dict[str, str]):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = bihuan(surroundings | {"BIHUAN_PORT": str(port)}, "up", "--detach")
    assert refused.returncode == 1
    assert f"BIHUAN_PORT={port + 1} make up" in refused.stderr


def test_another_industry_is_not_poured_into_a_company_that_is_there(surroundings: dict[str, str]):
    refused = bihuan(surroundings, "up", "--pack", "steel", "--detach")
    assert refused.returncode == 1
    assert "-steel PACK=steel make up" in refused.stderr


@pytest.fixture
def nothing_yet(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A folder that is not there, with a name as people give it."""
    told = {key: value for key, value in os.environ.items() if key != "BIHUAN_DATABASE_URL"}
    told |= {
        "BIHUAN_HOME": str(tmp_path / "我们 的 公司"),
        "BIHUAN_PORT": str(free_port()),
        "BIHUAN_PROCESSES": "1",
    }
    yield told
    bihuan(told, "down")


@pytest.mark.slow
def test_a_first_start_cut_short_leaves_nothing_and_two_at_once_make_one_company(
    nothing_yet: dict[str, str],
):
    home = Path(nothing_yet["BIHUAN_HOME"])
    command = [sys.executable, "-m", "bihuan.config", "up", "--detach"]
    killed = subprocess.Popen(command, env=nothing_yet, stderr=subprocess.DEVNULL)
    wait_for(lambda: (home / "first-start" / "bihuan.sqlite3").exists())
    killed.kill()
    killed.wait()
    assert not (home / "bihuan.sqlite3").exists()
    both = [subprocess.Popen(command, env=nothing_yet, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    said = [one.communicate(timeout=150)[1] for one in both]
    assert [one.returncode for one in both] == [0, 0], said
    assert sum("already running" in one for one in said) == 1
    assert sum("a demo company" in one for one in said) == 1
    assert json.loads(bihuan(nothing_yet, "counts", "--json").stdout)["customers_customer"] == 400
    assert not (home / "first-start").exists()
    assert home.stat().st_mode & 0o077 == 0, "others on the machine may look into it"


@pytest.mark.slow
def test_what_was_imported_before_the_first_start_is_still_there_after_it(
    nothing_yet: dict[str, str], tmp_path: Path
):
    (tmp_path / "customers.csv").write_text("客户编号,客户名称\nK1,甲乙化工有限公司\n", encoding="utf-8")
    assert bihuan(nothing_yet, "import", str(tmp_path / "customers.csv"), "--as", "customers").returncode == 0
    started = bihuan(nothing_yet, "up", "--detach")
    assert started.returncode == 0, started.stderr
    assert json.loads(bihuan(nothing_yet, "counts", "--json").stdout)["customers_customer"] == 1


def wait_for(condition, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.1)
