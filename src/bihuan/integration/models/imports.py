from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Import(models.Model):
    """One file brought in: what was said about it, how far it is, what it did. Undone as one set.

    `checkpoint` counts the rows of the file whose chunks are committed; a run that was killed goes on from there.
    `counts` are those of the committed chunks. Rows that the import created carry its id (`import_id`); rows that it
    changed have an `ImportChange` each.
    """

    class State(models.TextChoices):
        UPLOADED = "uploaded", _("Uploaded")
        PREVIEWED = "previewed", _("Previewed")
        RUNNING = "running", _("Running")
        DONE = "done", _("Done")
        INTERRUPTED = "interrupted", _("Interrupted")
        CANCELLED = "cancelled", _("Cancelled")
        FAILED = "failed", _("Failed")
        UNDOING = "undoing", _("Being undone")
        UNDONE = "undone", _("Undone")

    kind = models.CharField(max_length=20)
    state = models.CharField(max_length=12, choices=State, default=State.UPLOADED)
    filename = models.CharField(max_length=255)
    path = models.CharField(max_length=1000)
    sha256 = models.CharField(max_length=64)
    signature = models.CharField(max_length=64, blank=True)
    mapping = models.JSONField(default=dict)
    rows = models.PositiveIntegerField(default=0)
    checkpoint = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    inspection = models.JSONField(null=True, blank=True)
    preview = models.JSONField(null=True, blank=True)
    notices = models.JSONField(default=list)
    refused_path = models.CharField(max_length=1000, blank=True)
    message = models.TextField(blank=True)
    undo_result = models.JSONField(null=True, blank=True)
    job_id = models.BigIntegerField(null=True, blank=True)
    started_by_id = models.BigIntegerField(null=True, blank=True)
    started_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["-created_at"], name="import_created"),
            models.Index(
                fields=["sha256"],
                name="import_unfinished",
                condition=Q(state__in=["running", "interrupted", "cancelled"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.filename}"


class ImportChange(models.Model):
    """What a row was before an import changed it. `version` is the row's version that the import left."""

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="changes")
    table = models.CharField(max_length=60)
    object_id = models.BigIntegerField()
    before = models.JSONField()
    version = models.PositiveIntegerField()

    class Meta:
        indexes = [models.Index(fields=["source", "table"], name="import_change_table")]

    def __str__(self) -> str:
        return f"{self.table} {self.object_id}"


class SourceMapping(models.Model):
    """How the columns of a source were mapped the last time, recognised by its headings."""

    signature = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=20)
    mapping = models.JSONField()
    used_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.kind} {self.signature[:8]}"
