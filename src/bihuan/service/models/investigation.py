from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.models import Tracked

from .case import Case


class Investigation(Tracked):
    """Why something went wrong, worked out in the steps D0 to D8. Many customers' cases may point to one.

    What happened stands in `InvestigationEvent`; the columns here are what came of it. `first_closed_at` stays when an
    investigation is reopened.
    """

    class Kind(models.TextChoices):
        QUALITY = "quality", _("Product quality")
        DELIVERY = "delivery", _("Delivery")
        SERVICE = "service", pgettext_lazy("investigation", "Service")
        SAFETY = "safety", _("Safety")

    number = models.CharField(max_length=40, unique=True)
    title = models.CharField(max_length=120)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.QUALITY)
    severity = models.PositiveSmallIntegerField(default=2)
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    defect = models.CharField(max_length=80, blank=True)
    owner = models.ForeignKey("people.User", on_delete=models.SET_NULL, null=True, related_name="+")
    team = models.ForeignKey("people.Team", on_delete=models.SET_NULL, null=True, related_name="+")
    members = models.ManyToManyField("people.User", related_name="investigations", blank=True)
    cases = models.ManyToManyField(Case, through="InvestigationCase", related_name="investigations")
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)
    first_closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_due_at = models.DateTimeField(null=True, blank=True, editable=False)
    next_due_kind = models.CharField(max_length=30, blank=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["next_due_at", "id"], name="investigation_due"),
            models.Index(fields=["opened_at", "id"], name="investigation_opened"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(severity__in=[1, 2, 3]), name="investigation_severity"),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(first_closed_at__isnull=False),
                name="investigation_first_closing",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class InvestigationCase(models.Model):
    """A case belongs to one investigation at most."""

    investigation = models.ForeignKey(Investigation, on_delete=models.CASCADE, related_name="joined")
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="joined")
    joined_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.investigation_id} {self.case_id}"


class InvestigationEvent(models.Model):
    """One thing that happened in an investigation: appended, never changed or removed (see `protection`)."""

    investigation = models.ForeignKey(
        Investigation, on_delete=models.PROTECT, related_name="events", db_index=False
    )
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["investigation", "id"], name="investigation_event_of")]

    def __str__(self) -> str:
        return f"{self.investigation_id} {self.kind}"


class Factor(models.TextChoices):
    """The branches of the fishbone (6M)."""

    PEOPLE = "people", pgettext_lazy("6M", "People")
    MACHINE = "machine", _("Machine")
    MATERIAL = "material", _("Material")
    METHOD = "method", _("Method")
    MEASUREMENT = "measurement", _("Measurement")
    ENVIRONMENT = "environment", _("Environment")


class Finding(models.Model):
    """One line of the analysis. What turned out wrong is withdrawn, not removed."""

    class Part(models.TextChoices):
        IS = "is", _("Is")
        IS_NOT = "is_not", _("Is not")
        FISHBONE = "fishbone", _("Possible cause")
        WHY_OCCURRED = "why_occurred", _("Why did it occur?")
        WHY_ESCAPED = "why_escaped", _("Why did it escape?")
        ROOT_OCCURRED = "root_occurred", _("Root cause of the occurrence")
        ROOT_ESCAPED = "root_escaped", _("Root cause of the escape")

    investigation = models.ForeignKey(Investigation, on_delete=models.CASCADE, related_name="findings")
    part = models.CharField(max_length=14, choices=Part)
    factor = models.CharField(max_length=12, choices=Factor, blank=True)
    text = models.CharField(max_length=500)
    evidence = models.CharField(max_length=500, blank=True)
    withdrawn_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~Q(part__in=["fishbone", "root_occurred", "root_escaped"]) | ~Q(factor=""),
                name="finding_factor",
            ),
            models.CheckConstraint(
                condition=~Q(part__in=["root_occurred", "root_escaped"]) | ~Q(evidence=""),
                name="finding_evidence",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class InvestigationAction(models.Model):
    """What is done: at once for the goods at hand, against the cause, against the same elsewhere. Kept apart."""

    class Kind(models.TextChoices):
        CORRECTION = "correction", _("Correction")
        CORRECTIVE = "corrective", _("Corrective action")
        PREVENTIVE = "preventive", _("Preventive action")

    investigation = models.ForeignKey(Investigation, on_delete=models.CASCADE, related_name="actions")
    kind = models.CharField(max_length=10, choices=Kind)
    text = models.CharField(max_length=500)
    owner = models.ForeignKey("people.User", on_delete=models.SET_NULL, null=True, related_name="+")
    due_on = models.DateField()
    done_on = models.DateField(null=True)
    checked_on = models.DateField(null=True)
    is_effective = models.BooleanField(null=True)
    effect = models.CharField(max_length=500, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(checked_on__isnull=True)
                | Q(done_on__isnull=False, checked_on__gte=models.F("done_on")),
                name="action_checked_after_done",
            ),
            models.CheckConstraint(
                condition=Q(checked_on__isnull=True, is_effective__isnull=True)
                | Q(checked_on__isnull=False, is_effective__isnull=False),
                name="action_checked_says_how",
            ),
        ]

    def __str__(self) -> str:
        return self.text


class Verification(models.Model):
    """Data observed after the actions: what shows whether they worked."""

    investigation = models.ForeignKey(Investigation, on_delete=models.CASCADE, related_name="verifications")
    observed_on = models.DateField()
    text = models.CharField(max_length=500)
    is_good = models.BooleanField()

    def __str__(self) -> str:
        return self.text
