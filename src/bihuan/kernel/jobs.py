"""Long work: started in a transaction, run by the worker in a process of its own, watched by a page.

The `Job` row is the queue: it is inserted in the caller's transaction, so that work is never started for something
that was rolled back and never lost for something that was kept. A job's function is registered with `@job` in a
room's `jobs.py`; it must be safe to run again, because a killed worker runs an interrupted job once more.
"""

from __future__ import annotations

import importlib
import importlib.util
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.apps import apps
from django.db import DatabaseError, connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from bihuan.kernel.actor import SYSTEM, Actor

from .models import Job

HEARTBEAT = timedelta(seconds=60)
JobFunction = Callable[["JobRun"], dict[str, Any] | None]
_functions: dict[str, JobFunction] = {}
_actor_of: list[Callable[[int], Actor]] = []


class JobCancelled(Exception):
    """Somebody asked for the job to stop; what was done so far was kept."""


def job(kind: str) -> Callable[[JobFunction], JobFunction]:
    def register(function: JobFunction) -> JobFunction:
        if kind in _functions:
            raise ValueError(f"job {kind} is registered twice")
        _functions[kind] = function
        return function

    return register


def resolve_actors_with(resolver: Callable[[int], Actor]) -> None:
    """Tell how a user's id becomes an Actor (done by `people`, which is above this room)."""
    _actor_of[:] = [resolver]


def load_jobs() -> dict[str, JobFunction]:
    importlib.import_module("bihuan.kernel.pages.bulk")
    for config in apps.get_app_configs():
        if config.name.startswith("bihuan.") and importlib.util.find_spec(f"{config.name}.jobs"):
            importlib.import_module(f"{config.name}.jobs")
    return _functions


class JobRun:
    """What a job's function works with."""

    def __init__(self, row: Job, clock: Callable[[], datetime], actor: Actor = SYSTEM) -> None:
        self.row = row
        self.actor = actor
        self.arguments: dict[str, Any] = row.arguments
        self._clock = clock

    def now(self) -> datetime:
        return self._clock()

    def progress(self, done: int, total: int | None = None, message: str = "") -> None:
        """Write how far the work is, and stop it when somebody asked for that."""
        changes: dict[str, Any] = {"done": done, "heartbeat_at": self.now()}
        if total is not None:
            changes["total"] = total
        if message:
            changes["message"] = message
        Job.objects.filter(pk=self.row.pk).update(**changes)
        self.stop_if_cancelled()

    def progress_beside(self, done: int, total: int, message: str) -> None:
        """As `progress`, from within a transaction: by a connection of its own, so that it is seen before the transaction ends.

        For PostgreSQL; on SQLite it would wait for that transaction, which waits for it.
        """
        told: list[BaseException] = []

        def write() -> None:
            try:
                self.progress(done, total, message)
            except (JobCancelled, DatabaseError) as error:
                told.append(error)
            finally:
                connection.close()

        beside = threading.Thread(target=write)
        beside.start()
        beside.join()
        if told and isinstance(
            told[0], JobCancelled
        ):  # work does not end because its progress could not be written
            raise told[0]

    def stop_if_cancelled(self) -> None:
        if Job.objects.filter(pk=self.row.pk, cancel_requested=True).exists():
            raise JobCancelled


def start_job(*, actor: Actor, kind: str, arguments: dict[str, Any] | None = None, now: datetime) -> Job:
    """Queue a job; it begins after the present transaction is committed."""
    return Job.objects.create(
        kind=kind,
        arguments=arguments or {},
        started_by_id=actor.user_id,
        started_by=actor.name[:120],
        address=actor.address[:64],
        created_at=now,
    )


def cancel_job(*, row: Job, now: datetime) -> None:
    """Ask a job to stop; a waiting one is cancelled at once."""
    with transaction.atomic():
        waiting = Job.objects.filter(pk=row.pk, state=Job.State.WAITING)
        if not waiting.update(state=Job.State.CANCELLED, ended_at=now):
            Job.objects.filter(pk=row.pk, state=Job.State.RUNNING).update(cancel_requested=True)


def take_next_job(now: datetime) -> Job | None:
    """Claim the oldest waiting job, or one whose runner has not been heard of for a minute."""
    ready = Q(state=Job.State.WAITING) | Q(state=Job.State.RUNNING, heartbeat_at__lt=now - HEARTBEAT)
    with transaction.atomic():
        rows = Job.objects.filter(ready).order_by("created_at", "id")
        if connection.features.has_select_for_update_skip_locked:
            rows = rows.select_for_update(skip_locked=True)
        row = rows.first()
        if row is None:
            return None
        row.state = Job.State.RUNNING
        row.started_at = row.started_at or now
        row.heartbeat_at = now
        row.save(update_fields=["state", "started_at", "heartbeat_at"])
    return row


def run_job(row: Job, *, clock: Callable[[], datetime]) -> Job:
    """Run one claimed job here and now, and write down how it ended."""
    function = load_jobs().get(row.kind)
    actor = SYSTEM
    if row.started_by_id is not None and _actor_of:
        actor = _actor_of[0](row.started_by_id)
    actor = actor.through("job", row.address)
    state, message, result = Job.State.DONE, "", None
    try:
        if function is None:
            raise LookupError(_("Nobody knows how to do “%(kind)s”.") % {"kind": row.kind})
        result = function(JobRun(row, clock, actor))
    except JobCancelled:
        state, message = (
            Job.State.CANCELLED,
            _("Stopped as you asked. What was finished before was kept."),
        )
    except Exception as error:
        state, message = Job.State.FAILED, str(error) or type(error).__name__
        if not getattr(error, "is_refusal", False):
            import logging

            logging.getLogger(__name__).exception("job %s (%s) failed", row.pk, row.kind)
    changes: dict[str, Any] = {"state": state, "ended_at": clock(), "result": result}
    if message:
        changes["message"] = message
    Job.objects.filter(pk=row.pk).update(**changes)
    row.refresh_from_db()
    return row
