from __future__ import annotations

from datetime import datetime

from django.db import models

from .staff import User


class AccessToken(models.Model):
    """A key for a program that acts as `user`, within `scopes` (see `tokens.scopes`). The key itself is shown once and not kept: `digest` is
    its SHA-256, `head` its first characters, by which people know it. `window` and `used_in_window` count the requests of a minute.
    """

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="access_tokens")
    name = models.CharField(max_length=80)
    scopes = models.JSONField(default=list)
    digest = models.CharField(max_length=64, unique=True)
    head = models.CharField(max_length=12)
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=150)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)
    revoked_by = models.CharField(max_length=150, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    last_address = models.CharField(max_length=64, blank=True)
    window = models.DateTimeField(null=True, blank=True)
    used_in_window = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("made_at")), name="access_token_runs_forward"
            )
        ]

    def __str__(self) -> str:
        return self.name

    def is_open(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
