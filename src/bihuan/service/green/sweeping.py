"""Telling people of requests that nobody has answered: by the escalation of the case's severity, each moment once."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from ..escalating import Concerned, People
from ..models import CaseNotice, GreenRequest
from ..promised import promised_now
from ..rules import first_after, reached, tellings
from ..sweeping import BATCH, Swept, due_rows, parties_told


@transaction.atomic
def sweep_requests(now: datetime) -> Swept:
    """Tell of what is due; of a case that is solved or closed nothing more. Few are open at a time: one batch."""
    due: list[GreenRequest] = due_rows(GreenRequest, now)[:BATCH]
    if not due:
        return Swept(0, 0)
    promised = promised_now()
    people = People.present(now, is_working_time=promised.is_working_time(now))
    asked = GreenRequest.objects.select_related("case__customer", "asked").in_bulk([one.pk for one in due])
    notices: list[CaseNotice] = []
    for key, row in asked.items():
        case = row.case
        if case.solved_at is not None or case.closed_at is not None or row.answer:
            row.next_moment_at = None
            continue
        moments = [(level, datetime.fromisoformat(text)) for level, text in row.moments]
        before, level = row.told_level, reached(moments, now)
        row.told_level = max(before, level)
        row.next_moment_at = first_after(moments, row.told_level)
        team = row.asked.team_id if row.asked and row.asked.team_id else case.team_id
        one = Concerned(row.asked_id, team, case.customer.owner_a_id)
        for news in tellings(before, [(row.notice_kind, before, level)]):
            told = people.told(one, parties_told(news, promised.parties[str(case.severity)]))
            notices += [
                CaseNotice(
                    case=case, recipient_id=person, kind=row.notice_kind, level=news.level, due_at=row.due_at,
                    at=now, instead_of_id=absent,
                )
                for person, absent in sorted(told.items())
            ]  # fmt: skip
        asked[key] = row
    GreenRequest.objects.bulk_update(asked.values(), ["told_level", "next_moment_at"], batch_size=200)
    CaseNotice.objects.bulk_create(notices, batch_size=500, ignore_conflicts=True)
    return Swept(len(due), len(notices))
