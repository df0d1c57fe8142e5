from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from bihuan.kernel.fields import FixedField

from .lot import Lot


class TestResult(models.Model):
    """One result of a lot: a value, "below the limit of detection", or a text. Never edited; a wrong one is invalidated and the
    test done again (`retest_of`).

    `sample` names the sample where one lot was analysed several times.
    """

    __test__ = False  # not for pytest, which collects by name

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="tests", db_index=False)
    characteristic = models.ForeignKey("catalog.Characteristic", on_delete=models.PROTECT, related_name="+")
    value = models.FloatField(null=True, blank=True)
    said = models.CharField(max_length=80)
    is_below_detection = models.BooleanField(default=False)
    unit = models.CharField(max_length=30, blank=True)
    method = models.CharField(max_length=120, blank=True)
    instrument = models.CharField(max_length=80, blank=True)
    laboratory = models.CharField(max_length=80, blank=True)
    sample = models.CharField(max_length=60, blank=True)
    tested_at = models.DateTimeField()
    entered_by = models.CharField(max_length=150, blank=True)
    verified_by = models.CharField(max_length=150, blank=True)
    invalid_at = models.DateTimeField(null=True, blank=True)
    invalid_reason = models.CharField(max_length=300, blank=True)
    retest_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="retest"
    )
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        indexes = [models.Index(fields=["lot", "characteristic"], name="test_result_of")]
        constraints = [
            models.CheckConstraint(
                condition=Q(invalid_at__isnull=True) | ~Q(invalid_reason=""), name="test_result_invalid_why"
            )
        ]

    def __str__(self) -> str:
        return self.said


class Specification(models.Model):
    """A product's limits for a characteristic, in general or for one customer; `valid_to` is exclusive, null means open."""

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="specifications")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, null=True, blank=True, related_name="specifications"
    )
    characteristic = models.ForeignKey("catalog.Characteristic", on_delete=models.PROTECT, related_name="+")
    lower = FixedField(null=True, blank=True)
    upper = FixedField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "customer", "characteristic", "valid_from"],
                name="specification_period",
                condition=Q(customer__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["product", "characteristic", "valid_from"],
                name="specification_general",
                condition=Q(customer__isnull=True),
            ),
            models.CheckConstraint(
                condition=Q(lower__isnull=False) | Q(upper__isnull=False), name="specification_limits"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.characteristic_id}"


class ProcessReading(models.Model):
    """What a step of a lot's making read for a parameter: the summary over the lot.

    `set_point`, `lower`, `upper`: what the step was to run at, as handed over with the reading, in its unit; null where not told.
    """

    class Statistic(models.TextChoices):
        VALUE = "value", pgettext_lazy("reading", "Value")
        MEAN = "mean", pgettext_lazy("reading", "Mean")
        MEDIAN = "median", pgettext_lazy("reading", "Median")
        DEVIATION = "sd", pgettext_lazy("reading", "Standard deviation")
        MINIMUM = "min", pgettext_lazy("reading", "Minimum")
        MAXIMUM = "max", pgettext_lazy("reading", "Maximum")

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="readings", db_index=False)
    step = models.CharField(max_length=60, blank=True)
    parameter = models.CharField(max_length=80)
    statistic = models.CharField(max_length=6, choices=Statistic, default=Statistic.VALUE)
    value = models.FloatField(null=True, blank=True)
    said = models.CharField(max_length=80)
    unit = models.CharField(max_length=30, blank=True)
    set_point = models.FloatField(null=True, blank=True)
    lower = models.FloatField(null=True, blank=True)
    upper = models.FloatField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "step", "parameter", "statistic"], name="process_reading_of"
            )
        ]

    def __str__(self) -> str:
        return f"{self.parameter} {self.said}"
