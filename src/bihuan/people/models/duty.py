from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from .staff import Team, User


class Absence(models.Model):
    """Somebody is not here from a moment until another, which is not part of it; without one, until further notice."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="absences")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True, blank=True)
    entered_by = models.CharField(max_length=150)

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="absence_end")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")), name="absence_runs_forward"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.starts_at:%F}"


class DutyShift(models.Model):
    """Somebody answers for a team from a moment until another, which is not part of it: nights and holidays, too."""

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="shifts")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="shifts")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    entered_by = models.CharField(max_length=150)

    class Meta:
        indexes = [models.Index(fields=["ends_at"], name="duty_shift_end")]
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="duty_shift_runs_forward"),
            models.UniqueConstraint(fields=["team", "user", "starts_at"], name="duty_shift_once"),
        ]

    def __str__(self) -> str:
        return f"{self.team_id} {self.user_id} {self.starts_at:%F %H:%M}"
