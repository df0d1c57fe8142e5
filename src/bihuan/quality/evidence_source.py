"""Where this company's evidence log lies, and which rows of the database it is held against."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.db import DatabaseError

from bihuan.quality.evidence import EvidenceLog


def evidence_log() -> EvidenceLog:
    return EvidenceLog(Path(settings.HOME) / "evidence")


def database_rows() -> Iterator[tuple[int, bytes]] | None:
    """(index, canonical text) of every row that was logged, by ascending index; None where there is no database beside the log."""
    from bihuan.quality.evidencing.reading import rows_anew
    from bihuan.quality.models import EvidenceEntry

    try:
        EvidenceEntry.objects.exists()
    except DatabaseError:
        return None
    return rows_anew(evidence_log())
