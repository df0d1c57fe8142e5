"""When tiers or the matrix change while cases are open: each case is told by an event, and its clocks follow."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import batched
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from bihuan.audit.services import record
from bihuan.kernel.actor import SYSTEM, Actor, require
from bihuan.kernel.jobs import JobRun, start_job
from bihuan.kernel.models import Job
from bihuan.kernel.outbox import publish
from bihuan.kernel.settings_store import change_setting, get_setting

from ..keeping import keep_clocks
from ..models import Case, CaseEvent, Investigation
from ..promised import promised_now, stamp_now
from .step import attributes_of

CHUNK = 200
FOLLOW = "service.follow_matrix"
RECOMPUTE = "service.recompute_clocks"
FOLLOWED = "service.matrix_followed"


def follow_tiers(*, now: datetime, customer_ids: Iterable[int] | None = None) -> int:
    """Tell open cases whose customer has another tier by now; how many were told."""
    rows: QuerySet[Case] = Case.objects.filter(closed_at=None)
    if customer_ids is not None:
        rows = rows.filter(customer__in=list(customer_ids))
    present = Coalesce("customer__standing__tier", Value(""))
    moved = list(
        rows.annotate(present=present).exclude(present=F("tier")).order_by("pk").values_list("pk", "present")
    )
    for chunk in batched(moved, CHUNK):
        tiers = dict(chunk)
        _tell(list(tiers), now, tiers)
    return len(moved)


def _tell(ids: Iterable[int], now: datetime, tiers: Mapping[int, str]) -> None:
    """Append `changed` to these cases and write their clocks anew; one transaction a chunk. `tiers`: new ones, by case."""
    promised = promised_now()
    with transaction.atomic():
        cases = list(Case.objects.select_for_update().filter(pk__in=ids, closed_at=None).order_by("pk"))
        events = []
        for case in cases:
            what: dict[str, Any] = {"matrix": len(promised.versions)}
            if case.pk in tiers:
                what = {"before": {"tier": case.tier}, "after": {"tier": tiers[case.pk]}}
                case.tier = tiers[case.pk]
            attributes = promised.attributes(**attributes_of(case))
            events.append(
                CaseEvent(
                    case=case, at=now, kind="changed", actor=SYSTEM.key, actor_name=SYSTEM.name, is_internal=True,
                    data={"attributes": attributes, **what},
                )
            )  # fmt: skip
            case.version, case.updated_at = case.version + 1, now
        CaseEvent.objects.bulk_create(events)
        Case.objects.bulk_update(cases, ["tier", "version", "updated_at"])
        keep_clocks(cases, promised, now)
        publish("cases.changed", {"cases": [case.pk for case in cases]}, now=now)


@transaction.atomic
def notice_matrix(*, now: datetime) -> bool:
    """Have the open cases follow a wording of the matrix that they have not followed yet, whoever put it in force."""
    stamp = stamp_now()
    if get_setting(FOLLOWED, "") == stamp:
        return False
    change_setting(FOLLOWED, stamp, now=now)
    if Case.objects.filter(closed_at=None).exists() or Investigation.objects.filter(closed_at=None).exists():
        start_job(actor=SYSTEM, kind=FOLLOW, now=now)
    return True


@transaction.atomic
def begin_with_matrix(*, now: datetime) -> None:
    """The cases that are there were made by the wording in force: nothing to follow, unless one was followed before."""
    if get_setting(FOLLOWED, "") == "":
        change_setting(FOLLOWED, stamp_now(), now=now)


def recompute_clocks(*, now: datetime) -> int:
    """Write the clocks of all open cases anew, as after a list of holidays has arrived; how many cases. Nothing happens to
    them by it, and what is closed is left alone. In chunks, safe to run again."""
    done, after = 0, 0
    while True:
        with transaction.atomic():
            rows = Case.objects.select_for_update().filter(closed_at=None, pk__gt=after).order_by("pk")
            cases = list(rows[:CHUNK])
            if not cases:
                return done
            keep_clocks(cases, promised_now(), now)
        done, after = done + len(cases), cases[-1].pk


@transaction.atomic
def order_recomputing(*, actor: Actor, now: datetime) -> Job:
    """Have it done in the background, with the clocks of investigations."""
    require(actor, "setting", "administer")
    run = start_job(actor=actor, kind=RECOMPUTE, now=now)
    record(
        actor,
        now,
        "service.clocks_recomputed",
        object_type="setting",
        object_id=RECOMPUTE,
        object_name=RECOMPUTE,
    )
    return run


def follow_matrix(run: JobRun) -> int:
    """Tell every open case of the new wording; a job, in chunks, safe to run again."""
    done, after = 0, 0
    while True:
        ids = list(
            Case.objects.filter(closed_at=None, pk__gt=after)
            .order_by("pk")
            .values_list("pk", flat=True)[:CHUNK]
        )
        if not ids:
            return done
        _tell(ids, run.now(), {})
        done, after = done + len(ids), ids[-1]
        run.progress(done)
