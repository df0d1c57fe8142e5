"""Running an import, or a dry run of it: the same reading, the same planning, with or without a writer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import DatabaseError, transaction
from django.db.models import QuerySet

from bihuan.audit.services import record as journal
from bihuan.customers.access import customers_within
from bihuan.customers.models import Customer
from bihuan.integration.importing.lock import only_import
from bihuan.integration.importing.netting import net_cancellations
from bihuan.integration.importing.orders_plan import OrdersPlan
from bihuan.integration.importing.preparation import Preparation, file_digest, prepare
from bihuan.integration.importing.records_plan import RecordsPlan
from bihuan.integration.importing.refused import keep_late_refusals, late_refusals, write_refused
from bihuan.integration.importing.rows import RowReader
from bihuan.integration.importing.store import DryStore, Store, long_log
from bihuan.integration.importing.survey import survey_table
from bihuan.integration.labels import missing_text
from bihuan.integration.models import Import, SourceMapping
from bihuan.integration.reading.errors import ImportRefused
from bihuan.integration.records import IMPORT
from bihuan.integration.services import OBJECTS, WrongMoment
from bihuan.kernel.actor import Actor, Scope, require
from bihuan.kernel.analytics.changes import mark_changed
from bihuan.kernel.fields import plain
from bihuan.kernel.jobs import JobCancelled
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import company_zone

_LAKE = {"orders": "order_lines", "payments": "payments", "receivables": "receivables"}
_EXACT = {"orders": 12, "payments": 6, "receivables": 6}  # decimal places in which totals are summed
COUNTED = ("created", "updated", "unchanged", "exact_duplicates", "cancellations", "unassigned")


@dataclass(slots=True)
class Progress:
    """Whom to tell how far it is. `tell(done, total, phase)` may raise ``JobCancelled``."""

    tell: Callable[[int, int, str], None] = lambda done, total, phase: None
    waiting: Callable[[], None] | None = None


@dataclass(slots=True)
class Work:
    """One run's parts."""

    preparation: Preparation
    store: Store
    reader: RowReader
    plan: OrdersPlan | RecordsPlan
    rows: int
    at: int = 0
    notices: list[dict[str, Any]] = field(default_factory=list)


def preview_import(
    *,
    actor: Actor,
    path: Path,
    kind: str,
    mapping: Mapping[str, Any] | None = None,
    now: datetime,
    progress: Progress | None = None,
) -> dict[str, Any]:
    """What an import would do, counted by the code that would do it. Writes nothing but the refused rows' workbook.

    Raises ``ImportRefused`` for a file that cannot be imported, ``NotAllowed`` for an actor who may not.
    """
    _allow(actor, kind)
    progress = progress or Progress()
    preparation = prepare(path, kind, mapping)
    _require_complete(preparation)
    work = _begin(preparation, DryStore(), actor, now, progress)
    for batch in preparation.table.batches():
        work.plan.plan(work.reader.read(batch))
        work.at += len(batch)
        progress.tell(work.at, work.rows, "checking")
    result = _result(work)
    refused_path = _folder() / "previews" / f"{file_digest(path)[:16]}.xlsx"
    return result | {"id": None, "dry_run": True, "refused_file": _refused_file(work, refused_path)}


def run_import(
    *,
    actor: Actor,
    path: Path,
    kind: str,
    mapping: Mapping[str, Any] | None = None,
    now: datetime,
    progress: Progress | None = None,
    source: Import | None = None,
) -> dict[str, Any]:
    """Import a file. A run of the same file with the same mapping that was interrupted goes on where it stopped.

    Each batch of rows is one transaction that also moves the checkpoint: a kill loses at most the batch in work, and
    nothing is half-written. Raises ``ImportRefused``, ``NotAllowed``, ``JobCancelled``.
    """
    _allow(actor, kind)
    progress = progress or Progress()
    preparation = prepare(path, kind, mapping)
    _require_complete(preparation)
    digest = file_digest(path)
    with only_import(progress.waiting):
        if source is not None:
            source.refresh_from_db()  # it waited, and may have been run or undone meanwhile
            if source.state in (Import.State.DONE, Import.State.UNDONE):
                raise WrongMoment
        row = source or _interrupted(actor, preparation, digest) or _new(actor, preparation, digest, now)
        _start(row, preparation, digest)
        try:
            return _run(row, preparation, actor, now, progress)
        except ImportRefused as error:
            _stop(
                row, Import.State.INTERRUPTED if row.checkpoint else Import.State.FAILED, error.message(), now
            )
            raise
        except JobCancelled:
            _stop(row, Import.State.CANCELLED, "", now)
            raise
        except DatabaseError as error:
            told = told_by_database(error)
            _stop(row, Import.State.INTERRUPTED, told.message(), now)
            raise told from error
        except BaseException as error:
            _stop(row, Import.State.INTERRUPTED, f"{type(error).__name__}: {error}", now)
            raise


def _require_complete(preparation: Preparation) -> None:
    if missing := preparation.mapping.missing():
        raise ImportRefused("mapping_incomplete", {"fields": missing_text(missing)})


def _allow(actor: Actor, kind: str) -> None:
    if kind in OBJECTS:
        require(actor, OBJECTS[kind], "import")


def _within(actor: Actor, kind: str) -> QuerySet[Customer] | None:
    """The customers that an import may touch; None where the actor reaches them all."""
    of = OBJECTS.get(kind)
    if of in (None, "product"):
        return None
    if actor.scope(str(of), "import") is Scope.ALL and actor.scope("customer", "view") is Scope.ALL:
        return None
    seen = customers_within(actor, "customer", "view")
    return customers_within(actor, str(of), "import").filter(pk__in=seen.values("pk"))


def _folder() -> Path:
    return Path(settings.HOME) / "imports"


# --- the steps -----------------------------------------------------------------------------------------------------------


def _begin(preparation: Preparation, store: Store, actor: Actor, now: datetime, progress: Progress) -> Work:
    survey = survey_table(
        preparation.table, preparation.mapping, lambda rows: progress.tell(rows, 0, "reading")
    )
    reader = RowReader(preparation.table, preparation.mapping, survey)
    # Somebody who sees only some customers would lose sight of the new ones: they become that person's own.
    owner = None if actor.scope("customer", "view") is Scope.ALL else actor.user_id
    plan: OrdersPlan | RecordsPlan
    if preparation.kind == "orders":
        plan = OrdersPlan(reader, store, company_zone(), now, owner)
    else:
        plan = RecordsPlan(reader, store, now, owner)
    plan.customers.within = _within(actor, preparation.kind)
    return Work(preparation, store, reader, plan, survey.rows)


def _run(
    row: Import, preparation: Preparation, actor: Actor, now: datetime, progress: Progress
) -> dict[str, Any]:
    with long_log():
        return _run_batches(row, preparation, actor, now, progress)


def _run_batches(
    row: Import, preparation: Preparation, actor: Actor, now: datetime, progress: Progress
) -> dict[str, Any]:
    work = _begin(preparation, Store(row.pk), actor, now, progress)
    Import.objects.filter(pk=row.pk).update(rows=work.rows)
    _restore(work, row)
    late = late_refusals(row.pk) if row.checkpoint else {}
    for batch in preparation.table.batches():
        work.reader.replaying = work.at + len(batch) <= row.checkpoint
        if work.reader.replaying:
            work.plan.replay(work.reader.refuse_again(work.reader.read(batch), late))
        else:
            with transaction.atomic():
                work.plan.plan(work.reader.read(batch))
                keep_late_refusals(row.pk, work.at, work.reader)
                _mark_lake(work, now)
                row.checkpoint = work.at + len(batch)
                row.counts = _kept(work)
                row.save(update_fields=["checkpoint", "counts"])
        work.at += len(batch)
        progress.tell(work.at, work.rows, "writing")
    return _finish(row, work, actor, now)


def _finish(row: Import, work: Work, actor: Actor, now: datetime) -> dict[str, Any]:
    preparation = work.preparation
    refused_file = _refused_file(work, _folder() / str(row.pk) / "refused.xlsx")
    with transaction.atomic():
        if preparation.kind == "orders":
            netted = net_cancellations(row.pk)
            if netted:
                mark_changed("order_lines", None, now=now)
                work.notices.append({"code": "netted", "count": netted})
        result = _result(work) | {"id": row.pk, "dry_run": False, "refused_file": refused_file}
        row.state = Import.State.DONE
        total = None if result["total"] is None else plain(result["total"])
        row.counts = {name: result[name] for name in result if name not in ("notices", "refused_file")} | {
            "total": total
        }
        row.notices = result["notices"]
        row.refused_path = refused_file or ""
        row.message = ""
        row.ended_at = now
        row.save()
        SourceMapping.objects.update_or_create(
            signature=preparation.signature,
            defaults={"kind": preparation.kind, "mapping": preparation.as_given(), "used_at": now},
        )
        counts = {
            name: row.counts[name] for name in ("rows", "created", "updated", "unchanged", "refused", "total")
        }
        journal(actor, now, "import.run", row, object_name=row.filename, after={"kind": row.kind, **counts})
        publish("import.finished", {"import": row.pk, "kind": row.kind}, now=now)
    return result


def _kept(work: Work) -> dict[str, Any]:
    """What a later run needs to go on counting."""
    return {"plan": dict(work.plan.counts), "total": str(work.plan.total)}


def _restore(work: Work, row: Import) -> None:
    if row.checkpoint and "plan" in row.counts:
        work.plan.counts.update(row.counts["plan"])
        work.plan.total = int(row.counts["total"])


def _mark_lake(work: Work, now: datetime) -> None:
    if dataset := _LAKE.get(work.preparation.kind):
        mark_changed(dataset, work.plan.months, now=now)
        work.plan.months.clear()
    if work.preparation.kind in ("orders", "customers"):
        mark_changed("customers", None, now=now)
    if work.preparation.kind in ("orders", "products"):
        mark_changed("products", None, now=now)


def _result(work: Work) -> dict[str, Any]:
    reader, plan = work.reader, work.plan
    kind = work.preparation.kind
    left_out = reader.skipped["blank"] + reader.skipped["totals"]
    total = Decimal(plan.total).scaleb(-_EXACT.get(kind, 0)) if kind in _EXACT else None
    return (
        {"rows": work.rows - left_out}
        | {name: plan.counts[name] for name in COUNTED}
        | {"refused": reader.refused, **plan.summary(), "total": total}
        | {"notices": [*_told(work), *work.notices]}
    )


def _told(work: Work) -> list[dict[str, Any]]:
    reader = work.reader
    notices = work.plan.notices()
    for name, code in (("blank", "blank_rows"), ("totals", "total_rows")):
        if reader.skipped[name]:
            notices.append({"code": code, "count": reader.skipped[name]})
    headers = work.preparation.table.headers
    for field_name, order in reader.survey.assumed.items():
        heading = headers[work.preparation.mapping.columns[field_name]].text
        notices.append({"code": "date_order_assumed", "count": 1, "field": heading, "order": order})
    if reader.refused > len(reader.refusals):
        notices.append({"code": "refusals_cut", "count": reader.refused - len(reader.refusals)})
    return notices


def _refused_file(work: Work, path: Path) -> str | None:
    if not work.reader.refused:
        path.unlink(missing_ok=True)
        return None
    write_refused(path, work.preparation.table.headers, work.reader.refusals)
    return str(path)


# --- the import's own row --------------------------------------------------------------------------------------------------


def _interrupted(actor: Actor, preparation: Preparation, digest: str) -> Import | None:
    """An unfinished run of the same file, kind and mapping, if the actor may go on with it. Whoever was running it is
    gone: the lock is ours."""
    states = (Import.State.RUNNING, Import.State.INTERRUPTED, Import.State.CANCELLED)
    rows = IMPORT.visible_to(actor, "import")
    rows = rows.filter(sha256=digest, kind=preparation.kind, state__in=states)
    given = preparation.as_given()
    return next((row for row in rows.order_by("-pk") if row.mapping == given), None)


def _new(actor: Actor, preparation: Preparation, digest: str, now: datetime) -> Import:
    return Import.objects.create(
        kind=preparation.kind,
        filename=preparation.path.name[:255],
        path=str(preparation.path.resolve())[:1000],
        sha256=digest,
        started_by_id=actor.user_id,
        started_by=actor.name[:150],
        created_at=now,
    )


def _start(row: Import, preparation: Preparation, digest: str) -> None:
    if row.sha256 != digest or row.mapping != preparation.as_given():
        row.checkpoint = 0
    row.state = Import.State.RUNNING
    row.sha256 = digest
    row.signature = preparation.signature
    row.mapping = preparation.as_given()
    row.message = ""
    row.ended_at = None
    row.save()


def _stop(row: Import, state: str, message: str, now: datetime) -> None:
    """Say how it ended; on a full disk not even that can be written, and the dead lock will tell."""
    try:
        Import.objects.filter(pk=row.pk).update(state=state, message=message, ended_at=now)
    except DatabaseError:
        return


def told_by_database(error: DatabaseError) -> ImportRefused:
    """The database's complaint as something a person can act upon."""
    text = str(error).lower()
    if "disk is full" in text or "no space left" in text or "disk full" in text or "disk i/o" in text:
        return ImportRefused("disk_full")
    if "database is locked" in text:
        return ImportRefused("database_busy")
    return ImportRefused("database_error", {"reason": str(error)})
