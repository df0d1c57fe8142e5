"""Uploads and what follows from them. The long steps are jobs; nothing here opens the file."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from bihuan.audit.services import record as journal
from bihuan.kernel.actor import Actor, NotAllowed, require
from bihuan.kernel.jobs import start_job
from bihuan.kernel.models import Job

from .models import Import
from .queries import state_of
from .reading.errors import ImportRefused
from .reading.fields import KINDS
from .records import IMPORT

OBJECTS = {
    "customers": "customer",
    "contacts": "contact",
    "products": "product",
    "orders": "order",
    "payments": "payment",
    "receivables": "receivable",
}
IMPORTED = {**OBJECTS, "plant": "lot"}  # also what comes in by a command only
LARGEST_UPLOAD = 1_000_000_000  # bytes
_S = Import.State
_BEGUN = (_S.RUNNING, _S.DONE, _S.UNDOING, _S.UNDONE)


class WrongMoment(ImportRefused):
    """The import is past, or not yet at, the step that was asked for."""

    def __init__(self) -> None:
        super().__init__("wrong_moment")


@transaction.atomic
def receive_upload(*, actor: Actor, name: str, chunks: Iterable[bytes], kind: str, now: datetime) -> Import:
    """Keep an uploaded file and have it looked at. Raises ``ImportRefused`` unknown_kind, upload_too_big, disk_full."""
    if kind not in OBJECTS:
        raise ImportRefused("unknown_kind", {"kind": kind, "kinds": ", ".join(OBJECTS)})
    require(actor, "import", "create")
    require(actor, OBJECTS[kind], "import")
    folder = Path(settings.HOME) / "imports" / "uploads" / secrets.token_hex(8)
    safe = Path(name.replace("\\", "/")).name.replace("\x00", "")[-120:] or "upload"
    path = folder / safe
    digest = hashlib.sha256()
    size = 0
    try:
        folder.mkdir(parents=True)
        with path.open("wb") as file:
            for chunk in chunks:
                size += len(chunk)
                if size > LARGEST_UPLOAD:
                    raise ImportRefused("upload_too_big", {"limit": LARGEST_UPLOAD // 1_000_000})
                digest.update(chunk)
                file.write(chunk)
    except OSError as error:
        path.unlink(missing_ok=True)
        raise ImportRefused("disk_full") from error
    except ImportRefused:
        path.unlink(missing_ok=True)
        raise
    row = Import.objects.create(
        kind=kind,
        filename=safe,
        path=str(path),
        sha256=digest.hexdigest(),
        started_by_id=actor.user_id,
        started_by=actor.name[:150],
        created_at=now,
    )
    journal(actor, now, "import.upload", row, object_name=safe, after={"kind": kind, "bytes": size})
    _start(actor, row, "import.inspect", now)
    return row


@transaction.atomic
def choose_mapping(*, actor: Actor, row: Import, said: Mapping[str, Any], now: datetime) -> Job:
    """Say which column is which field, and have the dry run made."""
    _check(actor, row, "import")
    if row.state in _BEGUN or row.checkpoint:
        raise WrongMoment
    row.mapping = dict(said)
    row.preview = None
    row.state = Import.State.UPLOADED
    row.message = ""
    row.save(update_fields=["mapping", "preview", "state", "message"])
    return _start(actor, row, "import.preview", now)


@transaction.atomic
def start_import(*, actor: Actor, row: Import, now: datetime) -> Job:
    """Run an import that was previewed, or let one go on that was interrupted or cancelled."""
    _check(actor, row, "import")
    if state_of(row) not in (_S.PREVIEWED, _S.INTERRUPTED, _S.CANCELLED):
        raise WrongMoment
    # Two who press the button at once start one job.
    mine = Import.objects.filter(pk=row.pk, state=row.state, job_id=row.job_id)
    if not mine.update(state=Import.State.RUNNING, message=""):
        raise WrongMoment
    return _start(actor, row, "import.run", now)


@transaction.atomic
def start_undo(*, actor: Actor, row: Import, now: datetime) -> Job:
    """Undo an import, whole or as far as it came."""
    _check(actor, row, "undo")
    if state_of(row) not in (_S.DONE, _S.INTERRUPTED, _S.CANCELLED, _S.FAILED):
        raise WrongMoment
    return _start(actor, row, "import.undo", now)


def _check(actor: Actor, row: Import, action: str) -> None:
    require(actor, IMPORTED[row.kind], "import")
    require_import(actor, row.pk, action)


def require_import(actor: Actor, import_id: int, action: str) -> None:
    """Raise `NotAllowed` unless the actor may do this to this very import."""
    if not IMPORT.visible_to(actor, action).filter(pk=import_id).exists():
        raise NotAllowed("import", action)


def _start(actor: Actor, row: Import, kind: str, now: datetime) -> Job:
    job = start_job(actor=actor, kind=kind, arguments={"import": row.pk}, now=now)
    row.job_id = job.pk
    row.save(update_fields=["job_id"])
    return job


def known_fields(kind: str) -> list[str]:
    """Names of the fields that a kind can take, in declared order."""
    return [one.name for one in KINDS[kind]]
