"""Two dispatchers who plan the same technician, or take the same kit, at the same moment: one visit, and one refusal."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from bihuan.people.actors import actor_for
from bihuan.people.models import User
from bihuan.service.dispatch import planning
from bihuan.service.errors import CaseError
from bihuan.service.models import Case, Technician, Visit

from .desk import at, build_company, opened
from .fleet import EVERYTHING, station, technician, terpene

NOW = at("03-02 09:30")
SHARED = pytest.mark.parametrize("shared", ["technician", "kit"])


def prepare() -> None:
    """Two cases; two technicians of a station that has one kit."""
    company = terpene(build_company())
    home = station(kits=1)
    for name in ("tech", "mate"):
        technician(company, name, home, **EVERYTHING)
    for _twice in range(2):
        opened(company, kind="complaint", severity=2)


def plan(which: int, shared: str) -> str:
    """Send for one of the two cases: the same technician, or another one with the same kit."""
    people = list(Technician.objects.order_by("pk"))
    try:
        planning.plan_visit(
            actor=actor_for(User.objects.get(username="dispatcher")), case=Case.objects.order_by("pk")[which],
            technician=people[0 if shared == "technician" else which].pk, leaves_at=NOW, now=NOW,
        )  # fmt: skip
    except CaseError:
        return "refused"
    return "planned"


@SHARED
@pytest.mark.django_db(transaction=True)
def test_two_at_once_on_postgresql(shared: str):
    if connection.vendor != "postgresql":
        pytest.skip("below, with processes on a file")
    prepare()
    start, told = threading.Barrier(2), []

    def work(which: int) -> None:
        try:
            start.wait()
            told.append(plan(which, shared))
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=[which]) for which in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert sorted(told) == ["planned", "refused"]
    assert Visit.objects.count() == 1


PROGRAM = """
import sys, time
from pathlib import Path
from bihuan.config.cli import prepare_empty_database
import django
django.setup()
word = sys.argv[1]
if word == "prepare":
    prepare_empty_database()
from bihuan.service.tests import test_dispatch_race as race
if word == "prepare":
    race.prepare()
else:
    ready, go = Path(sys.argv[2]), Path(sys.argv[3])
    race.Visit.objects.count()
    ready.touch()
    while not go.exists():
        time.sleep(0.001)
    print(race.plan(int(word), sys.argv[4]), race.Visit.objects.count())
"""


@SHARED
def test_two_programs_at_once_on_a_file(tmp_path: Path, migrated: Callable[[Path], Path], shared: str):
    own = {"BIHUAN_HOME": str(tmp_path / "home"), "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
    told = {key: value for key, value in os.environ.items() if key != "BIHUAN_DATABASE_URL"} | own
    (tmp_path / "home").mkdir()
    migrated(tmp_path / "home")
    program = [sys.executable, "-c", PROGRAM]
    subprocess.run([*program, "prepare"], env=told, check=True, timeout=120)
    go = tmp_path / "go"
    marks = [tmp_path / f"ready{which}" for which in range(2)]
    running = [
        subprocess.Popen(
            [*program, str(which), str(mark), str(go), shared], env=told, stdout=subprocess.PIPE, text=True
        )
        for which, mark in enumerate(marks)
    ]
    while not all(mark.exists() for mark in marks):
        assert all(one.poll() is None for one in running)
    go.touch()
    said = [one.communicate(timeout=60)[0].split() for one in running]
    assert sorted(word for word, _count in said) == ["planned", "refused"]
    assert max(int(count) for _word, count in said) == 1
