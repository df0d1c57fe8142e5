from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.fields import FixedField
from bihuan.kernel.models import Tracked


class Order(Tracked):
    """A document of a sale: an order or invoice, a credit note, an adjustment. `amount` is the sum of its lines."""

    class Kind(models.TextChoices):
        ORDER = "order", _("Order")
        CREDIT_NOTE = "credit_note", _("Credit note")
        ADJUSTMENT = "adjustment", _("Adjustment")

    number = models.CharField(max_length=60, unique=True)
    kind = models.CharField(max_length=12, choices=Kind, default=Kind.ORDER)
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        db_index=False,
    )
    ordered_at = models.DateTimeField()
    ordered_on = models.DateField()
    currency = models.CharField(max_length=3, blank=True)
    country = models.CharField(max_length=60, blank=True)
    amount = FixedField(default=0)
    line_count = models.PositiveIntegerField(default=0)
    note = models.CharField(max_length=300, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["customer", "-ordered_on"], name="order_customer"),
            models.Index(fields=["ordered_on", "id"], name="order_date"),
        ]

    def __str__(self) -> str:
        return self.number


class OrderLine(models.Model):
    """A line of a document. Customer and date are repeated from the document, so that sums need no join.

    `amount` = quantity × price, rounded half-even to six places. `cost` is the line's whole cost, for the margin.
    `cancels` points from a cancelling line to the one it cancels.
    """

    class Kind(models.IntegerChoices):
        SALE = 1, _("Sale")
        CANCELLATION = 2, _("Cancellation")
        ADJUSTMENT = 3, _("Adjustment")

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines", db_index=False)
    ordinal = models.PositiveIntegerField()
    external_id = models.CharField(max_length=60, null=True, blank=True)
    kind = models.PositiveSmallIntegerField(choices=Kind, default=Kind.SALE)
    customer = models.ForeignKey(
        "customers.Customer",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        db_index=False,
    )
    ordered_on = models.DateField()
    product = models.ForeignKey("catalog.Product", on_delete=models.PROTECT, related_name="+", db_index=False)
    quantity = FixedField()
    price = FixedField()
    amount = FixedField()
    cost = FixedField(null=True, blank=True)
    promised_on = models.DateField(null=True, blank=True)
    delivered_on = models.DateField(null=True, blank=True)
    delivered_quantity = FixedField(null=True, blank=True)
    cancels = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="cancelled_by", db_index=False
    )
    is_exact_duplicate = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "ordinal"], name="order_line_ordinal")]
        indexes = [
            models.Index(fields=["customer", "ordered_on"], name="order_line_customer"),
            models.Index(fields=["product"], name="order_line_product"),
            models.Index(fields=["cancels"], name="order_line_cancels", condition=Q(cancels__isnull=False)),
            models.Index(
                fields=["external_id"], name="order_line_external", condition=Q(external_id__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.order_id}/{self.ordinal}"
