"""A writer that is killed leaves the log as it was, or as it would be; given again, nothing stands in it twice."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bihuan.quality.evidence import EvidenceLog, verify

from .evidence_making import NOW, batch, make_log

SOURCE = Path(__file__).parents[3]
ENVIRONMENT = os.environ | {"PYTHONPATH": str(SOURCE), "PYTHONWARNINGS": "ignore"}


@pytest.mark.slow
@pytest.mark.parametrize(("base", "count"), [(0, 3), (250, 300), (511, 1)])
def test_a_writer_killed_before_any_step_leaves_a_whole_log(tmp_path: Path, base: int, count: int):
    if base:
        make_log(tmp_path / "base", base)
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.quality.tests.evidence_killing", str(tmp_path), str(base), str(count)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert done.returncode == 0, done.stderr
    *kills, last = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(kills) > 20
    assert (last["killed"], last["status"]) == (False, 0)
    for told in [*kills, last]:
        assert told["size"] in (0, base, base + count), told
        assert (told["found"], told["after"]) == ([], []), told
        assert told["whole"], told
        assert told["right"], told
    # both outcomes were met
    assert {told["size"] for told in kills} == {base, base + count}


def test_a_writer_killed_at_any_moment_leaves_a_whole_log(tmp_path: Path):
    """Also within what the steps do: the time of the kill is spread over a run."""
    script = (
        "import sys; from pathlib import Path; from bihuan.quality.tests.evidence_making import NOW, batch\n"
        "from bihuan.quality.evidence import EvidenceLog\n"
        "log = EvidenceLog(Path(sys.argv[1]))\n"
        "print('begun', flush=True)\n"
        "for n in range(40): log.append(batch(range(n * 97, n * 97 + 97)), now=NOW)\n"
    )
    log = make_log(tmp_path / "e", 1)
    for number in range(8):
        writer = subprocess.Popen(
            [sys.executable, "-c", script, str(log.folder)], env=ENVIRONMENT, stdout=subprocess.PIPE
        )
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.01 + number * 0.037)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        assert verify(log).findings == []
    places = log.append(batch(range(40 * 97)), now=NOW)
    assert sorted(places) == list(range(40 * 97))
    assert EvidenceLog(log.folder).head().head.size == 40 * 97
    assert verify(log).findings == []
