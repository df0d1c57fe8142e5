"""Reading reviews and what they decided; every read starts from what the actor may see."""

from __future__ import annotations

from datetime import date

from django.db.models import Q
from django.http import Http404

from bihuan.kernel.actor import Actor, Scope
from bihuan.people.models import Team

from ..models import Review, ReviewDecision, ReviewMinutes
from .period import moved
from .record import REVIEW

MOST_CARRIED = 200


def teams_for(actor: Actor) -> list[Team]:
    """The teams whose reviews the actor may open."""
    scope = actor.scope("review")
    rows = Team.objects.order_by("name")
    return list(
        rows if scope is Scope.ALL else rows.filter(pk__in=actor.team_ids) if scope is Scope.TEAM else ()
    )


def with_those_below(team: int) -> frozenset[int]:
    """A team and all below it."""
    parents = dict(Team.objects.values_list("id", "parent_id"))
    found = {team}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found)


def find_review(actor: Actor, month: date, team: int | None) -> Review | None:
    found: Review | None = REVIEW.visible_to(actor).filter(month=month, team=team).first()
    return found


def minutes_of(review: Review | None) -> list[ReviewMinutes]:
    """All wordings, the newest first."""
    return [] if review is None else list(ReviewMinutes.objects.filter(review=review).order_by("-number"))


def get_decision(actor: Actor, identity: int) -> ReviewDecision:
    """A decision of a review that the actor may see; 404 otherwise."""
    seen = REVIEW.visible_to(actor).order_by().values("pk")
    row = ReviewDecision.objects.filter(pk=identity, review__in=seen).select_related("review").first()
    if row is None:
        raise Http404(identity)
    return row


def decisions_for(actor: Actor, month: date, team: int | None) -> list[ReviewDecision]:
    """What stands in the review of a month: its own decisions, and the earlier ones that were not done before it began."""
    seen = REVIEW.visible_to(actor).filter(team=team, month__lte=month).order_by().values("pk")
    open_then = Q(done_on__isnull=True) | Q(done_on__gte=month)
    rows = ReviewDecision.objects.filter(Q(review__month=month) | open_then, review__in=seen)
    return list(rows.select_related("owner", "review").order_by("due_on", "pk")[:MOST_CARRIED])


def due_decisions(actor: Actor, limit: int = 8) -> list[ReviewDecision]:
    """What I am to do of what reviews decided, first due first."""
    seen = REVIEW.visible_to(actor).order_by().values("pk")
    rows = ReviewDecision.objects.filter(owner_id=actor.user_id, done_on__isnull=True, review__in=seen)
    return list(rows.select_related("review").order_by("due_on", "pk")[:limit])


def month_after(month: date) -> date:
    return moved(month, 1)
