from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _


class StoredPolicy(models.Model):
    """A policy by name; what it says is in its versions."""

    name = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=30)
    title = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.name


class PolicyVersion(models.Model):
    """One wording of a policy. A draft may change; an approved version never does.

    In force from `valid_from` until `valid_to` (exclusive; null means until further notice). Periods of one policy's
    approved versions do not overlap: approving a version ends the one before it.
    """

    class State(models.TextChoices):
        DRAFT = "draft", _("Draft")
        APPROVED = "approved", _("Approved")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    policy = models.ForeignKey(StoredPolicy, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    document = models.JSONField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    valid_from = models.DateField(null=True, blank=True)
    valid_to = models.DateField(null=True, blank=True)
    reason = models.TextField(blank=True)
    author_id = models.BigIntegerField(null=True)
    author = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    approved_by_id = models.BigIntegerField(null=True)
    approved_by = models.CharField(max_length=150, blank=True)
    approved_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["policy", "number"], name="policy_version_number"),
            models.CheckConstraint(
                condition=~Q(state="approved") | Q(valid_from__isnull=False, approved_at__isnull=False),
                name="policy_version_approved_whole",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
                name="policy_version_period",
            ),
        ]
        indexes = [models.Index(fields=["policy", "state", "-valid_from"], name="policy_version_force")]

    def __str__(self) -> str:
        return f"{self.policy.name} {self.number}"

    @property
    def is_draft(self) -> bool:
        return self.state == self.State.DRAFT
