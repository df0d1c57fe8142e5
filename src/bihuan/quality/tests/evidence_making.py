"""Made events and logs for the tests of the evidence log."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bihuan.quality.evidence import EvidenceLog

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def made(number: int, **changes: Any) -> dict[str, Any]:
    """A lot that was made."""
    return {
        "v": 1,
        "kind": "lot_made",
        "id": f"lot_made:{number}",
        "at": "2026-03-02T08:30:00Z",
        "product": "松节油-95",
        "lot": f"260302-{number}",
        "quantity": "12.500",
        "unit": "kg",
    } | changes


def batch(numbers: Iterable[int]) -> list[dict[str, Any]]:
    return [made(number) for number in numbers]


def make_log(folder: Path, *sizes: int) -> EvidenceLog:
    """A log that grew to these sizes, one head each, an hour apart."""
    log = EvidenceLog(folder)
    start = 0
    for hour, size in enumerate(sizes):
        log.append(batch(range(start, size)), now=NOW + timedelta(hours=hour))
        start = size
    return log
