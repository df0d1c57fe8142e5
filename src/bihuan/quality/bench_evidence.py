"""Measuring the evidence log: appending 10 M events in batches of 10,000, and proofs out of that log.

`BIHUAN_BENCH_LEAVES` takes another size. `python -m bihuan.quality.bench_evidence SIDE FOLDER LEAVES` runs one side in a process of its own.
The log takes about 4 GB for 10 M leaves, in `BIHUAN_BENCH_HOME` or where temporary files go.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
BATCH, LEAVES, PROOFS = 10_000, 10_000_000, 300


def benches() -> dict[str, Callable[[], dict[str, Any]]]:
    return {"evidence_log": bench_evidence_log}


def bench_evidence_log() -> dict[str, Any]:
    """Events a second, appended with tiles and a signed head on disk; limit: the same texts hashed to their root, and nothing else.

    Meant: 20,000 a second or more; a proof in the full log within 5 ms.
    """
    leaves = int(os.environ.get("BIHUAN_BENCH_LEAVES") or LEAVES)
    place = os.environ.get("BIHUAN_BENCH_HOME")
    if place:
        Path(place).mkdir(parents=True, exist_ok=True)
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=place) as folder:
        ours, plain = (run_side(side, folder, leaves) for side in ("ours", "plain"))
    return {
        "name": "evidence_log",
        "ours": ours["figure"],
        "limit": plain["figure"],
        "ratio": round(plain["figure"] / ours["figure"], 2),
        "unit": "events/s (more is better)",
        "peak_mb": ours["peak_mb"],
        "data": f"{leaves} leaves, batches of {BATCH}; last tenth {ours['last']}/s, {ours['of_cpu']} a second of processor time; slowest batch {ours['slowest_ms']} ms; "
        f"inclusion proof p50 {ours['proof_p50']} ms, p95 {ours['proof_p95']} ms (limit 5), of processor time {ours['proof_cpu']} ms; consistency proof p95 "
        f"{ours['consistency_p95']} ms; load at the start {load:.1f}, at the end {os.getloadavg()[0]:.1f}",
    }


def run_side(side: str, folder: str, leaves: int) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "bihuan.quality.bench_evidence", side, folder, str(leaves)],
        check=True,
        stdout=subprocess.PIPE,
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def event(number: int) -> dict[str, Any]:
    """About 260 bytes: a lot that was made of another one."""
    return {
        "v": 1,
        "kind": "lot_made",
        "id": f"lot_made:{number:010d}",
        "at": "2026-03-02T08:30:00Z",
        "product": "松节油-95",
        "lot": f"260302-{number:08d}",
        "quantity": "12500.000",
        "unit": "kg",
        "inputs": [{"product": "R-1", "lot": f"260301-{number // 3:08d}", "quantity": "13000", "unit": "kg"}],
    }


def batches(leaves: int) -> list[range]:
    return [range(start, min(start + BATCH, leaves)) for start in range(0, leaves, BATCH)]


def ours(folder: Path, leaves: int) -> dict[str, Any]:
    from bihuan.quality.evidence import EvidenceLog

    log = EvidenceLog(folder / "evidence")
    log.create(now=NOW)
    taken, worked = [], 0.0
    for numbers in batches(leaves):
        events = [event(number) for number in numbers]  # making them is not measured
        began, began_working = perf_counter(), process_time()
        log.append(events, now=NOW)
        taken.append(perf_counter() - began)
        worked += process_time() - began_working
    tenth = taken[-max(1, len(taken) // 10) :]
    rng = random.Random(7)
    proofs, consistencies = [], []
    head, working = log.head(), 0.0
    for _ in range(PROOFS):
        index = rng.randrange(leaves)
        began, began_working = perf_counter(), process_time()
        EvidenceLog(folder / "evidence").inclusion(index)
        working += process_time() - began_working
        proofs.append((perf_counter() - began) * 1000)
        old = log.head_of(rng.randrange(1, leaves // BATCH + 1) * BATCH) if leaves >= BATCH else head
        began = perf_counter()
        log.consistency(old, head)
        consistencies.append((perf_counter() - began) * 1000)
    return {
        "figure": round(leaves / sum(taken)),
        "last": round(len(tenth) * min(BATCH, leaves) / sum(tenth)),
        "of_cpu": round(leaves / worked),
        "slowest_ms": round(max(taken) * 1000),
        "proof_cpu": round(working / PROOFS * 1000, 2),
        "proof_p50": round(statistics.median(proofs), 2),
        "proof_p95": round(_p95(proofs), 2),
        "consistency_p95": round(_p95(consistencies), 2),
    }


def _p95(values: list[float]) -> float:
    return sorted(values)[int(len(values) * 0.95)]


def plain(folder: Path, leaves: int) -> dict[str, Any]:
    """Nothing but SHA-256: leaves and nodes of the whole tree, in one process, in memory."""
    taken = 0.0
    peaks: list[tuple[int, bytes]] = []
    for numbers in batches(leaves):
        texts = [
            json.dumps(event(number), ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
            for number in numbers
        ]
        began = perf_counter()
        for text in texts:
            level, found = 0, sha256(b"\x00" + text).digest()
            while peaks and peaks[-1][0] == level:
                found = sha256(b"\x01" + peaks.pop()[1] + found).digest()
                level += 1
            peaks.append((level, found))
        taken += perf_counter() - began
    return {"figure": round(leaves / taken)}


def main(side: str, folder: str, leaves: str) -> int:
    answer = {"ours": ours, "plain": plain}[side](Path(folder), int(leaves))
    answer["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    json.dump(answer, sys.stdout)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
