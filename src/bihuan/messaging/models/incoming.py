from django.db import models

from bihuan.messaging.mail.parse import NO_ID

from .channel import Channel


class InMessage(models.Model):
    """A message that came: what it says, what it is, and who took it.

    The raw mail lies in the store under `raw`; texts are read from it once. `state`: new until a room took it
    (routed) or nobody did (waiting, which a person sees); kept is what needs nobody; dropped, what a person put away.
    """

    class Classification(models.TextChoices):
        MESSAGE = "message"
        AUTO_REPLY = "auto_reply"
        BOUNCE = "bounce"
        LOOP = "loop"
        FORGED = "forged"
        UNREADABLE = "unreadable"

    class State(models.TextChoices):
        NEW = "new"
        ROUTED = "routed"
        WAITING = "waiting"
        KEPT = "kept"
        DROPPED = "dropped"

    channel = models.ForeignKey(Channel, on_delete=models.PROTECT, related_name="in_messages")
    message_id = models.CharField(max_length=1010)
    digest = models.CharField(max_length=40)
    sender = models.CharField(max_length=254, blank=True)
    sender_name = models.CharField(max_length=200, blank=True)
    to = models.JSONField(default=list)
    cc = models.JSONField(default=list)
    subject = models.CharField(max_length=500, blank=True)
    text = models.TextField(blank=True)  # what is new
    quoted = models.TextField(blank=True)  # what it quotes
    in_reply_to = models.JSONField(default=list)
    references = models.JSONField(default=list)
    written_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField()
    size = models.BigIntegerField(default=0)
    raw = models.CharField(max_length=200, blank=True)
    notes = models.JSONField(default=list)
    classification = models.CharField(max_length=12, choices=Classification)
    trust = models.CharField(max_length=12, default="unverified")
    reason = models.CharField(max_length=40, blank=True)

    state = models.CharField(max_length=8, choices=State, default=State.NEW)
    about = models.CharField(max_length=60, blank=True)
    route_attempts = models.PositiveIntegerField(default=0)
    route_at = models.DateTimeField(null=True)
    route_error = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["state", "-id"], name="in_state"),
            models.Index(fields=["channel", "sender", "received_at"], name="in_sender"),
            models.Index(fields=["about", "-id"], name="in_about"),
            models.Index(fields=["message_id"], name="in_message_id"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["channel", "message_id"], name="in_once_by_message_id"),
        ]

    def __str__(self) -> str:
        return self.subject or self.message_id

    @property
    def reference(self) -> str:
        """The Message-ID as the sender knows it; nothing for a mail that came without one."""
        own = self.message_id[: self.message_id.rfind(">") + 1]
        return "" if own.endswith((NO_ID, "@unreadable.invalid>")) else own


class InAttachment(models.Model):
    """A file that came with a message: its content lies in the store, its type is what the content says."""

    message = models.ForeignKey(InMessage, on_delete=models.PROTECT, related_name="attachments")
    ordinal = models.PositiveIntegerField()
    name = models.CharField(max_length=200)
    declared_type = models.CharField(max_length=120, blank=True)
    content_type = models.CharField(max_length=120)
    size = models.BigIntegerField()
    sha256 = models.CharField(max_length=64, blank=True)  # nothing where it was too large to be taken
    note = models.CharField(max_length=40, blank=True)
    content_id = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "ordinal"], name="attachment_ordinal")]

    def __str__(self) -> str:
        return self.name


class Pickup(models.Model):
    """One mail of one folder, by the server's own number: taken once, whatever happens in between.

    The row is there before the mail is read; `attempts` tells of a mail at which the process died.
    """

    class State(models.TextChoices):
        STARTED = "started"
        TAKEN = "taken"
        DUPLICATE = "duplicate"
        UNREADABLE = "unreadable"

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="pickups")
    folder = models.CharField(max_length=200)
    uidvalidity = models.BigIntegerField()
    uid = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.STARTED)
    attempts = models.PositiveIntegerField(default=0)
    message = models.ForeignKey(InMessage, null=True, on_delete=models.PROTECT, related_name="pickups")
    tidied = models.BooleanField(default=False)  # flagged or moved on the server
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "folder", "uidvalidity", "uid"], name="pickup_once")
        ]
        indexes = [
            models.Index(fields=["channel", "uid"], name="pickup_untidied", condition=models.Q(tidied=False))
        ]
