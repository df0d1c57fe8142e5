from __future__ import annotations

from decimal import Decimal

from django.db import models
from django.db.models import Q
from django.utils.translation import pgettext_lazy

from bihuan.kernel.fields import FixedField
from bihuan.kernel.models import Tracked

from .lot import Lot


class Recall(Tracked):
    """A lot, and all that was made of it, is called back. At most one open recall a lot.

    `whole`: where the lot's amount was when it began, see `recall.whereabouts`; amounts as text, in the lot's unit.
    """

    is_fact = False  # the program's own note

    class Level(models.TextChoices):
        FIRST = "1", pgettext_lazy("recall", "Class I")
        SECOND = "2", pgettext_lazy("recall", "Class II")
        THIRD = "3", pgettext_lazy("recall", "Class III")

    class Asked(models.TextChoices):
        STOP = "stop", pgettext_lazy("recall", "Stop using it and keep it apart")
        RETURN = "return", pgettext_lazy("recall", "Send it back")
        DESTROY = "destroy", pgettext_lazy("recall", "Destroy it and confirm")
        CHECK = "check", pgettext_lazy("recall", "Check it before use")

    number = models.CharField(max_length=30)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="recalls")
    reason = models.CharField(max_length=300)
    level = models.CharField(max_length=1, choices=Level)
    asked = models.CharField(max_length=10, choices=Asked)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=150)
    closed_at = models.DateTimeField(null=True)
    summary = models.TextField(blank=True)
    whole = models.JSONField(default=dict)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot"], condition=Q(closed_at=None), name="recall_once"),
        ]
        indexes = [models.Index(fields=["-started_at", "-id"], name="recall_started")]

    def __str__(self) -> str:
        return self.number


class RecallLot(models.Model):
    """A lot that a recall concerns, as it was when the recall began. Amounts are in its own unit, null where never told.

    `made` = `stock` + `shipped` + `used` + `lost`. `share`: the part of it that is of the recalled lot; null where unknown.
    """

    is_fact = False  # the program's own note
    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="lots", db_index=False)
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="recalled", db_index=False)
    share = models.FloatField(null=True)
    place = models.CharField(max_length=60, blank=True)
    made = FixedField(null=True)
    stock = FixedField(null=True)
    shipped = FixedField(null=True)
    used = FixedField(null=True)
    lost = FixedField(null=True)
    on_way: Decimal | None = None  # of what was shipped, at the moment of showing; not kept

    class Meta:
        constraints = [models.UniqueConstraint(fields=["recall", "lot"], name="recall_lot_once")]
        indexes = [models.Index(fields=["lot"], name="recall_lot")]

    def __str__(self) -> str:
        return f"{self.recall_id} {self.lot_id}"


class RecallEntry(Tracked):
    """A customer to tell, and how much they have in one unit; one who has some in two units stands twice.

    State and amounts are what the entry's events add up to. What is neither returned, used up nor found is unaccounted.
    """

    is_fact = False  # the program's own note

    class State(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("recall", "To be told")
        UNREACHABLE = "unreachable", pgettext_lazy("recall", "Not reachable")
        TOLD = "told", pgettext_lazy("recall", "Told")
        ANSWERED = "answered", pgettext_lazy("recall", "Answered")

    class Via(models.TextChoices):
        PHONE = "phone", pgettext_lazy("recall", "Telephone")
        MAIL = "mail", pgettext_lazy("recall", "Mail")
        MESSAGE = "message", pgettext_lazy("recall", "Message")
        VISIT = "visit", pgettext_lazy("recall", "Visit")
        LETTER = "letter", pgettext_lazy("recall", "Letter")

    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="entries", db_index=False)
    customer = models.ForeignKey(
        "customers.Customer", on_delete=models.PROTECT, related_name="recall_entries"
    )
    unit = models.CharField(max_length=20, blank=True)
    quantity = FixedField()
    state = models.CharField(max_length=12, choices=State, default=State.WAITING)
    told_at = models.DateTimeField(null=True)
    told_via = models.CharField(max_length=10, choices=Via, blank=True)
    told_whom = models.CharField(max_length=80, blank=True)
    found = FixedField(default=0)
    returned = FixedField(default=0)
    used_up = FixedField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["recall", "customer", "unit"], name="recall_entry_once"),
        ]

    def __str__(self) -> str:
        return f"{self.recall_id} {self.customer_id}"


class RecallShipment(models.Model):
    """What an entry is made of: how much of which lot went under which order."""

    is_fact = False  # the program's own note
    entry = models.ForeignKey(RecallEntry, on_delete=models.PROTECT, related_name="shipments")
    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="+")
    order = models.ForeignKey("sales.Order", on_delete=models.PROTECT, null=True, related_name="+")
    quantity = FixedField()
    share = models.FloatField(null=True)
    shipped_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.entry_id} {self.lot_id}"


class RecallEvent(models.Model):
    """What happened in a recall: appended, never changed or removed. `data` holds kept amounts as text."""

    is_fact = False  # the program's own note
    recall = models.ForeignKey(Recall, on_delete=models.PROTECT, related_name="events")
    entry = models.ForeignKey(RecallEntry, on_delete=models.PROTECT, null=True, related_name="events")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12)
    note = models.CharField(max_length=500, blank=True)
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)
    data = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.recall_id} {self.kind}"
