from django.db import models
from django.db.models import Q

from bihuan.kernel.fields import FixedField
from bihuan.kernel.models import Tracked

from .order import Order


class Payment(Tracked):
    """Money that came in from a customer (or went back: negative)."""

    external_id = models.CharField(max_length=60, null=True, blank=True, unique=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="payments", db_index=False
    )
    order = models.ForeignKey(
        Order, on_delete=models.SET_NULL, null=True, blank=True, related_name="payments"
    )
    amount = FixedField()
    currency = models.CharField(max_length=3, blank=True)
    paid_on = models.DateField()
    method = models.CharField(max_length=40, blank=True)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [models.Index(fields=["customer", "-paid_on"], name="payment_customer")]

    def __str__(self) -> str:
        return f"{self.paid_on} {self.amount}"


class Receivable(Tracked):
    """What a customer owes, by when; `settled_on` is set when nothing is left of it."""

    external_id = models.CharField(max_length=60, null=True, blank=True, unique=True)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="receivables", db_index=False
    )
    order = models.ForeignKey(
        Order, on_delete=models.SET_NULL, null=True, blank=True, related_name="receivables"
    )
    amount = FixedField()
    settled_amount = FixedField(default=0)
    issued_on = models.DateField()
    due_on = models.DateField()
    settled_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "due_on"], name="receivable_customer"),
            models.Index(fields=["due_on"], name="receivable_open", condition=Q(settled_on__isnull=True)),
        ]

    def __str__(self) -> str:
        return f"{self.due_on} {self.amount}"
