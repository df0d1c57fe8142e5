"""Where this company's evidence log lies, and which rows of the database it is held against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from bihuan.quality.evidence import EvidenceLog


def evidence_log() -> EvidenceLog:
    return EvidenceLog(Path(settings.HOME) / "evidence")


def database_rows() -> Iterator[tuple[int, bytes]] | None:
    """(index, canonical text) of every row that was logged, by ascending index; None while no row feeds the log."""
    return None
