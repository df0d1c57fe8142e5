"""Series of readings when an import is undone: what is sealed stays, and files go with the rows that they belong to."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from bihuan.quality.series.keeping import remove_unused
from bihuan.quality.series.telling import SOURCE

TABLE = "quality_readingseries"


def sealed(cursor: Any, number: int) -> list[int]:
    """Of the series to go those in the evidence log: without their rows it could not be held against the database any more."""
    cursor.execute(
        "SELECT u.id FROM import_undo u JOIN quality_evidenceentry e ON e.source = %s AND e.row = u.id WHERE u.tab = %s",
        [SOURCE, number],
    )
    return [one for (one,) in cursor.fetchall()]


def let_files_go(cursor: Any, number: int) -> None:
    """Files of the series that go, once it is sure that they do."""
    cursor.execute(
        f"SELECT DISTINCT s.file FROM {TABLE} s JOIN import_undo u ON u.id = s.id WHERE u.tab = %s", [number]
    )
    files = {one for (one,) in cursor.fetchall()}
    if files:
        transaction.on_commit(lambda: remove_unused(files))
