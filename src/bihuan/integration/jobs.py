"""Long work of this room: looking at a file, the dry run, the import, the undo, and the sweep of what a killed import left."""

from __future__ import annotations

import logging
from contextlib import suppress
from pathlib import Path
from typing import Any

from bihuan.kernel.fields import plain
from bihuan.kernel.jobs import JobRun, job
from bihuan.kernel.timetable import every_day
from bihuan.quality.series.sweeping import sweep_series

from .importing.lock import only_import
from .importing.run import Progress, preview_import, run_import
from .importing.undo import undo_import
from .inspection import inspect_import
from .models import Import
from .reading.errors import ImportRefused
from .services import WrongMoment


def _row(run: JobRun) -> Import:
    return Import.objects.get(pk=run.arguments["import"])


def _progress(run: JobRun) -> Progress:
    return Progress(lambda done, total, phase: run.progress(done, total or None), run.stop_if_cancelled)


@job("import.inspect")
def inspect(run: JobRun) -> dict[str, Any]:
    """Arguments: `import`."""
    row = _row(run)
    try:
        row.inspection = inspect_import(row)
    except ImportRefused as error:
        Import.objects.filter(pk=row.pk).update(state=Import.State.FAILED, message=error.message())
        raise
    row.save(update_fields=["inspection"])
    return {}


@job("import.preview")
def preview(run: JobRun) -> dict[str, Any]:
    """Arguments: `import`. The row's mapping is the one to try."""
    row = _row(run)
    try:
        result = preview_import(
            actor=run.actor,
            path=Path(row.path),
            kind=row.kind,
            mapping=row.mapping,
            now=run.now(),
            progress=_progress(run),
        )
    except ImportRefused as error:
        Import.objects.filter(pk=row.pk).update(message=error.message())
        raise
    total = result["total"]
    row.preview = result | {"total": None if total is None else plain(total)}
    row.refused_path = result["refused_file"] or ""
    row.state = Import.State.PREVIEWED
    row.message = ""
    row.save(update_fields=["preview", "refused_path", "state", "message"])
    return {}


@job("import.run")
def run(run: JobRun) -> dict[str, Any]:
    """Arguments: `import`. Goes on from the checkpoint when it was begun before."""
    row = _row(run)
    with suppress(WrongMoment):  # somebody else finished it while this job waited, or before it was killed
        run_import(
            actor=run.actor, path=Path(row.path), kind=row.kind, mapping=row.mapping, now=run.now(),
            progress=_progress(run), source=row,
        )  # fmt: skip
    return {}


@job("import.undo")
def undo(run: JobRun) -> dict[str, Any]:
    """Arguments: `import`."""
    row = _row(run)
    if row.state != Import.State.UNDONE:
        undo_import(actor=run.actor, import_id=row.pk, now=run.now(), progress=_progress(run))
    return {}


@job("import.sweep_series")
def sweep_files(run: JobRun) -> dict[str, Any]:
    """Remove files of series that a killed import left. Nothing where somebody imports: tomorrow is another day."""
    try:
        with only_import(_another):
            swept = sweep_series(actor=run.actor, now=run.now())
    except _Busy:
        return {"busy": True}
    if swept.files:
        logging.getLogger(__name__).warning("swept %d files of series, %d bytes", swept.files, swept.bytes)
    return {"files": swept.files, "bytes": swept.bytes}


class _Busy(Exception):
    """Another process holds the lock of imports."""


def _another() -> None:
    raise _Busy


every_day("import.sweep_series", hour=3)
