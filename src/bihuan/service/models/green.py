from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from .case import Case


class GreenRequest(models.Model):
    """What another department is asked to hold for a critical case, and what it answered; with a clock of its own.

    `request`: the matrix' name for it; empty for one that somebody made up. Shares are parts of the capacity (0 to 1).
    `moments`, `told_level`, `next_moment_at` as in `KeptClock`.
    """

    class Answer(models.TextChoices):
        OPEN = "", pgettext_lazy("green channel", "not answered")
        GRANTED = "granted", pgettext_lazy("green channel", "granted")
        PARTLY = "partly", pgettext_lazy("green channel", "granted in part")
        REFUSED = "refused", pgettext_lazy("green channel", "refused")

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="green_requests")
    request = models.CharField(max_length=40, blank=True)
    to = models.CharField(max_length=20)
    what = models.CharField(max_length=300)
    capacity_share = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    needed_until = models.DateTimeField(null=True)
    asked = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    asked_by = models.CharField(max_length=150)
    asked_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answer = models.CharField(max_length=10, choices=Answer, default=Answer.OPEN, blank=True)
    granted_share = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    reason = models.CharField(max_length=500, blank=True)
    answered_by = models.CharField(max_length=150, blank=True)
    answered_at = models.DateTimeField(null=True)
    moments = models.JSONField(default=list)
    told_level = models.PositiveSmallIntegerField(default=0)
    next_moment_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["next_moment_at"], name="green_request_due", condition=Q(next_moment_at__isnull=False)
            ),
            models.Index(fields=["asked", "due_at"], name="green_request_asked", condition=Q(answer="")),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["case", "request"], name="green_request_once", condition=~Q(request="")
            ),
            models.CheckConstraint(
                condition=Q(answer="", answered_at__isnull=True)
                | (~Q(answer="") & Q(answered_at__isnull=False)),
                name="green_request_answered",
            ),
            models.CheckConstraint(
                condition=~Q(answer__in=["partly", "refused"]) | ~Q(reason=""), name="green_request_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.what}"

    @property
    def notice_kind(self) -> str:
        return f"green.{self.pk}"
