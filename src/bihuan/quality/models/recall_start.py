from __future__ import annotations

from django.db import models

from .lot import Lot
from .recall import Recall


class RecallStart(models.Model):
    """A recall too large for the moment in which it is asked for: what was asked, by whom, and the job that does it.

    How far it is the job says. `recall` stands here once it is whole; `read_at`: whoever asked was told how it ended.
    """

    is_fact = False  # the program's own note
    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="recall_starts")
    reason = models.CharField(max_length=300)
    level = models.CharField(max_length=1, choices=Recall.Level)
    asked = models.CharField(max_length=10, choices=Recall.Asked)
    asked_by = models.ForeignKey("people.User", on_delete=models.SET_NULL, null=True, related_name="+")
    asked_by_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    job_id = models.BigIntegerField(null=True)
    recall = models.OneToOneField(Recall, on_delete=models.CASCADE, null=True, related_name="begun")
    read_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.lot_id} {self.at:%Y-%m-%d}"
