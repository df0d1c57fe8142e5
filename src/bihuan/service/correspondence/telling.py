"""Who hears of what happened on a case."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from bihuan.kernel.actor import Actor

from ..models import Case, CaseEvent, CaseNews
from ..sweeping import _People


def whom_it_concerns(case: Case) -> set[int]:
    """Who handles the case; where nobody does, who leads the team: mail that came is never nobody's."""
    case.account_owner = case.customer.owner_a_id  # type: ignore[attr-defined]
    return _People.present().told(case, {"owner"})


def tell(case: Case, event: CaseEvent, kind: str, now: datetime, people: Iterable[int] | None = None) -> None:
    """Once for each person and event; called again, it tells nobody."""
    told = whom_it_concerns(case) if people is None else people
    CaseNews.objects.bulk_create(
        [CaseNews(case=case, event=event, recipient_id=one, kind=kind, at=now) for one in sorted(told)],
        ignore_conflicts=True,
    )


@transaction.atomic
def put_news_aside(*, actor: Actor, now: datetime, case_id: int | None = None) -> int:
    """One's own news, of one case or all; how many. Not journalled: nothing of the company's changes by it."""
    rows = CaseNews.objects.filter(recipient_id=actor.user_id, read_at=None)
    if case_id is not None:
        rows = rows.filter(case=case_id)
    return rows.update(read_at=now)
