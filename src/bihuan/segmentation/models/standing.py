from django.db import models

from bihuan.kernel.fields import FixedField


class Standing(models.Model):
    """Where a customer stands now: a cache of the decisions in force, so that lists need one join."""

    customer = models.OneToOneField(
        "customers.Customer", on_delete=models.CASCADE, primary_key=True, related_name="standing"
    )
    tier = models.CharField(max_length=30, blank=True)
    tier_rank = models.PositiveSmallIntegerField(default=99)
    tier_since = models.DateField(null=True)
    health = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    health_state = models.CharField(max_length=30, blank=True)
    health_since = models.DateField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["tier_rank", "customer"], name="standing_tier"),
            models.Index(fields=["health_state", "-health_since"], name="standing_health"),
        ]

    def __str__(self) -> str:
        return self.tier


class MetricRow(models.Model):
    """A customer's current metric values, one row a customer: all of them by name, the most used as columns."""

    customer = models.OneToOneField(
        "customers.Customer", on_delete=models.CASCADE, primary_key=True, related_name="metrics"
    )
    as_of = models.DateField()
    values = models.JSONField(default=dict)
    revenue_12m = FixedField(default=0)
    margin_12m = FixedField(default=0)
    orders_12m = models.IntegerField(default=0)
    recency_days = models.IntegerField(null=True)
    overdue_amount = FixedField(default=0)

    class Meta:
        indexes = [
            models.Index(fields=["revenue_12m", "customer"], name="metric_revenue"),
            models.Index(fields=["recency_days", "customer"], name="metric_recency"),
            models.Index(
                fields=["overdue_amount", "customer"],
                name="metric_overdue",
                condition=models.Q(overdue_amount__gt=0),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.as_of}"
