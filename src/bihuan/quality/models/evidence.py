from __future__ import annotations

from django.db import models
from django.db.models import Q

from .lot import Lot


class EvidenceEntry(models.Model):
    """An event that goes into the evidence log, or stands there at `place`. Written once; only its place is filled in later.

    `source` and `row` name the fact that it tells of, from which `verify` makes the event anew; `body` is its canonical text.
    """

    is_fact = False  # tells of facts
    event_id = models.CharField(max_length=100, unique=True)
    source = models.CharField(max_length=30)
    row = models.BigIntegerField()
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    body = models.TextField()
    place = models.BigIntegerField(null=True, unique=True)

    class Meta:
        indexes = [
            models.Index(fields=["lot", "id"], name="evidence_of_lot", condition=Q(lot__isnull=False)),
            models.Index(fields=["id"], name="evidence_waiting", condition=Q(place__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.event_id


class EvidenceSalt(models.Model):
    """The salt of a sealed field. Once it is erased, the log says nothing about the person any more."""

    is_fact = False
    entry = models.ForeignKey(EvidenceEntry, on_delete=models.CASCADE, related_name="salts", db_index=False)
    field = models.CharField(max_length=20)
    salt = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "field"], name="evidence_salt_of")]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.field}"
