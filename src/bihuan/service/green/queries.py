"""Reading requests; every read starts from the cases that the actor may see."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q

from bihuan.kernel.actor import Actor
from bihuan.people.duty import absent_at
from bihuan.people.models import User

from ..models import Case, CaseClock, GreenRequest
from ..records import CASE


def requests_of(case: Case) -> list[GreenRequest]:
    """All requests of a case that was seen."""
    return list(GreenRequest.objects.filter(case=case).select_related("asked").order_by("id"))


def stands_in_for(actor: Actor, now: datetime) -> set[int]:
    """Whose deputy the actor is, of those who are away or left."""
    of_mine = User.objects.filter(deputy=actor.user_id or 0)
    away = Q(is_active=False) | Q(pk__in=absent_at(now).values("user"))
    return set(of_mine.filter(away).values_list("pk", flat=True))


def may_answer(actor: Actor, one: GreenRequest, now: datetime) -> bool:
    """Whoever was asked, or stands in for them."""
    if actor.user_id is None or one.asked_id is None:
        return False
    return one.asked_id == actor.user_id or one.asked_id in stands_in_for(actor, now)


def asked_of_me(actor: Actor, now: datetime, limit: int = 8) -> list[GreenRequest]:
    """What I, or those whom I stand in for, are asked and have not answered, what is due first on top."""
    mine = {actor.user_id or 0} | stands_in_for(actor, now)
    rows = GreenRequest.objects.filter(asked__in=mine, answer="", case__closed_at=None, case__solved_at=None)
    found = list(rows.select_related("case__customer", "asked").order_by("due_at", "id")[: limit * 3])
    if not found:
        return []
    seen = set(
        CASE.visible_to(actor).filter(pk__in={one.case_id for one in found}).values_list("pk", flat=True)
    )
    return [one for one in found if one.case_id in seen][:limit]


def executive_clock(case: Case, kind: str) -> CaseClock | None:
    """The clock by which an executive has to have joined."""
    return CaseClock.objects.filter(case=case, kind=kind).first()
