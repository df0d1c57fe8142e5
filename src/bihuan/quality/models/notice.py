from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from .lot import Lot


class LotNotice(models.Model):
    """Somebody was told that a lot may not leave for a customer of theirs: it was not dispatched, or it was held while an order
    had it reserved or it was on the way. Told once of each lot and document (shipment, else order); anew when it is held anew."""

    class Kind(models.TextChoices):
        REFUSED = "refused", pgettext_lazy("lot notice", "Dispatch refused")
        RESERVED = "reserved", pgettext_lazy("lot notice", "Reserved")
        ON_WAY = "way", pgettext_lazy("lot notice", "On the way")

    lot = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="notices")
    recipient = models.ForeignKey(
        "people.User", on_delete=models.CASCADE, related_name="lot_notices", db_index=False
    )
    customer = models.ForeignKey("customers.Customer", on_delete=models.CASCADE, related_name="+")
    order = models.ForeignKey(
        "sales.Order", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.REFUSED)
    document = models.CharField(max_length=80)
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    is_fact = False  # the program's own note

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "recipient", "document"], name="lot_notice_once")
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-at"], name="lot_notice_unread", condition=Q(read_at__isnull=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.document}"
