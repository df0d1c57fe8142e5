from django.db import models

from .customer import Customer


class Competitor(models.Model):
    """A company that sells what we sell."""

    name = models.CharField(max_length=200, unique=True)
    note = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name


class CustomerCompetitor(models.Model):
    """What a competitor has at a customer; `share_percent` of what the customer buys, 0-100."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="competitors")
    competitor = models.ForeignKey(Competitor, on_delete=models.CASCADE, related_name="customers")
    products = models.CharField(max_length=200, blank=True)
    share_percent = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    as_of = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "competitor"], name="customer_competitor_once")
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}: {self.competitor}"
