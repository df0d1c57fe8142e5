from django.db import models


class Job(models.Model):
    """Long work that somebody started: progress, cancel, result. The queue runs it; pages watch it."""

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        DONE = "done"
        FAILED = "failed"
        CANCELLED = "cancelled"

    kind = models.CharField(max_length=80)
    arguments = models.JSONField(default=dict)
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(null=True)
    message = models.TextField(blank=True)
    result = models.JSONField(null=True)
    cancel_requested = models.BooleanField(default=False)
    started_by_id = models.BigIntegerField(null=True)
    started_by = models.CharField(max_length=120)
    address = models.CharField(max_length=64, blank=True, default="")  # from where it was started
    created_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    heartbeat_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "created_at"], name="job_state")]

    @property
    def percent(self) -> int | None:
        return None if not self.total else min(100, self.done * 100 // self.total)
