from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.models import Tracked


class Case(Tracked):
    """What a customer asked, complained of or proposed, until it is closed.

    What happened stands in `CaseEvent`; the columns here are what came of it, kept so that lists need no fold:
    `status`, `next_due_at` (the earliest due time of a clock that runs; none while all wait), `told_share` (how far
    its people were told, in percent of a target). A case that was merged keeps its row and points at the one that took
    it in.
    """

    class Kind(models.TextChoices):
        QUESTION = "question", pgettext_lazy("case", "Question")
        ORDER_QUERY = "order_query", pgettext_lazy("case", "Order query")
        TECHNICAL_SUPPORT = "technical_support", pgettext_lazy("case", "Technical support")
        COMPLAINT = "complaint", pgettext_lazy("case", "Complaint")
        QUALITY_OBJECTION = "quality_objection", pgettext_lazy("case", "Quality objection")
        SUGGESTION = "suggestion", pgettext_lazy("case", "Suggestion")

    class Urgency(models.TextChoices):
        REGULAR = "regular", pgettext_lazy("urgency", "Regular")
        URGENT = "urgent", pgettext_lazy("urgency", "Urgent")
        CRITICAL = "critical", pgettext_lazy("urgency", "Critical")
        STRATEGIC = "strategic", pgettext_lazy("urgency", "Strategic")

    class Channel(models.TextChoices):
        PHONE = "phone", pgettext_lazy("channel", "Telephone")
        MAIL = "mail", pgettext_lazy("channel", "Mail")
        CHAT = "chat", pgettext_lazy("channel", "Chat")
        PORTAL = "portal", pgettext_lazy("channel", "Portal")
        VISIT = "visit", pgettext_lazy("channel", "Visit")
        INSIDE = "inside", pgettext_lazy("channel", "From inside")

    class Severity(models.IntegerChoices):
        GRAVE = 1, pgettext_lazy("severity", "1 Production stands still")
        SERIOUS = 2, pgettext_lazy("severity", "2 Production is impaired")
        MINOR = 3, pgettext_lazy("severity", "3 Minor")

    class Status(models.TextChoices):
        """Fixed categories; a company names them as it likes (`wording.status_labels`)."""

        NEW = "new", pgettext_lazy("case status", "New")
        OPEN = "open", pgettext_lazy("case status", "In progress")
        WAITING = "waiting", pgettext_lazy("case status", "Waiting")
        SOLVED = "solved", pgettext_lazy("case status", "Solved")
        CLOSED = "closed", pgettext_lazy("case status", "Closed")

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
    severity = models.PositiveSmallIntegerField(choices=Severity, default=Severity.MINOR)
    urgency = models.CharField(max_length=12, choices=Urgency, default=Urgency.REGULAR)
    channel = models.CharField(max_length=10, choices=Channel, default=Channel.PHONE)
    status = models.CharField(max_length=10, choices=Status, default=Status.NEW)
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
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_due_kind = models.CharField(max_length=20, blank=True, editable=False)
    told_share = models.PositiveSmallIntegerField(default=0, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["next_due_at", "id"], name="case_due"),
            models.Index(fields=["owner", "next_due_at", "id"], name="case_owner_due"),
            models.Index(fields=["team", "next_due_at", "id"], name="case_team_due"),
            models.Index(fields=["customer", "-opened_at"], name="case_customer"),
            models.Index(fields=["opened_at", "id"], name="case_opened"),
            models.Index(
                fields=["customer"], name="case_open_customer", condition=Q(closed_at__isnull=True)
            ),
            models.Index(fields=["merged_into"], name="case_merged", condition=Q(merged_into__isnull=False)),
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
