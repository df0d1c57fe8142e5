"""Telling people in time: the sweep over clocks that have come to a moment of which nobody was told.

It asks for due rows only, by their index, folds nothing, and tells each moment once: a clock remembers how far it was
told, and the table of notices refuses the same notice twice.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F

from .escalating import Concerned, People
from .keeping import moments_kept
from .models import Case, CaseClock, CaseNotice, KeptClock
from .promised import promised_now
from .rules import Telling, first_after, reached, tellings

BATCH = 2000


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep did: clocks that had come to a moment, notices written."""

    clocks: int
    notices: int


def sweep(now: datetime) -> Swept:
    """Tell of all that is due; called again, it finds nothing."""
    clocks = notices = 0
    while True:
        found = _sweep_batch(now)
        clocks, notices = clocks + found.clocks, notices + found.notices
        if found.clocks < BATCH:
            return Swept(clocks, notices)


@transaction.atomic
def _sweep_batch(now: datetime) -> Swept:
    due = due_rows(CaseClock, now)
    if not due:
        return Swept(0, 0)
    cases = {
        case.pk: case
        for case in Case.objects.filter(pk__in={row.case_id for row in due})
        .only("id", "owner_id", "team_id", "severity", "told_level")
        .annotate(account_owner=F("customer__owner_a"))
    }
    promised = promised_now()
    parties = promised.parties
    people = People.present(now, is_working_time=promised.is_working_time(now))
    by_case: dict[int, list[CaseClock]] = {}
    for row in due:
        by_case.setdefault(row.case_id, []).append(row)
    notices: list[CaseNotice] = []
    for key, clocks in by_case.items():
        notices += _tell(cases[key], clocks, parties[str(cases[key].severity)], people, now)
    _remember(due, cases.values())
    CaseNotice.objects.bulk_create(notices, batch_size=500, ignore_conflicts=True)
    return Swept(len(due), len(notices))


def due_rows(model: type[Any], now: datetime) -> list[Any]:
    """The clocks that have come to a moment, by their index, locked; those that another sweep holds are its own."""
    rows = model.objects.filter(next_moment_at__lte=now).order_by("next_moment_at")
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    return list(rows[:BATCH])


def remember_told(clocks: Sequence[KeptClock]) -> None:
    """How far everybody was told; a plain statement many times over, for a clause a row would cost more than the rows."""
    if not clocks:
        return
    stamp = connection.ops.adapt_datetimefield_value
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {clocks[0]._meta.db_table} SET told_level = %s, next_moment_at = %s WHERE id = %s",
            [(row.told_level, row.next_moment_at and stamp(row.next_moment_at), row.pk) for row in clocks],
        )


def _remember(clocks: Sequence[CaseClock], cases: Iterable[Case]) -> None:
    remember_told(clocks)
    by_level: dict[int, list[int]] = {}
    for case in cases:
        by_level.setdefault(case.told_level, []).append(case.pk)
    for level, ids in by_level.items():
        Case.objects.filter(pk__in=ids).update(told_level=level)


def _tell(
    case: Case,
    clocks: list[CaseClock],
    parties: Mapping[int, tuple[str, ...]],
    people: People,
    now: datetime,
) -> list[CaseNotice]:
    """The notices about one case; its clocks and itself remember how far they were told."""
    told_of_case = case.told_level
    news = tellings(told_of_case, set_on(clocks, now))
    case.told_level = max(told_of_case, *(row.told_level for row in clocks))
    by_kind = {row.kind: row for row in clocks}
    concerned = Concerned(case.owner_id, case.team_id, getattr(case, "account_owner", None))
    notices = []
    for one in news:
        row = by_kind[one.kind]
        told = people.told(concerned, parties_told(one, parties))
        notices += [
            CaseNotice(
                case=case, recipient_id=person, kind=row.kind, run=row.run, level=one.level, due_at=row.due_at, at=now,
                instead_of_id=absent,
            )
            for person, absent in sorted(told.items())
        ]  # fmt: skip
    return notices


def set_on(clocks: Iterable[KeptClock], now: datetime) -> list[tuple[str, int, int]]:
    """Moves each clock to its next moment; returns kind, the level told before and the level reached."""
    known = []
    for row in clocks:
        moments = moments_kept(row)
        level = reached(moments, now)
        known.append((row.kind, row.told_level, level))
        row.told_level = max(row.told_level, level)
        row.next_moment_at = first_after(moments, row.told_level)
    return known


def parties_told(news: Telling, parties: Mapping[int, tuple[str, ...]]) -> set[str]:
    """Several moments may have come at once, after a night without a worker: all their people hear of the last."""
    return {one for level, to in parties.items() if news.before < level <= news.level for one in to}
