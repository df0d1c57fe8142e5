from django.db import models
from django.db.models import Q


class Channel(models.Model):
    """A way by which messages leave and come: for mail one address with its two servers.

    `settings` hold what the kind needs, without secrets; `sealed` holds passwords, encrypted (`sealing.py`). A server
    that does not answer concerns the channel, not its messages: it then rests until `out_rests_until`.
    """

    class Kind(models.TextChoices):
        MAIL = "mail"

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.MAIL)
    settings = models.JSONField(default=dict)
    sealed = models.JSONField(default=dict)
    enabled = models.BooleanField(default=True)
    per_minute = models.PositiveIntegerField(default=60)
    created_at = models.DateTimeField()
    # Whose people read its mail with rights that reach no further than their teams.
    team = models.ForeignKey(
        "people.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="mail_channels"
    )
    # What the last tries came to.
    out_rests_until = models.DateTimeField(null=True)
    out_failures = models.PositiveIntegerField(default=0)
    out_error = models.TextField(blank=True)
    out_worked_at = models.DateTimeField(null=True)
    in_rests_until = models.DateTimeField(null=True)
    in_failures = models.PositiveIntegerField(default=0)
    in_error = models.TextField(blank=True)
    in_worked_at = models.DateTimeField(null=True)
    # Who polls, and until when others keep away.
    polled_by = models.CharField(max_length=40, blank=True)
    polled_until = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(per_minute__gte=1), name="channel_sends_something")]

    def __str__(self) -> str:
        return self.name

    @property
    def address(self) -> str:
        return str(self.settings.get("address", "")).lower()


class Mailbox(models.Model):
    """How far a folder was read. A server that numbers anew (another UIDVALIDITY) begins another row."""

    channel = models.ForeignKey(Channel, on_delete=models.CASCADE, related_name="mailboxes")
    folder = models.CharField(max_length=200)
    uidvalidity = models.BigIntegerField()
    last_uid = models.BigIntegerField(default=0)
    started_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["channel", "folder", "uidvalidity"], name="mailbox_once")
        ]
