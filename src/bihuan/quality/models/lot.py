from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Upper
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.kernel.fields import FixedField
from bihuan.kernel.models import Tracked


class Lot(Tracked):
    """A quantity of one product that was made or received together. Its name is product code and number.

    `quantity` is what is left of it, in `unit`; null where the source never told amounts. `inflow` is all that ever went
    into it, in the common unit of balances; null where unknown. Both are sums of its movements. `disposition` is what was
    decided about it, `status` also says when nothing is left.
    """

    class Kind(models.TextChoices):
        RAW = "raw", pgettext_lazy("lot", "Raw material")
        INTERMEDIATE = "intermediate", pgettext_lazy("lot", "Intermediate")
        FINISHED = "finished", pgettext_lazy("lot", "Finished product")
        RETAINED = "retained", pgettext_lazy("lot", "Retained sample")

    class Status(models.TextChoices):
        QUARANTINE = "quarantine", pgettext_lazy("lot", "Quarantine")
        RELEASED = "released", pgettext_lazy("lot", "Released")
        HELD = "held", pgettext_lazy("lot", "On hold")
        REJECTED = "rejected", pgettext_lazy("lot", "Rejected")
        CONSUMED = "consumed", pgettext_lazy("lot", "Consumed")
        SHIPPED = "shipped", pgettext_lazy("lot", "Shipped")

    product = models.ForeignKey(
        "catalog.Product", on_delete=models.PROTECT, related_name="lots", db_index=False
    )
    number = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=Kind)
    unit = models.CharField(max_length=20, blank=True)
    quantity = FixedField(null=True, blank=True)
    inflow = FixedField(null=True, blank=True)
    disposition = models.CharField(max_length=10, choices=Status, default=Status.QUARANTINE)
    status = models.CharField(max_length=10, choices=Status, default=Status.QUARANTINE)
    made_at = models.DateTimeField()
    made_said = models.CharField(max_length=40, blank=True)
    expires_on = models.DateField(null=True, blank=True)
    supplier = models.CharField(max_length=150, blank=True)
    origin = models.CharField(max_length=150, blank=True)
    place = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "number"], name="lot_name"),
            models.CheckConstraint(condition=Q(quantity__isnull=True) | Q(quantity__gte=0), name="lot_stock"),
            models.CheckConstraint(
                condition=Q(disposition__in=["quarantine", "released", "held", "rejected"]),
                name="lot_disposition",
            ),
        ]
        indexes = [
            models.Index(fields=["-made_at", "-id"], name="lot_made"),
            models.Index(fields=["number"], name="lot_number"),
            models.Index(fields=["place"], name="lot_place", condition=~Q(place="")),
            models.Index(Upper("number"), name="lot_number_upper"),
            models.Index(fields=["status", "-made_at", "-id"], name="lot_status"),
        ]

    def __str__(self) -> str:
        return self.number


class LotEvent(models.Model):
    """What was decided about a lot, and why: appended, never changed or removed (see `protection`)."""

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    reason = models.CharField(max_length=300)
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)
    data = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["lot", "id"], name="lot_event_of")]

    def __str__(self) -> str:
        return f"{self.lot_id} {self.kind}"


class LotRule(models.Model):
    """What a product says of its lots. `tolerance` is a fraction of what went in; a product without a rule has none.

    `checks`: how many people verify a result. `refuses_own_limits`: what breaks a customer's own limits is not shipped there.
    `must_be_tested`: what is not tested for every limit in force is neither released nor shipped, whatever the reason.
    """

    class OnImbalance(models.TextChoices):
        REFUSE = "refuse", _("Refuse the posting")
        FLAG = "flag", _("Post it with a mark")

    product = models.OneToOneField("catalog.Product", on_delete=models.CASCADE, related_name="lot_rule")
    tolerance = FixedField(default=0)
    on_imbalance = models.CharField(max_length=6, choices=OnImbalance, default=OnImbalance.REFUSE)
    shelf_life_days = models.PositiveIntegerField(null=True, blank=True)
    needs_release = models.BooleanField(default=True)
    checks = models.PositiveSmallIntegerField(default=1, db_default=1)
    refuses_own_limits = models.BooleanField(default=False, db_default=False)
    must_be_tested = models.BooleanField(default=False, db_default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(checks__lte=2), name="lot_rule_checks")]

    def __str__(self) -> str:
        return str(self.product_id)


class UnitWeight(models.Model):
    """What one unit of a product is in the common unit in which movements are balanced (a drum is 200 kg)."""

    product = models.ForeignKey("catalog.Product", on_delete=models.CASCADE, related_name="unit_weights")
    unit = models.CharField(max_length=20)
    weight = FixedField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "unit"], name="unit_weight_of"),
            models.CheckConstraint(condition=Q(weight__gt=0), name="unit_weight_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.unit}"
