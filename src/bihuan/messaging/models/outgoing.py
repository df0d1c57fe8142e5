from django.db import models
from django.db.models import Q

from .channel import Channel


class OutMessage(models.Model):
    """A message to be sent: a row of its channel's queue, and afterwards what was said and what became of it.

    The way of a row: queued → sending → sent, or → failed (tried again at `next_attempt_at`), or → dead (a person
    decides). `handed_at` is written in the moment before the last byte goes to the server: a row in `sending` without
    it was certainly not sent, one with it perhaps was and is never sent again by itself.
    """

    class State(models.TextChoices):
        QUEUED = "queued"
        SENDING = "sending"
        SENT = "sent"
        FAILED = "failed"
        DEAD = "dead"
        DROPPED = "dropped"

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="out_messages")
    message_id = models.CharField(max_length=250, unique=True)
    once = models.CharField(max_length=120, null=True, unique=True)  # the caller's key: queued once only
    about = models.CharField(max_length=60, blank=True)
    to = models.JSONField()
    cc = models.JSONField(default=list)
    subject = models.CharField(max_length=500)
    text = models.TextField()
    html = models.TextField(blank=True)
    attachments = models.JSONField(default=list)  # references: name, type, size, sha256
    reply_to = models.CharField(max_length=254, blank=True)
    in_reply_to = models.CharField(max_length=998, blank=True)
    references = models.JSONField(default=list)
    automatic = models.CharField(max_length=20, blank=True)
    written_by = models.CharField(max_length=40)
    written_by_name = models.CharField(max_length=150, blank=True)
    created_at = models.DateTimeField()

    state = models.CharField(max_length=8, choices=State, default=State.QUEUED)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField(null=True)
    claim = models.CharField(max_length=40, blank=True)
    claimed_at = models.DateTimeField(null=True)
    handed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    may_have_arrived = models.BooleanField(default=False)

    class Meta:
        indexes = [
            models.Index(
                fields=["channel", "next_attempt_at"],
                name="out_due",
                condition=Q(state__in=["queued", "failed"]),
            ),
            models.Index(fields=["channel", "claimed_at"], name="out_claimed"),
            models.Index(fields=["state", "-id"], name="out_state"),
            models.Index(fields=["about", "-id"], name="out_about"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=~Q(state__in=["queued", "failed"]) | Q(next_attempt_at__isnull=False),
                name="out_waiting_has_a_time",
            ),
            models.CheckConstraint(
                condition=~Q(state="sent") | Q(sent_at__isnull=False), name="out_sent_has_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.subject
