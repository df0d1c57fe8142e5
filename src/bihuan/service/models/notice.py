from django.db import models
from django.db.models import Q

from .case import Case
from .investigation import Investigation


class CaseNotice(models.Model):
    """A person was told how far a clock of a case is (`level` as in `KeptClock`). Told once: the constraint sees to it.

    `instead_of`: who would have been told, were they here.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notices")
    recipient = models.ForeignKey(
        "people.User", on_delete=models.CASCADE, related_name="case_notices", db_index=False
    )
    kind = models.CharField(max_length=30)
    run = models.PositiveSmallIntegerField(default=1)
    level = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    instead_of = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    is_fact = False  # the program's own note

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "recipient", "kind", "run", "level"], name="case_notice_once"
            )
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-at"], name="case_notice_unread", condition=Q(read_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind} {self.level}"


class InvestigationNotice(models.Model):
    """A person was told how far the clock of an investigation's step is. Told once, as of a case."""

    investigation = models.ForeignKey(
        Investigation, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    recipient = models.ForeignKey(
        "people.User", on_delete=models.CASCADE, related_name="investigation_notices", db_index=False
    )
    kind = models.CharField(max_length=30)
    run = models.PositiveSmallIntegerField(default=1)
    level = models.PositiveSmallIntegerField()
    due_at = models.DateTimeField()
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    instead_of = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, related_name="+", db_index=False
    )
    is_fact = False  # the program's own note

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["investigation", "recipient", "kind", "run", "level"],
                name="investigation_notice_once",
            )
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-at"],
                name="investigation_notice_unread",
                condition=Q(read_at__isnull=True),
            )
        ]

    def __str__(self) -> str:
        return f"{self.investigation_id} {self.kind} {self.level}"
