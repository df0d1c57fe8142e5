"""Running a plant import: one transaction, journalled as one import, undone as one. A dry run is the same, rolled back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import DatabaseError, transaction

from bihuan.audit.services import record as journal
from bihuan.integration.importing.lock import only_import
from bihuan.integration.importing.preparation import file_digest
from bihuan.integration.importing.run import Progress, told_by_database
from bihuan.integration.models import Import
from bihuan.integration.reading.errors import ImportRefused, refused
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.outbox import publish
from bihuan.quality.series.keeping import SeriesKeeper

from .mapping import PlantMapping, read_plant_mapping
from .rows import read_plant_file
from .series import SeriesIntake
from .writing import PlantWriter

REFUSED_SHOWN = 200


def import_plant(
    *,
    actor: Actor,
    folder: Path,
    mapping: Mapping[str, Any],
    dry_run: bool = False,
    now: datetime,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """Bring a plant's folder in. Gives counts as an import does, and per kind of record under `kinds`.

    Raises ``ImportRefused``, ``NotAllowed``. Nothing is half-written: a run that ends early leaves nothing.
    """
    require(actor, "lot", "import")
    require(actor, "product", "import")
    plant = read_plant_mapping(mapping)
    if not folder.is_dir():
        raise refused("not_found", name=str(folder))
    progress = progress or Progress()
    keeper = SeriesKeeper(import_id=None, now=now)
    with only_import(progress.waiting):
        try:
            with transaction.atomic():
                result = _run(actor, folder, plant, dict(mapping), now, progress, keeper)
                if dry_run:
                    transaction.set_rollback(True)
        except BaseException as error:
            keeper.forget()
            if isinstance(error, DatabaseError):
                raise told_by_database(error) from error
            raise
        if dry_run:
            keeper.forget()
    return result | ({"id": None, "dry_run": True} if dry_run else {"dry_run": False})


def _run(
    actor: Actor,
    folder: Path,
    plant: PlantMapping,
    said: dict[str, Any],
    now: datetime,
    progress: Progress,
    keeper: SeriesKeeper,
) -> dict[str, Any]:
    digest = hashlib.sha256()
    for file in plant.files:
        if not (folder / file.name).is_file():
            raise refused("not_found", name=file.name)
        digest.update(file_digest(folder / file.name).encode())
    row = Import.objects.create(
        kind="plant", state=Import.State.DONE, filename=folder.name[:255], path=str(folder.resolve())[:1000],
        sha256=digest.hexdigest(), mapping=said, started_by_id=actor.user_id, started_by=actor.name[:150],
        created_at=now, ended_at=now, checkpoint=1,
    )  # fmt: skip
    writer = PlantWriter(plant, row.pk, now)
    read = 0
    for file in plant.files:
        for one in read_plant_file(folder, file, plant.lot) if file.series is None else ():
            writer.take(file, one)
            read += 1
            progress.tell(read, 0, "reading")
    writer.write()
    keeper.import_id = row.pk
    intake = SeriesIntake(plant, folder, keeper)
    for file in plant.files:
        if file.series is not None:
            read += intake.take(file, file.series, progress, read)
            writer.counts |= intake.counts
    refusals = [*writer.refused, *intake.listed]
    lots = writer.counts["lots"]
    result = {
        "id": row.pk, "rows": read,
        **{name: lots[name] for name in ("created", "updated", "unchanged")},
        "exact_duplicates": 0, "cancellations": 0, "unassigned": 0,
        "refused": len(writer.refused) + intake.refused,
        "refused_file": None, "customers": 0, "orders": 0, "total": None, "kinds": writer.counts,
        "refusals": refusals[:REFUSED_SHOWN], "notices": [],
    }  # fmt: skip
    row.rows = read
    row.counts = {
        name: result[name] for name in result if name not in ("notices", "refused_file", "refusals")
    }
    row.save(update_fields=["rows", "counts"])
    journal(
        actor, now, "import.run", row, object_name=row.filename,
        after={"kind": "plant", **{name: result[name] for name in ("rows", "created", "updated", "unchanged", "refused")}},
    )  # fmt: skip
    publish("import.finished", {"import": row.pk, "kind": "plant"}, now=now)
    return result


__all__ = ["ImportRefused", "import_plant"]
