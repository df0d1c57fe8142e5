from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.fields import FixedField

from .case import Case
from .investigation import Factor, Investigation


class QualityCost(models.Model):
    """What quality cost, by the PAF model. An entry is never changed: one that was wrong is reversed by its opposite."""

    class Category(models.TextChoices):
        PREVENTION = "prevention", _("Prevention")
        APPRAISAL = "appraisal", _("Appraisal")
        INTERNAL = "internal", _("Internal failure")
        EXTERNAL = "external", _("External failure")

    category = models.CharField(max_length=10, choices=Category)
    amount = FixedField()
    incurred_on = models.DateField()
    text = models.CharField(max_length=300, blank=True)
    factor = models.CharField(max_length=12, choices=Factor, blank=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, blank=True, related_name="quality_costs"
    )
    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    case = models.ForeignKey(
        Case, on_delete=models.PROTECT, null=True, blank=True, related_name="quality_costs"
    )
    investigation = models.ForeignKey(
        Investigation, on_delete=models.PROTECT, null=True, blank=True, related_name="quality_costs"
    )
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )
    created_at = models.DateTimeField()
    created_by = models.CharField(max_length=150)

    class Meta:
        indexes = [models.Index(fields=["incurred_on", "id"], name="quality_cost_date")]
        constraints = [
            models.CheckConstraint(
                condition=Q(reverses__isnull=True, amount__gt=0) | Q(reverses__isnull=False, amount__lt=0),
                name="quality_cost_sign",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.incurred_on} {self.category} {self.amount}"
