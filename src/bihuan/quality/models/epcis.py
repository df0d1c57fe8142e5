from __future__ import annotations

from django.db import models
from django.db.models import Q

from .lot import Lot


class EpcisEvent(models.Model):
    """An event of another company's, as it was told: appended, never changed or removed (see `exchange.protection`).

    `body` is its canonical JSON with the `@context` that it stood under, so that it can be read and handed on alone. `hash_id` is the
    standard's and leaves error declarations out: what was told first and its later declaration as wrong are two rows of one hash.
    """

    hash_id = models.CharField(max_length=100)
    is_error = models.BooleanField(default=False)
    event_id = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=200)
    at = models.DateTimeField()
    recorded_at = models.DateTimeField(null=True)
    body = models.TextField()
    document = models.CharField(max_length=64)
    file = models.CharField(max_length=200, blank=True)
    captured_at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["hash_id", "is_error"], name="epcis_event_once")]
        indexes = [
            models.Index(fields=["event_id"], name="epcis_event_id", condition=~Q(event_id="")),
            models.Index(fields=["at"], name="epcis_event_at"),
            models.Index(fields=["captured_at"], name="epcis_event_captured_at"),
        ]

    def __str__(self) -> str:
        return self.hash_id


class EpcisLink(models.Model):
    """Which of our lots an event names: appended. `uri` is what the event calls the lot, in its canonical form."""

    event = models.ForeignKey(EpcisEvent, on_delete=models.PROTECT, related_name="links", db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="epcis_links", db_index=False)
    role = models.CharField(max_length=10)
    uri = models.CharField(max_length=1000)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "lot", "role"], name="epcis_link_once")]
        indexes = [models.Index(fields=["lot", "event"], name="epcis_link_lot")]

    def __str__(self) -> str:
        return f"{self.event_id} {self.lot_id}"


class EpcisTerm(models.Model):
    """What queries ask of an event, in canonical form (see `exchange.terms`): appended with it. `field`: step, epc, …"""

    event = models.ForeignKey(EpcisEvent, on_delete=models.PROTECT, related_name="terms", db_index=False)
    field = models.CharField(max_length=20)
    value = models.CharField(max_length=300)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["event", "field", "value"], name="epcis_term_once")]
        indexes = [models.Index(fields=["value", "field", "event"], name="epcis_term_value")]

    def __str__(self) -> str:
        return f"{self.field} {self.value}"


class EpcisProduct(models.Model):
    """How a product is called between companies: the canonical Digital Link of its GTIN, or another URI. Several may be one product."""

    uri = models.CharField(max_length=500, unique=True)
    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="epcis_names")

    def __str__(self) -> str:
        return self.uri


class EpcisCapture(models.Model):
    """What became of a document that was sent: kept, or refused and why. Written with the events, or alone where none were kept.

    `key` names it outward (the standard's captureID). `errors`: `path`, and `code` and `values` of a sentence (`epcis.faults`);
    `reasons`: `path` and `message` of events that are kept and not joined. `person_id` is nobody's where the system itself captured.
    """

    key = models.CharField(max_length=32, unique=True)
    created_at = models.DateTimeField()
    via = models.CharField(max_length=10)
    person_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(max_length=150)
    file = models.CharField(max_length=200, blank=True)
    document = models.CharField(max_length=64)
    is_success = models.BooleanField()
    events = models.PositiveIntegerField(default=0)
    stored = models.PositiveIntegerField(default=0)
    declared = models.PositiveIntegerField(default=0)
    lots = models.PositiveIntegerField(default=0)
    postings = models.PositiveIntegerField(default=0)
    left = models.PositiveIntegerField(default=0)
    errors = models.JSONField(default=list)
    reasons = models.JSONField(default=list)

    class Meta:
        indexes = [
            models.Index(fields=["created_at"], name="epcis_capture_created"),
            models.Index(fields=["person_id", "created_at"], name="epcis_capture_person"),
        ]

    def __str__(self) -> str:
        return self.key
