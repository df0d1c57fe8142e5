from django.db import models
from django.db.models import Q

from .case import Case
from .investigation import Investigation


class KeptClock(models.Model):
    """A clock as the last fold of its events left it: a cache, written with every event.

    `run` counts how often it was started (a reopened case starts its resolution again). `moments`: pairs of level and
    moment, in order; a level is the share of the target in percent, past the due time 100 and the minutes since.
    `next_moment_at`: the first of them of which nobody was told yet; none once stopped, while waiting, and when all is
    told. Only that column is asked by the sweep.
    """

    kind = models.CharField(max_length=30)
    run = models.PositiveSmallIntegerField(default=1)
    promise = models.CharField(max_length=120)
    started_at = models.DateTimeField()
    due_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    is_waiting = models.BooleanField(default=False)
    is_breached = models.BooleanField(default=False)
    is_provisional = models.BooleanField(default=False)
    moments = models.JSONField(default=list)
    told_level = models.PositiveSmallIntegerField(default=0)
    next_moment_at = models.DateTimeField(null=True)
    is_fact = False  # derived

    class Meta:
        abstract = True


class CaseClock(KeptClock):
    """A clock of a case."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="clocks")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind"], name="case_clock_once")]
        indexes = [
            # What follows the first column lets a month's clocks be counted from the index alone.
            models.Index(fields=["stopped_at", "kind", "is_breached", "case"], name="case_clock_stopped"),
            models.Index(fields=["due_at", "stopped_at", "kind", "case"], name="case_clock_due_at"),
            models.Index(
                fields=["next_moment_at"], name="case_clock_due", condition=Q(next_moment_at__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"


class InvestigationClock(KeptClock):
    """The clock of a step of an investigation."""

    investigation = models.ForeignKey(
        Investigation, on_delete=models.CASCADE, related_name="clocks", db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["investigation", "kind"], name="investigation_clock_once")
        ]
        indexes = [
            models.Index(
                fields=["next_moment_at"], name="investigation_clock_due",
                condition=Q(next_moment_at__isnull=False),
            )
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.investigation_id} {self.kind}"
