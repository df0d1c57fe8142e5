"""An action over many records: a job in batches; each batch and its way back are one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _

from bihuan.kernel.actor import Actor, NotAllowed
from bihuan.kernel.jobs import JobRun, job, start_job
from bihuan.kernel.models import BulkRun, BulkStep, Job

from .lists import BulkAction, ListPage, lists
from .registry import load_pages

BATCH = 1000


def picked_rows(
    actor: Actor, declared: ListPage, action: BulkAction, ids: list[int] | None, query: str
) -> QuerySet[Any]:
    """The rows meant: those picked, or all of the filter; always only what the actor may do this to."""
    rows = declared.state(actor, QueryDict(query)).rows
    allowed = declared.record.visible_to(actor, action.action)
    rows = rows.filter(pk__in=allowed.values("pk"))
    return rows if ids is None else rows.filter(pk__in=ids)


@transaction.atomic
def start_bulk(
    *,
    actor: Actor,
    declared: ListPage,
    action: BulkAction,
    values: dict[str, Any],
    ids: list[int] | None,
    query: str,
    now: datetime,
) -> Job:
    """Queue an action over picked rows (`ids`) or over a whole filter (None)."""
    run = BulkRun.objects.create(
        page=declared.name, action=action.name, values=values, started_by_id=actor.user_id, created_at=now
    )
    return start_job(
        actor=actor, kind="pages.bulk", arguments={"run": run.pk, "ids": ids, "query": query}, now=now
    )


def batches(keys: list[int]) -> Iterator[list[int]]:
    for start in range(0, len(keys), BATCH):
        yield keys[start : start + BATCH]


@job("pages.bulk")
def run_bulk(work: JobRun) -> dict[str, Any]:
    load_pages()
    run = BulkRun.objects.get(pk=work.arguments["run"])
    declared = lists[run.page]
    action = next(one for one in declared.actions if one.name == run.action)
    if not work.actor.may(declared.record.name, action.action):
        raise NotAllowed(declared.record.name, action.action)
    rows = picked_rows(work.actor, declared, action, work.arguments["ids"], work.arguments["query"])
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    first = run.steps.count()  # an interrupted run continues after its last batch
    for ordinal, batch in enumerate(batches(keys)):
        if ordinal < first and work.arguments["ids"] is not None:
            continue
        with transaction.atomic():
            undo = action.apply(work.actor, batch, run.values, work.now())
            BulkStep.objects.create(run=run, ordinal=first + ordinal, undo=undo)
            run.changed += len(batch)
            run.save(update_fields=["changed"])
        work.progress(min((ordinal + 1) * BATCH, len(keys)), len(keys))
    return {
        "changed": run.changed,
        "links": [
            {
                "label": _("Undo"),
                "name": "bulk_undo",
                "arguments": [run.pk],
                "icon": "arrow-back-up",
                "post": True,
            }
        ],
    }


@job("pages.bulk_undo")
def run_bulk_undo(work: JobRun) -> dict[str, Any]:
    load_pages()
    run = BulkRun.objects.get(pk=work.arguments["run"])
    declared = lists[run.page]
    action = next(one for one in declared.actions if one.name == run.action)
    if not work.actor.may(declared.record.name, action.action):
        raise NotAllowed(declared.record.name, action.action)
    total, restored = run.steps.count(), 0
    for done, step in enumerate(run.steps.order_by("-ordinal"), start=1):
        with transaction.atomic():
            restored += action.undo(work.actor, step.undo, work.now())
            step.delete()
        work.progress(done, total)
    BulkRun.objects.filter(pk=run.pk).update(undone_at=work.now())
    kept = run.changed - restored
    message = _("%(restored)d put back.") % {"restored": restored}
    if kept > 0:
        message += _(" %(kept)d were changed by somebody since and were left as they are.") % {"kept": kept}
    Job.objects.filter(pk=work.row.pk).update(message=message)
    return {"restored": restored, "kept": kept}
