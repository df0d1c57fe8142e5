"""Sweeping up files of series that no row names: what an import left that was killed before its transaction ended.

Only what `files` can have written is looked at, only where nobody has touched it for a day, and only while the caller keeps imports
away. The journal names a file before it goes: killed in between, the next sweep names it once more.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import batched

from django.db import transaction

from bihuan.audit.services import entry_for, record_many
from bihuan.kernel.actor import Actor
from bihuan.kernel.analytics.processes import lake_root

from ..models import ReadingSeries
from .files import FOLDER, FRESH, remove_files

SAFE_AGE = timedelta(days=1)
AT_ONCE = 200
_WRITTEN = re.compile(rf"[0-9a-f]{{20}}\.parquet|\.[0-9a-f]{{20}}\.parquet\.\d+{re.escape(FRESH)}")


@dataclass(slots=True)
class Swept:
    """How many files went, and their bytes."""

    files: int = 0
    bytes: int = 0


@dataclass(frozen=True, slots=True)
class Stray:
    file: str
    bytes: int
    written_at: datetime


def sweep_series(*, actor: Actor, now: datetime) -> Swept:
    """Remove what is a day old and has no row. The caller holds the lock of imports, so that no row is about to come."""
    swept = Swept()
    for some in batched(_old_files(now - SAFE_AGE), AT_ONCE):
        named = set(
            ReadingSeries.objects.filter(file__in=[one.file for one in some]).values_list("file", flat=True)
        )
        strays = [one for one in some if one.file not in named]
        with transaction.atomic():
            record_many(
                entry_for(
                    actor, now, "series.file_swept", object_type="series_file", object_name=one.file,
                    before={"bytes": one.bytes, "written_at": one.written_at.isoformat()},
                )
                for one in strays
            )  # fmt: skip
        remove_files(one.file for one in strays)
        swept.files += len(strays)
        swept.bytes += sum(one.bytes for one in strays)
    return swept


def _old_files(before: datetime) -> Iterator[Stray]:
    """Whole and half-written files of series, last touched before a moment; links and what others laid there are left alone."""
    root = lake_root() / FOLDER
    if not root.is_dir():
        return
    for folder in sorted(os.scandir(root), key=lambda one: one.name):
        if not folder.name.isdecimal() or not folder.is_dir(follow_symlinks=False):
            continue
        for one in sorted(os.scandir(folder), key=lambda each: each.name):
            if not _WRITTEN.fullmatch(one.name) or not one.is_file(follow_symlinks=False):
                continue
            told = one.stat(follow_symlinks=False)
            at = datetime.fromtimestamp(told.st_mtime, UTC)
            if at < before:
                yield Stray(f"{FOLDER}/{folder.name}/{one.name}", told.st_size, at)
