"""Kills writers of an evidence log: `python -m bihuan.quality.tests.evidence_killing FOLDER BASE COUNT`.

A log of BASE entries lies in FOLDER/base (for 0: none at all). A process is forked from here for each step at which something is written;
it appends COUNT more and is killed (SIGKILL) just before that step. Then the log is opened again, another smaller batch is added, the
killed one is given again, and everything is counted. One JSON line for each kill; the last one is of the process that was not killed.
"""

from __future__ import annotations

import json
import os
import shutil
import signal
import sys
from pathlib import Path
from typing import Any

from bihuan.quality.evidence import EvidenceLog, verify

from .evidence_making import NOW, batch

WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "sqlite3.connect"}


def die_at(step: int, folder: str) -> None:
    seen = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        if event in STEPS and arguments and str(arguments[0]).startswith(folder):
            if event == "open" and not arguments[2] & WRITES:
                return  # reading changes nothing
            seen += 1
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def one_kill(base: Path, folder: Path, start: int, count: int, step: int) -> dict[str, Any]:
    shutil.rmtree(folder, ignore_errors=True)
    if base.exists():
        shutil.copytree(base, folder)
    killed = batch(range(start, start + count))
    child = os.fork()
    if child == 0:
        die_at(step, str(folder))
        EvidenceLog(folder).append(killed, now=NOW)
        os._exit(0)
    _pid, status = os.waitpid(child, 0)
    log = EvidenceLog(folder)
    told: dict[str, Any] = {"step": step, "killed": os.WIFSIGNALED(status), "status": status}
    told["size"] = log.head().head.size if log.exists() else 0
    told["found"] = [str(one) for one in verify(log).findings] if log.exists() else []
    smaller = log.append(batch(range(9_000, 9_020)), now=NOW)
    places = log.append(killed, now=NOW)
    size = log.head().head.size
    entries = [log.entry(index) for index in range(size)]
    told |= {
        "after": [str(one) for one in verify(log).findings],
        "whole": len(entries) == len(set(entries)) == start + count + 20,
        "right": [json.loads(entries[place])["id"] for place in [*smaller, *places]]
        == [one["id"] for one in [*batch(range(9_000, 9_020)), *killed]],
    }
    return told


def main(folder: str, base: str, count: str) -> None:
    root = Path(folder)
    step, told = 0, {"killed": True}
    while told["killed"]:
        step += 1
        told = one_kill(root / "base", root / "copy", int(base), int(count), step)
        print(json.dumps(told), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
