from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from bihuan.kernel.models import Tracked


class Case(Tracked):
    """What a customer asked, complained of or proposed, until it is closed.

    What happened stands in `CaseEvent`; the columns here are what came of it, kept so that lists need no fold:
    `status`, `next_due_at` (the earliest due time of a clock that runs; none while all wait), `told_level` (how far
    its people were told). A case that was merged keeps its row and points at the one that took
    it in.
    """

    class Kind(models.TextChoices):
        """Fixed; a company's matrix says what it calls them, as it does for severities and urgencies."""

        QUESTION = "question"
        ORDER_QUERY = "order_query"
        TECHNICAL_SUPPORT = "technical_support"
        COMPLAINT = "complaint"
        QUALITY_OBJECTION = "quality_objection"
        SUGGESTION = "suggestion"

    class Urgency(models.TextChoices):
        REGULAR = "regular"
        URGENT = "urgent"
        CRITICAL = "critical"
        STRATEGIC = "strategic"

    class Status(models.TextChoices):
        """Fixed categories; `stage` is the company's own status within one of them."""

        NEW = "new"
        OPEN = "open"
        WAITING = "waiting"
        SOLVED = "solved"
        CLOSED = "closed"
        REFUSED = "refused"

    number = models.CharField(max_length=40, unique=True)
    kind = models.CharField(max_length=20, choices=Kind, default=Kind.QUESTION)
    title = models.CharField(max_length=120)
    text = models.TextField(blank=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="cases", db_index=False
    )
    contact = models.ForeignKey(
        "customers.Contact", on_delete=models.SET_NULL, null=True, blank=True, related_name="cases"
    )
    severity = models.PositiveSmallIntegerField(default=3)
    urgency = models.CharField(max_length=12, choices=Urgency, default=Urgency.REGULAR)
    channel = models.CharField(max_length=20, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
    stage = models.CharField(max_length=40, blank=True, editable=False)
    owner = models.ForeignKey(
        "people.User",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="cases",
        db_index=False,
    )
    team = models.ForeignKey(
        "people.Team",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="cases",
        db_index=False,
    )
    tier = models.CharField(max_length=30, blank=True)
    opened_at = models.DateTimeField()
    solved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    solution = models.TextField(blank=True)
    cause = models.TextField(blank=True)
    satisfaction = models.PositiveSmallIntegerField(null=True, blank=True)
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from", db_index=False
    )
    split_from = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="split_into", db_index=False
    )
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_due_kind = models.CharField(max_length=30, blank=True, editable=False)
    told_level = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["next_due_at", "id"], name="case_due"),
            models.Index(fields=["owner", "next_due_at", "id"], name="case_owner_due"),
            models.Index(fields=["team", "next_due_at", "id"], name="case_team_due"),
            # What follows the first columns lets the figures of a month be counted from the index alone.
            models.Index(fields=["customer", "-opened_at", "kind", "merged_into"], name="case_customer"),
            models.Index(fields=["opened_at", "id", "kind", "merged_into", "customer"], name="case_opened"),
            models.Index(
                fields=["solved_at", "opened_at", "closed_at", "kind", "merged_into", "satisfaction"],
                name="case_solved",
            ),
            models.Index(fields=["customer"], name="case_open_customer", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["merged_into"], name="case_merged", condition=Q(merged_into__isnull=False)),
            models.Index(fields=["split_from"], name="case_split", condition=Q(split_from__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(severity__in=[1, 2, 3]), name="case_severity"),
            models.CheckConstraint(
                condition=Q(satisfaction__isnull=True) | Q(satisfaction__gte=1, satisfaction__lte=5),
                name="case_satisfaction",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="case_not_into_itself"),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(closed_at__isnull=False), name="case_merged_closed"
            ),
        ]

    def __str__(self) -> str:
        return self.number
