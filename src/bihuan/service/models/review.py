from __future__ import annotations

from django.db import models
from django.db.models import Q


class Review(models.Model):
    """The review of one month by one team (none: the whole company). Signed off, it keeps the figures as they were then.

    `figures`: what `review.showing.frozen` made of them, by who may read it.
    """

    month = models.DateField()
    team = models.ForeignKey(
        "people.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )
    created_at = models.DateTimeField()
    signed_at = models.DateTimeField(null=True, blank=True)
    signed_by = models.CharField(max_length=150, blank=True)
    figures = models.JSONField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "month"], name="review_once_a_team"),
            models.UniqueConstraint(fields=["month"], name="review_once", condition=Q(team__isnull=True)),
            models.CheckConstraint(
                condition=Q(signed_at__isnull=True, figures__isnull=True)
                | Q(signed_at__isnull=False, figures__isnull=False),
                name="review_signed_with_figures",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month:%Y-%m} {self.team_id or ''}".strip()


class ReviewMinutes(models.Model):
    """One wording of a review's minutes: appended, never changed or removed (see `review.protection`)."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="minutes", db_index=False)
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    author_name = models.CharField(max_length=150)
    attendees = models.CharField(max_length=500, blank=True)
    topics = models.JSONField(default=dict)
    is_after_signing = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["review", "number"], name="review_minutes_once")]

    def __str__(self) -> str:
        return f"{self.review_id} {self.number}"


class ReviewDecision(models.Model):
    """What a review decided, who does it by when. Until it is done it stands in the reviews of the months after."""

    review = models.ForeignKey(Review, on_delete=models.PROTECT, related_name="decisions")
    text = models.CharField(max_length=500)
    owner = models.ForeignKey("people.User", on_delete=models.PROTECT, related_name="+")
    due_on = models.DateField()
    done_on = models.DateField(null=True, blank=True)
    done_by = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        indexes = [
            models.Index(
                fields=["due_on", "id"], name="review_decision_open", condition=Q(done_on__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return self.text
