from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.fields import FixedField
from bihuan.kernel.models import Tracked

from .lot import Lot


class Movement(Tracked):
    """One posting: lots that were taken and lots that were made, under a document number. Never edited; reversed by its opposite.

    `digest` is of what was asked, so that the same document posted twice is one. `lost` and `gap` are in the common unit of
    balances: what was declared lost, and what is missing (negative: too much); `gap` is null where it cannot be told.
    """

    class Kind(models.TextChoices):
        RECEIVE = "receive", pgettext_lazy("movement", "Receipt")
        PRODUCE = "produce", pgettext_lazy("movement", "Production")
        BLEND = "blend", pgettext_lazy("movement", "Blend")
        SPLIT = "split", pgettext_lazy("movement", "Split")
        MERGE = "merge", pgettext_lazy("movement", "Merge")
        REWORK = "rework", pgettext_lazy("movement", "Rework")
        TRANSFER = "transfer", pgettext_lazy("movement", "Transfer")
        SHIP = "ship", pgettext_lazy("movement", "Shipment")
        ADJUST = "adjust", pgettext_lazy("movement", "Adjustment")
        LOSS = "loss", pgettext_lazy("movement", "Loss")
        RETURN = "return", pgettext_lazy("movement", "Return")

    number = models.CharField(max_length=80, unique=True)
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)
    lost = FixedField(default=0)
    gap = FixedField(null=True)
    is_flagged = models.BooleanField(default=False)
    note = models.CharField(max_length=300, blank=True)
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)
    reverses = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reversed_by"
    )

    class Meta:
        indexes = [models.Index(fields=["-at", "-id"], name="movement_at")]

    def __str__(self) -> str:
        return self.number


class MovementLine(models.Model):
    """A lot in a posting. `quantity` is signed: below zero what was taken, above zero what was made; null where not told.

    `weight` is the same in the common unit. `is_heel`: what had remained in the tank.
    """

    movement = models.ForeignKey(Movement, on_delete=models.CASCADE, related_name="lines", db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="lines", db_index=False)
    is_output = models.BooleanField()
    quantity = FixedField(null=True)
    weight = FixedField(null=True)
    is_heel = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["movement", "id"], name="movement_line_of"),
            models.Index(fields=["lot", "movement"], name="movement_line_lot"),
        ]

    def __str__(self) -> str:
        return f"{self.movement_id} {self.lot_id}"


class LotEdge(models.Model):
    """How much of one lot is in another. Follows from the lines of postings that were not reversed.

    `quantity` is in the source's unit, `weight` in the common unit. `heel` is the source's share of the target where it was
    what had remained in a tank, else null. Both indexes hold all that a trace reads of an edge.
    """

    is_fact = False
    source = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="edges_out", db_index=False)
    target = models.ForeignKey(Lot, on_delete=models.CASCADE, related_name="edges_in", db_index=False)
    movement = models.ForeignKey(Movement, on_delete=models.CASCADE, related_name="edges")
    quantity = FixedField(null=True)
    weight = FixedField(null=True)
    heel = FixedField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["target", "source", "weight", "quantity", "heel"], name="lot_edge_up"),
            models.Index(fields=["source", "target", "weight", "quantity", "heel"], name="lot_edge_down"),
        ]

    def __str__(self) -> str:
        return f"{self.source_id} {self.target_id}"


class LotShipment(models.Model):
    """How much of a lot went to whom; a reversed shipment has its opposite beside it.

    `line`: of the order, where it is known which. `drawn` of the quantity used up a `reservation`. `arrival` says what is known
    of the way: nothing of what was shipped before arrivals were noted or was imported, and nothing of opposite rows.
    """

    class Arrival(models.TextChoices):
        UNTOLD = "", pgettext_lazy("shipment", "Arrival not noted")
        ON_WAY = "way", pgettext_lazy("shipment", "On the way")
        ARRIVED = "arrived", pgettext_lazy("shipment", "Arrived")
        RETURNED = "returned", pgettext_lazy("shipment", "Came back")
        REVERSED = "reversed", pgettext_lazy("shipment", "Taken back")

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="shipments", db_index=False)
    movement = models.ForeignKey(Movement, on_delete=models.PROTECT, related_name="shipments")
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="lot_shipments", db_index=False
    )
    order = models.ForeignKey(
        "sales.Order", on_delete=models.PROTECT, null=True, blank=True, related_name="lot_shipments"
    )
    quantity = FixedField()
    unit = models.CharField(max_length=20, blank=True)
    shipped_at = models.DateTimeField()
    line = models.ForeignKey(
        "sales.OrderLine", on_delete=models.PROTECT, null=True, blank=True, related_name="lot_shipments",
        db_index=False,
    )  # fmt: skip
    reservation = models.ForeignKey(
        "quality.LotReservation", on_delete=models.PROTECT, null=True, blank=True, related_name="shipments", db_index=False
    )  # fmt: skip
    drawn = FixedField(default=0, db_default=0)
    arrival = models.CharField(max_length=10, choices=Arrival, blank=True, default="", db_default="")
    arrived_on = models.DateField(null=True, blank=True)
    received_by = models.CharField(max_length=80, blank=True, default="", db_default="")

    class Meta:
        verbose_name = _("Lot shipment")
        indexes = [
            models.Index(fields=["lot", "customer"], name="lot_shipment_way", condition=Q(arrival="way")),
            models.Index(fields=["line"], name="lot_shipment_line", condition=Q(line__isnull=False)),
            models.Index(
                fields=["reservation"], name="lot_shipment_drawn", condition=Q(reservation__isnull=False)
            ),
            models.Index(fields=["lot", "customer"], name="lot_shipment_of"),
            models.Index(fields=["customer", "-shipped_at"], name="lot_shipment_customer"),
        ]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.customer_id}"
