from django.db import models


class Entry(models.Model):
    """One line of the journal. Actor and object are text, so that the journal outlives what it speaks of."""

    at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)
    via = models.CharField(max_length=10)
    address = models.CharField(max_length=64, blank=True)
    action = models.CharField(max_length=60)
    object_type = models.CharField(max_length=60, blank=True)
    object_id = models.CharField(max_length=40, blank=True)
    object_name = models.CharField(max_length=300, blank=True)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["object_type", "object_id", "-at"], name="entry_object"),
            models.Index(fields=["actor", "-at"], name="entry_actor"),
            models.Index(fields=["-at"], name="entry_at"),
        ]
