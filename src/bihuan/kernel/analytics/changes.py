"""Which parts of the lake are behind the database. Called in the transaction of the change itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from bihuan.kernel.models import LakeChange

from .lake import EVERYTHING

_CHUNK = 500


def month_of(day: date) -> str:
    """The part that a date belongs to: `2011-08`."""
    return f"{day.year:04d}-{day.month:02d}"


def mark_changed(dataset: str, parts: Iterable[str] | None, *, now: datetime) -> None:
    """Note that rows of these months (`2011-08`) were added, changed or removed; None means the whole dataset.

    Mark the old and the new month when a date moves. A mark is always a new row: the export removes the marks that
    it saw by id, so that a change made while it was reading stays marked.
    """
    wanted = [EVERYTHING] if parts is None else sorted(set(parts))
    for start in range(0, len(wanted), _CHUNK):
        chunk = wanted[start : start + _CHUNK]
        LakeChange.objects.filter(dataset=dataset, part__in=chunk).delete()
        LakeChange.objects.bulk_create(
            LakeChange(dataset=dataset, part=part, changed_at=now) for part in chunk
        )


def mark_all_changed(datasets: Iterable[str], *, now: datetime) -> None:
    """Note that these datasets changed wholly: after a bulk load, a restore, an undo of everything."""
    for dataset in datasets:
        mark_changed(dataset, None, now=now)
