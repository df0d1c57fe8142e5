"""Reading imports."""

from __future__ import annotations

from typing import Any

from django.http import Http404

from bihuan.kernel.actor import Actor
from bihuan.kernel.models import Job

from .importing.lock import is_held
from .labels import FIELD_LABELS, missing_text
from .models import Import
from .reading.fields import KINDS
from .records import IMPORT


def get_import(actor: Actor, identity: int) -> Import:
    """The import; 404 where the actor may not see it."""
    row: Import | None = IMPORT.visible_to(actor).filter(pk=identity).first()
    if row is None:
        raise Http404(identity)
    return row


def job_of(row: Import) -> Job | None:
    """The job that the import last started, if it is still at work."""
    if row.job_id is None:
        return None
    return Job.objects.filter(pk=row.job_id, ended_at__isnull=True).first()


def state_of(row: Import) -> str:
    """Where an import stands in truth: one that is said to run, and whose runner is gone, was interrupted."""
    if row.state == Import.State.UNDOING:
        return Import.State.DONE
    if row.state == Import.State.RUNNING and job_of(row) is None and not is_held():
        return Import.State.INTERRUPTED
    return row.state


def mapping_form(row: Import) -> dict[str, Any]:
    """What the mapping page shows: columns with their choice, words to explain, and what is still missing."""
    inspection = row.inspection or {}
    chosen = {column: name for name, column in (row.mapping.get("columns") or {}).items()}
    columns = [
        one | {"field": chosen.get(one["text"], "") if chosen else one["field"]}
        for one in inspection.get("columns", ())
    ]
    have = {one["field"] for one in columns}
    said = row.mapping.get("values") or inspection.get("values") or {}
    return {
        "columns": columns,
        "fields": [
            {"name": one.name, "label": FIELD_LABELS.get(one.name, one.name), "required": one.required}
            for one in KINDS[row.kind]
        ],
        "missing": missing_text(
            [one for one in inspection.get("missing", ()) if not set(one.split("/")) & have]
        ),
        "words": [
            {
                "field": name,
                "label": FIELD_LABELS.get(name, name),
                "choices": found["choices"],
                "words": [
                    {"text": word, "meaning": said.get(name, {}).get(word, "")} for word in found["words"]
                ],
            }
            for name, found in (inspection.get("unknown_words") or {}).items()
        ],
        "open_dates": inspection.get("open_dates"),
        "date_order": row.mapping.get("date_order", ""),
        "inspection": inspection,
    }
