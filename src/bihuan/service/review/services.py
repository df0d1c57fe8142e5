"""Writing minutes, deciding, doing what was decided, signing off."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, NotAllowed, require
from bihuan.kernel.outbox import publish
from bihuan.kernel.time import local_date
from bihuan.people.models import User

from ..errors import CaseError
from ..models import Review, ReviewDecision, ReviewMinutes
from .period import moved
from .queries import get_decision, teams_for
from .record import REVIEW

MOST_TEXT = 10_000


def _review(actor: Actor, action: str, month: date, team: int | None, now: datetime) -> Review:
    """The review, locked; opened where there is none yet. 404 for a team that is not the actor's to see."""
    require(actor, "review", action)
    team_row = next((one for one in teams_for(actor) if one.pk == team), None)
    if team is not None and team_row is None:
        raise Http404("team")
    if month.day != 1 or month > local_date(now):
        raise CaseError(_("There is nothing to review of a month that has not begun."))
    row, _made = Review.objects.get_or_create(month=month, team=team_row, defaults={"created_at": now})
    if not REVIEW.visible_to(actor, action).filter(pk=row.pk).exists():
        raise NotAllowed("review", action)
    return Review.objects.select_for_update().get(pk=row.pk)


def _tell(actor: Actor, now: datetime, kind: str, row: Review, **after: Any) -> None:
    publish(f"review.{kind}", {"review": row.pk}, now=now)
    record(actor, now, f"review.{kind}", row, after={"month": row.month.isoformat(), **after})


@transaction.atomic
def write_minutes(
    *,
    actor: Actor,
    month: date,
    team: int | None,
    attendees: str,
    topics: Mapping[str, str],
    after: int,
    now: datetime,
) -> ReviewMinutes:
    """Add a wording of the minutes. `after`: the number of the wording that the writer had before the eyes, 0 for none.

    Refused: nothing written, and a wording that somebody else has followed meanwhile.
    """
    row = _review(actor, "edit", month, team, now)
    said = {
        name: text.replace("\r\n", "\n").strip()[:MOST_TEXT] for name, text in topics.items() if text.strip()
    }
    if not said:
        raise CaseError(_("Write something."))
    last = ReviewMinutes.objects.filter(review=row).order_by("-number").first()
    if (last.number if last else 0) != after:
        raise CaseError(_("Somebody else has written meanwhile. Open the page anew; copy your text before."))
    made = ReviewMinutes.objects.create(
        review=row, number=after + 1, at=now, author_name=actor.name[:150], attendees=attendees.strip()[:500],
        topics=said, is_after_signing=row.signed_at is not None,
    )  # fmt: skip
    _tell(actor, now, "minutes_written", row, number=made.number)
    return made


@transaction.atomic
def decide(
    *, actor: Actor, month: date, team: int | None, text: str, owner: User, due_on: date, now: datetime
) -> ReviewDecision:
    """Note what was decided. Refused: no text, somebody who left, a day before today."""
    row = _review(actor, "edit", month, team, now)
    text = " ".join(text.split())
    if not text:
        raise CaseError(_("Say what is to be done."), "text")
    if not owner.is_active:
        raise CaseError(_("%(name)s does not work here any more.") % {"name": owner.name}, "owner")
    if due_on < local_date(now):
        raise CaseError(_("The day has passed already."), "due_on")
    made = ReviewDecision.objects.create(
        review=row, text=text[:500], owner=owner, due_on=due_on, created_at=now, created_by=actor.name[:150]
    )
    _tell(actor, now, "decided", row, text=made.text, owner=owner.name, due_on=due_on.isoformat())
    return made


@transaction.atomic
def finish_decision(*, actor: Actor, decision: int, now: datetime) -> ReviewDecision:
    """What was decided is done; it is carried no further. By its owner, or by who may edit the review."""
    row = get_decision(actor, decision)
    row = ReviewDecision.objects.select_for_update().get(pk=row.pk)
    if row.owner_id != actor.user_id:
        require(actor, "review", "edit")
        if not REVIEW.visible_to(actor, "edit").filter(pk=row.review_id).exists():
            raise NotAllowed("review", "edit")
    if row.done_on is None:
        row.done_on, row.done_by = local_date(now), actor.name[:150]
        row.save(update_fields=["done_on", "done_by"])
        _tell(actor, now, "decision_done", row.review, text=row.text)
    return row


@transaction.atomic
def sign_off(
    *, actor: Actor, month: date, team: int | None, figures: Mapping[str, Any], now: datetime
) -> Review:
    """Close the review with its figures as they are. What is written later is marked as such.

    Refused: a month that has not ended, a review without minutes, one that is signed off already.
    """
    row = _review(actor, "approve", month, team, now)
    if local_date(now) < moved(month, 1):
        raise CaseError(_("The month has not ended yet."))
    if row.signed_at is not None:
        raise CaseError(_("This review is signed off already."))
    if not ReviewMinutes.objects.filter(review=row).exists():
        raise CaseError(_("Write the minutes first."))
    row.signed_at, row.signed_by, row.figures = now, actor.name[:150], dict(figures)
    row.save(update_fields=["signed_at", "signed_by", "figures"])
    _tell(actor, now, "signed_off", row)
    return row
