"""Who is away and who is on duty at a moment: two short questions, asked wherever somebody is to be told."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from bihuan.kernel.actor import Actor, Scope

from .access import STAFF
from .models import Absence, DutyShift


def absent_at(moment: datetime) -> QuerySet[Absence]:
    """The absences that hold then."""
    return Absence.objects.filter(Q(ends_at__gt=moment) | Q(ends_at=None), starts_at__lte=moment)


def on_duty_at(moment: datetime) -> dict[int, set[int]]:
    """The keys of those who are on duty, by team."""
    found: dict[int, set[int]] = {}
    rows = DutyShift.objects.filter(starts_at__lte=moment, ends_at__gt=moment, user__is_active=True)
    for team, person in rows.values_list("team_id", "user_id"):
        found.setdefault(team, set()).add(person)
    return found


def absences_ahead(actor: Actor, now: datetime, limit: int = 200) -> list[Absence]:
    """Who of those whom the actor sees is or will be away, the earliest first."""
    rows = Absence.objects.filter(
        Q(ends_at__gt=now) | Q(ends_at=None), user__in=STAFF.visible_to(actor).order_by()
    )
    return list(rows.select_related("user__deputy", "user__team").order_by("starts_at", "id")[:limit])


def shifts_ahead(actor: Actor, now: datetime, days: int = 14, limit: int = 300) -> list[DutyShift]:
    """Who of those whom the actor sees is on duty now and in the days to come, the earliest first."""
    rows = DutyShift.objects.filter(
        ends_at__gt=now, starts_at__lt=now + timedelta(days=days), user__in=STAFF.visible_to(actor).order_by()
    )
    if actor.scope("staff") is not Scope.ALL:
        rows = rows.filter(team__in=actor.team_ids)
    return list(rows.select_related("team", "user").order_by("starts_at", "team__name", "id")[:limit])
