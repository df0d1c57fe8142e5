"""Files of series that a killed import left are swept once they are old; those of a running import, and those with rows, never."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

MIGRATING = """
import django; django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
"""
IMPORTING = """
import sys, time
from datetime import UTC, datetime
from pathlib import Path
import django; django.setup()
from bihuan.integration.importing.run import Progress
from bihuan.integration.plant.run import import_plant
from bihuan.kernel.actor import SYSTEM
from bihuan.quality.tests.plants import receive

folder, stop = Path(sys.argv[1]), len(sys.argv) > 2
folder.mkdir()
number = folder.name
receive("P", number, 1, number=f"R-{number}")
series = {"time": "time", "zone": "UTC", "steps": {"dry": ["t"]}}
other = {"time": "time", "zone": "UTC", "steps": {"dry": ["u"]}}
for name, column in (("1.csv", "t"), ("2.csv", "u")):
    (folder / name).write_text(f"lot,time,{column}\\n{number},2026-03-01 00:00:00,5\\n")
told = []
def progress(done, total, phase):
    told.append(done)
    if stop and len(told) == 2:  # the first table's file is written, the second table is being read
        print("waiting", flush=True); time.sleep(600)
import_plant(
    actor=SYSTEM, folder=folder, now=datetime.now(UTC), progress=Progress(progress),
    mapping={"lot": {"product": "P", "number": "lot"}, "files": {"1.csv": {"series": series}, "2.csv": {"series": other}}},
)
"""
SWEEPING = """
import json
import django; django.setup()
from bihuan.audit.models import Entry
from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import JobRun, load_jobs
from bihuan.kernel.models import Job
from bihuan.kernel.time import now
run = JobRun(Job(kind="import.sweep_series", arguments={}), now)
found = load_jobs()["import.sweep_series"](run)
told = list(Entry.objects.filter(action="series.file_swept").values_list("object_name", flat=True))
print(json.dumps({"found": found, "journal": told}))
"""


@pytest.fixture
def home(tmp_path: Path, migrated: Callable[[Path], Path]) -> Path:
    home = tmp_path / "home"
    home.mkdir()
    with start(migrated(home), MIGRATING) as process:
        assert process.wait(300) == 0
    return home


def start(home: Path, script: str, *words: object) -> subprocess.Popen[str]:
    environment = {name: value for name, value in os.environ.items() if name != "BIHUAN_DATABASE_URL"}
    return subprocess.Popen(
        [sys.executable, "-c", script, *map(str, words)], stdout=subprocess.PIPE, text=True,
        env=environment | {"BIHUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"},
    )  # fmt: skip


def sweep(home: Path) -> dict[str, Any]:
    with start(home, SWEEPING) as process:
        out = process.communicate(timeout=120)[0]
    return dict(json.loads(out))


def files(home: Path) -> set[Path]:
    return set((home / "lake/series").glob("*/*"))


def age(paths: set[Path], hours: float) -> None:
    for path in paths:
        os.utime(path, (time.time() - hours * 3600,) * 2)


def test_what_a_killed_import_left_is_swept_and_nothing_else(home: Path, tmp_path: Path) -> None:
    with start(home, IMPORTING, tmp_path / "good") as whole:
        assert whole.wait(120) == 0
    kept = files(home)
    with start(home, IMPORTING, tmp_path / "bad", "stop") as killed:
        assert killed.stdout is not None and killed.stdout.readline() == "waiting\n"
        left = files(home) - kept
        half = left.copy().pop().with_name(".0123456789abcdef0123.parquet.77.new")
        half.write_bytes(b"half")
        strange = half.with_name("notes.txt")
        strange.write_text("mine")
        linked = half.with_name("0123456789abcdef0123.parquet")
        linked.symlink_to(strange)
        age(left | kept | {half, strange}, 100)
        running = sweep(home)
        killed.kill()
    assert len(kept) == 2 and len(left) == 1
    assert running == {"found": {"busy": True}, "journal": []}

    age({half}, 23)  # perhaps somebody is at it
    first = sweep(home)
    told = [f"series/{path.parent.name}/{path.name}" for path in left]
    assert first["found"]["files"] == 1 and first["journal"] == told
    age({half}, 25)
    second = sweep(home)
    assert second["found"] == {"files": 1, "bytes": 4} and len(second["journal"]) == 2
    assert files(home) == kept | {strange, linked}
    assert sweep(home)["found"] == {"files": 0, "bytes": 0}
