from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import F, Q
from django.utils.translation import pgettext_lazy

from bihuan.kernel.fields import FixedField
from bihuan.kernel.models import Tracked

from .lot import Lot
from .movement import LotShipment


class LotReservation(Tracked):
    """So much of a lot is kept for a line of an order. `quantity` and `used` (shipped of it) are in the lot's unit.

    It holds until it is used up, released by somebody, or ended by the day after `until`, or with the line. `key` is the
    form's, so that a form sent twice is one reservation. A lot has at most one open reservation a line.
    """

    is_fact = False  # the program's own note

    class How(models.TextChoices):
        USED = "used", pgettext_lazy("reservation", "Used up")
        RELEASED = "released", pgettext_lazy("reservation", "Released")
        EXPIRED = "expired", pgettext_lazy("reservation", "Expired")
        CLOSED = "closed", pgettext_lazy("reservation", "Order line closed")

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="reservations", db_index=False)
    line = models.ForeignKey("sales.OrderLine", on_delete=models.PROTECT, related_name="lot_reservations")
    order = models.ForeignKey("sales.Order", on_delete=models.PROTECT, related_name="lot_reservations")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="lot_reservations"
    )
    quantity = FixedField()
    used = FixedField(default=0)
    unit = models.CharField(max_length=20, blank=True)
    until = models.DateField(null=True, blank=True)
    key = models.CharField(max_length=40, unique=True)
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)
    ended_at = models.DateTimeField(null=True)
    ended_how = models.CharField(max_length=10, choices=How, blank=True)
    ended_why = models.CharField(max_length=300, blank=True)
    ended_by = models.CharField(max_length=150, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lot", "line"], condition=Q(ended_at=None), name="lot_reservation_once"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0, used__gte=0, used__lte=F("quantity")),
                name="lot_reservation_amounts",
            ),
        ]
        indexes = [models.Index(fields=["lot"], name="lot_reservation_open", condition=Q(ended_at=None))]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.line_id}"

    @property
    def left(self) -> Decimal:
        """What it still keeps."""
        return self.quantity - self.used


class LotArrival(models.Model):
    """That a shipment arrived was noted, or (`arrived_on` null) that note taken back: appended, never changed or removed."""

    is_fact = False  # the program's own note
    shipment = models.ForeignKey(LotShipment, on_delete=models.PROTECT, related_name="arrivals")
    arrived_on = models.DateField(null=True)
    received_by = models.CharField(max_length=80, blank=True)
    note = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)

    def __str__(self) -> str:
        return f"{self.shipment_id} {self.arrived_on}"
