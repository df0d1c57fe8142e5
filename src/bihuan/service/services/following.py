"""When tiers or the matrix change while cases are open: each case is told by an event, and its clocks follow."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import batched

from django.db import transaction
from django.db.models import F, QuerySet, Value
from django.db.models.functions import Coalesce

from bihuan.kernel.actor import SYSTEM
from bihuan.kernel.jobs import JobRun, start_job
from bihuan.kernel.outbox import publish
from bihuan.kernel.settings_store import change_setting, get_setting

from ..keeping import keep_clocks
from ..models import Case, CaseEvent
from ..promised import MATRIX, VERSIONS, promised_now, stamp_of

CHUNK = 200
FOLLOW = "service.follow_matrix"


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
        _tell(list(tiers), now, lambda case: {"tier": tiers[case.pk]})
    return len(moved)


def _tell(ids: list[int], now: datetime, attributes: object) -> None:
    """Append `changed` to these cases and write their clocks anew; one transaction a chunk."""
    with transaction.atomic():
        cases = list(Case.objects.select_for_update().filter(pk__in=ids, closed_at=None).order_by("pk"))
        events = []
        for case in cases:
            given = attributes(case)  # type: ignore[operator]
            before = {name: getattr(case, name) for name in given if hasattr(case, name)}
            for name, value in before.items():
                setattr(case, name, given[name])
            events.append(
                CaseEvent(
                    case=case, at=now, kind="changed", actor=SYSTEM.key, actor_name=SYSTEM.name, is_internal=True,
                    data={"attributes": given, "before": before},
                )
            )  # fmt: skip
            case.version, case.updated_at = case.version + 1, now
        CaseEvent.objects.bulk_create(events)
        Case.objects.bulk_update(cases, ["tier", "version", "updated_at"])
        keep_clocks(cases, promised_now(), now)
        publish("case.changed", {"cases": [case.pk for case in cases]}, now=now)


@transaction.atomic
def notice_matrix(*, now: datetime) -> bool:
    """Remember a wording of the matrix that was not seen before, and have the open cases follow it.

    Whoever put it there (a pack, a page, a command): from now on it counts, and what stopped before keeps its figures.
    """
    matrix, known = get_setting(MATRIX), get_setting(VERSIONS) or []
    if known and stamp_of(known[-1]["matrix"]) == stamp_of(matrix):
        return False
    since = now.isoformat() if known or Case.objects.exists() else None
    if not known and since is not None:  # cases were opened before the first matrix came: under ours
        known = [{"valid_from": None, "matrix": None}]
        if matrix is None:
            since = None
            known = []
    change_setting(VERSIONS, [*known, {"valid_from": since, "matrix": matrix}], now=now)
    if since is not None:
        start_job(actor=SYSTEM, kind=FOLLOW, now=now)
    return True


def follow_matrix(run: JobRun) -> int:
    """Tell every open case of the new wording; a job, in chunks, safe to run again."""
    stamp = promised_now().stamp
    done, after = 0, 0
    while True:
        ids = list(
            Case.objects.filter(closed_at=None, pk__gt=after).order_by("pk").values_list("pk", flat=True)[:CHUNK]
        )
        if not ids:
            return done
        _tell(ids, run.now(), lambda case: {"matrix": stamp})
        done, after = done + len(ids), ids[-1]
        run.progress(done)
