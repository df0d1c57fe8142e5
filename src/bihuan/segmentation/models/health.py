from django.db import models


class HealthChange(models.Model):
    """A customer's health came into another state, by which version of the policy, on values of which date.

    `before` is empty for the first time; `after` is empty when nothing is known any more.
    """

    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.CASCADE, related_name="health_changes"
    )
    policy_version = models.ForeignKey(
        "rulebook.PolicyVersion", on_delete=models.PROTECT, related_name="health_changes"
    )
    as_of = models.DateField()
    before = models.CharField(max_length=30, blank=True)
    after = models.CharField(max_length=30, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "-as_of"], name="health_change_customer")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.as_of}: {self.before} → {self.after}"
