"""Telling people in time of the steps of investigations, as `sweeping` does of cases: due rows only, each moment once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from .escalating import Concerned, People
from .models import Investigation, InvestigationClock, InvestigationNotice
from .promised import promised_now
from .rules import tellings
from .sweeping import BATCH, Swept, due_rows, parties_told, remember_told, set_on


def sweep_steps(now: datetime) -> Swept:
    """Tell of all that is due; called again, it finds nothing."""
    clocks = notices = 0
    while True:
        found = _sweep_batch(now)
        clocks, notices = clocks + found.clocks, notices + found.notices
        if found.clocks < BATCH:
            return Swept(clocks, notices)


@transaction.atomic
def _sweep_batch(now: datetime) -> Swept:
    due: list[InvestigationClock] = due_rows(InvestigationClock, now)
    if not due:
        return Swept(0, 0)
    promised = promised_now()
    people = People.present(now, is_working_time=promised.is_working_time(now))
    by_row: dict[int, list[InvestigationClock]] = {}
    for clock in due:
        by_row.setdefault(clock.investigation_id, []).append(clock)
    rows = Investigation.objects.in_bulk(by_row)
    told_before = _told_levels(by_row)
    notices: list[InvestigationNotice] = []
    for key, clocks in by_row.items():
        row, by_kind = rows[key], {clock.kind: clock for clock in clocks}
        parties = promised.parties[str(row.severity)]
        for news in tellings(told_before.get(key, 0), set_on(clocks, now)):
            clock = by_kind[news.kind]
            told = people.told(Concerned(row.owner_id, row.team_id), parties_told(news, parties))
            notices += [
                InvestigationNotice(
                    investigation=row, recipient_id=person, kind=clock.kind, run=clock.run, level=news.level,
                    due_at=clock.due_at, at=now, instead_of_id=absent,
                )
                for person, absent in sorted(told.items())
            ]  # fmt: skip
    remember_told(due)
    InvestigationNotice.objects.bulk_create(notices, batch_size=500, ignore_conflicts=True)
    return Swept(len(due), len(notices))


def _told_levels(keys: dict[int, list[InvestigationClock]]) -> dict[int, int]:
    """How far the people of these were told of steps that still run: once they know that one is late, warnings of others
    are no news."""
    found: dict[int, int] = {}
    rows = InvestigationClock.objects.filter(investigation__in=keys, stopped_at=None)
    for key, level in rows.values_list("investigation_id", "told_level"):
        found[key] = max(found.get(key, 0), level)
    return found
