from django.db import models


class SavedView(models.Model):
    """A list's filters, columns and order under a name: somebody's own, or shared with all who see the list."""

    page = models.CharField(max_length=60)
    name = models.CharField(max_length=60)
    query = models.TextField(blank=True)
    owner_id = models.BigIntegerField()
    owner_name = models.CharField(max_length=120)
    is_shared = models.BooleanField(default=False)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["page", "owner_id", "name"], name="saved_view_once")]

    def __str__(self) -> str:
        return self.name


class BulkRun(models.Model):
    """One action over many records of a list, with what it takes to undo it."""

    page = models.CharField(max_length=60)
    action = models.CharField(max_length=60)
    values = models.JSONField(default=dict)
    started_by_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()
    changed = models.PositiveIntegerField(default=0)
    undone_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.page} {self.action}"


class BulkStep(models.Model):
    """A batch of a bulk run: committed with its change, so that a run that was stopped can be undone as far as it came."""

    run = models.ForeignKey(BulkRun, on_delete=models.CASCADE, related_name="steps")
    ordinal = models.PositiveIntegerField()
    undo = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "ordinal"], name="bulk_step_once")]

    def __str__(self) -> str:
        return f"{self.run_id}/{self.ordinal}"
