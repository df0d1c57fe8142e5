from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from bihuan.kernel.fields import FixedField

from .lot import Lot


class ResultRows(models.QuerySet["TestResult"]):
    """The one rule of which results count: for releases, certificates, the search for causes, control charts, the log."""

    def verified(self) -> ResultRows:
        """Those that counted at some time, also if they were declared invalid since."""
        return self.filter(is_draft=False)

    def standing(self) -> ResultRows:
        """Those that count: verified by as many as it needed, and not declared invalid."""
        return self.verified().filter(invalid_at=None)

    def awaiting(self) -> ResultRows:
        """Those that somebody still has to verify."""
        return self.filter(is_draft=True, invalid_at=None)


class TestResult(models.Model):
    """One result of a lot: a value, "below the limit of detection", or a text. Never edited; a wrong one is invalidated and the
    test done again (`retest_of`).

    `sample` names the sample where one lot was analysed several times. `uncertainty` is expanded with k = 2, in the unit of the
    value. A draft counts once `checks_wanted` people have verified it; what was imported counts at once. `entry_key` names the
    form that brought it, so that a form sent twice enters it once.
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
    uncertainty = models.FloatField(null=True, blank=True)
    entered_by = models.CharField(max_length=150, blank=True)
    entered_key = models.CharField(max_length=40, blank=True, default="", db_default="")
    entry_key = models.CharField(max_length=36, blank=True, default="", db_default="")
    is_draft = models.BooleanField(default=False, db_default=False)
    checks_wanted = models.PositiveSmallIntegerField(default=0, db_default=0)
    verified_by = models.CharField(max_length=150, blank=True)
    invalid_at = models.DateTimeField(null=True, blank=True)
    invalid_reason = models.CharField(max_length=300, blank=True)
    retest_of = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="retest"
    )
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, blank=True, editable=False)

    objects = ResultRows.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["lot", "characteristic"], name="test_result_of"),
            models.Index(
                fields=["lot"],
                name="test_result_awaiting",
                condition=Q(is_draft=True, invalid_at__isnull=True),
            ),
            models.Index(fields=["lot"], name="test_result_fell", condition=Q(invalid_at__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(invalid_at__isnull=True) | ~Q(invalid_reason=""), name="test_result_invalid_why"
            ),
            models.CheckConstraint(
                condition=Q(is_draft=False) | Q(checks_wanted__gt=0), name="test_result_draft_waits"
            ),
            models.CheckConstraint(
                condition=Q(uncertainty__isnull=True) | Q(uncertainty__gte=0), name="test_result_uncertainty"
            ),
            models.UniqueConstraint(
                fields=["entry_key", "characteristic"],
                name="test_result_entered_once",
                condition=~Q(entry_key=""),
            ),
        ]

    def __str__(self) -> str:
        return self.said

    @property
    def counts(self) -> bool:
        """As `ResultRows.standing` says of rows."""
        return not self.is_draft and self.invalid_at is None


class ResultCheck(models.Model):
    """Somebody verified a result: appended, never changed or removed (see `laboratory.protection`)."""

    result = models.ForeignKey(TestResult, on_delete=models.PROTECT, related_name="checks", db_index=False)
    at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["result", "actor"], name="result_check_once")]

    def __str__(self) -> str:
        return f"{self.result_id} {self.actor_name}"


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
