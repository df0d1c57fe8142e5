"""Entering who is away and who is on duty. Everybody enters their own absence; of others, whoever may hand over their work."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, NotAllowed, Scope, require
from bihuan.kernel.time import company_zone, local_date

from .access import STAFF
from .errors import PeopleError
from .models import Absence, DutyShift, Team, User

MOST_DAYS = 92
LONGEST_SHIFT = timedelta(hours=48)
LONGEST_ABSENCE = timedelta(days=400)


def _whose(actor: Actor, user: User) -> User:
    """The person, locked, if the actor may say when they are away."""
    if not STAFF.visible_to(actor).filter(pk=user.pk).exists():
        raise Http404("staff")
    if user.pk != actor.user_id and not STAFF.visible_to(actor, "hand_over").filter(pk=user.pk).exists():
        raise NotAllowed("staff", "hand_over")
    return User.objects.select_for_update().get(pk=user.pk)


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=company_zone())


@transaction.atomic
def enter_absence(
    *, actor: Actor, user: User, first_on: date, now: datetime, last_on: date | None = None
) -> Absence:
    """Somebody is away on these days, both included; without the last one until further notice. One who goes in the course of
    today is away from now on. Refused: an end before the beginning, days that are over, days that are entered already."""
    person = _whose(actor, user)
    if not person.is_active:
        raise PeopleError(_("%(name)s does not work here any more.") % {"name": person.name}, "user")
    if last_on is not None and last_on < first_on:
        raise PeopleError(_("The last day is before the first."), "last_on")
    if last_on is not None and last_on < local_date(now):
        raise PeopleError(_("These days are over."), "last_on")
    starts_at = max(_midnight(first_on), now) if first_on <= local_date(now) else _midnight(first_on)
    ends_at = None if last_on is None else _midnight(last_on + timedelta(days=1))
    if ends_at is not None and ends_at - starts_at > LONGEST_ABSENCE:
        raise PeopleError(_("That is too long; leave the last day open."), "last_on")
    same = Absence.objects.filter(Q(ends_at=None) | Q(ends_at__gt=starts_at), user=person)
    if ends_at is not None:
        same = same.filter(starts_at__lt=ends_at)
    if same.exists():
        raise PeopleError(_("%(name)s is away then already.") % {"name": person.name}, "first_on")
    made = Absence.objects.create(
        user=person, starts_at=starts_at, ends_at=ends_at, entered_by=actor.name[:150]
    )
    record(
        actor, now, "absence.entered", person, object_type="staff",
        after={"first_on": first_on.isoformat(), "last_on": last_on and last_on.isoformat()},
    )  # fmt: skip
    return made


@transaction.atomic
def end_absence(*, actor: Actor, absence_id: int, now: datetime) -> None:
    """Back again: one that has begun ends now, one that has not is taken out. Done again, nothing happens."""
    row = Absence.objects.filter(pk=absence_id).select_related("user").first()
    if row is None:
        raise Http404("absence")
    person = _whose(actor, row.user)
    if row.ends_at is not None and row.ends_at <= now:
        return
    if row.starts_at >= now:
        row.delete()
    else:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
    record(actor, now, "absence.ended", person, object_type="staff")


def may_plan_for(actor: Actor, team: Team) -> bool:
    """Whether the actor says who is on duty for a team."""
    scope = actor.scope("staff", "hand_over")
    return scope is Scope.ALL or (scope is Scope.TEAM and team.pk in actor.team_ids)


@transaction.atomic
def put_on_duty(
    *,
    actor: Actor,
    team: Team,
    user: User,
    starts_at: datetime,
    ends_at: datetime,
    now: datetime,
    days: int = 1,
) -> int:
    """Somebody answers for a team from one moment to another, and at the same hours of the days after, `days` in all.

    Returns how many shifts are new; one that is there already is left. Refused: a team that is not the actor's, somebody who
    left or is not seen, an end that is not after the beginning or over, a shift of more than 48 h.
    """
    require(actor, "staff", "hand_over")
    if not may_plan_for(actor, team):
        raise NotAllowed("staff", "hand_over")
    person = STAFF.visible_to(actor).filter(pk=user.pk).first()
    if person is None:
        raise Http404("staff")
    if not person.is_active:
        raise PeopleError(_("%(name)s does not work here any more.") % {"name": person.name}, "user")
    if ends_at <= starts_at:
        raise PeopleError(_("The end has to come after the beginning."), "ends_at")
    if ends_at - starts_at > LONGEST_SHIFT:
        raise PeopleError(_("A shift lasts 48 hours at most; enter several days instead."), "ends_at")
    if not 1 <= days <= MOST_DAYS:
        raise PeopleError(_("Between 1 and %(most)s days.") % {"most": MOST_DAYS}, "days")
    if ends_at + timedelta(days=days - 1) <= now:
        raise PeopleError(_("These hours are over."), "ends_at")
    made = 0
    for number in range(days):
        shift = timedelta(days=number)
        _row, is_new = DutyShift.objects.get_or_create(
            team=team, user=person, starts_at=starts_at + shift,
            defaults={"ends_at": ends_at + shift, "entered_by": actor.name[:150]},
        )  # fmt: skip
        made += is_new
    record(
        actor, now, "duty.entered", person, object_type="staff",
        after={"team": team.name, "starts_at": starts_at.isoformat(), "ends_at": ends_at.isoformat(), "days": days},
    )  # fmt: skip
    return made


@transaction.atomic
def take_off_duty(*, actor: Actor, shift_id: int, now: datetime) -> None:
    """A shift that has not begun is taken out, one that runs ends now."""
    row = (
        DutyShift.objects.select_for_update(of=("self",))
        .select_related("team", "user")
        .filter(pk=shift_id)
        .first()
    )
    if row is None or not STAFF.visible_to(actor).filter(pk=row.user_id).exists():
        raise Http404("shift")
    if not may_plan_for(actor, row.team):
        raise NotAllowed("staff", "hand_over")
    if row.ends_at <= now:
        return
    if row.starts_at >= now:
        row.delete()
    else:
        row.ends_at = now
        row.save(update_fields=["ends_at"])
    record(actor, now, "duty.ended", row.user, object_type="staff", after={"team": row.team.name})
