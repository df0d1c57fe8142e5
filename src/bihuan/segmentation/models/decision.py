from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Proposal(models.Model):
    """A list of candidates for the committee: who would move, by which version of which policy, seen as of a date."""

    class State(models.TextChoices):
        OPEN = "open", _("Open")
        DECIDED = "decided", _("Decided")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    policy_version = models.ForeignKey(
        "rulebook.PolicyVersion", on_delete=models.PROTECT, related_name="proposals"
    )
    as_of = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    reason = models.TextField(blank=True)
    up = models.PositiveIntegerField(default=0)
    down = models.PositiveIntegerField(default=0)
    same = models.PositiveIntegerField(default=0)
    proposed_by_id = models.BigIntegerField(null=True)
    proposed_by = models.CharField(max_length=150)
    created_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["state", "-created_at"], name="proposal_state")]

    def __str__(self) -> str:
        return f"{self.policy_version} {self.as_of}"


class ProposalItem(models.Model):
    """One candidate. `inputs` and `outcome` are the canonical texts that the evaluation saw and gave."""

    class Verdict(models.TextChoices):
        WAITING = "", _("Waiting")
        YES = "yes", pgettext_lazy("verdict", "Yes")
        NO = "no", pgettext_lazy("verdict", "No")

    proposal = models.ForeignKey(Proposal, on_delete=models.CASCADE, related_name="items")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="proposal_items"
    )
    from_tier = models.CharField(max_length=30, blank=True)
    to_tier = models.CharField(max_length=30)
    rises = models.BooleanField()
    score = models.CharField(max_length=40, blank=True)
    inputs = models.TextField()
    outcome = models.TextField()
    verdict = models.CharField(max_length=3, choices=Verdict, default=Verdict.WAITING, blank=True)
    verdict_reason = models.TextField(blank=True)
    verdict_by_id = models.BigIntegerField(null=True)
    verdict_by = models.CharField(max_length=150, blank=True)
    verdict_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["proposal", "customer"], name="proposal_item_once")]
        indexes = [models.Index(fields=["proposal", "verdict", "id"], name="proposal_item_verdict")]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.from_tier} → {self.to_tier}"


class Decision(models.Model):
    """What was decided about a customer, from when until when (exclusive), and everything that it was based on."""

    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="decisions")
    kind = models.CharField(max_length=20, default="tier")
    value = models.CharField(max_length=30)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True)
    policy_version = models.ForeignKey(
        "rulebook.PolicyVersion", on_delete=models.PROTECT, null=True, related_name="decisions"
    )
    item = models.OneToOneField(ProposalItem, on_delete=models.SET_NULL, null=True, related_name="decision")
    as_of = models.DateField()
    inputs = models.TextField()
    outcome = models.TextField()
    reason = models.TextField(blank=True)
    decided_by_id = models.BigIntegerField(null=True)
    decided_by = models.CharField(max_length=150)
    decided_at = models.DateTimeField()
    moves_whole_on_merge = True  # two histories of one time cannot become one

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "kind"], name="decision_one_open", condition=Q(valid_to__isnull=True)
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")), name="decision_period"
            ),
        ]
        indexes = [models.Index(fields=["customer", "kind", "-valid_from"], name="decision_customer")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind} {self.value}"
