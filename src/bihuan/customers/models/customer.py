from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.models import Tracked


class Customer(Tracked):
    """A company that buys from us.

    `external_id` is its number in the system that it came from. A customer that was merged into another keeps its
    row and points to the survivor (`merged_into`); lists leave such rows out. `name_key`, `pinyin` and `initials`
    are derived from the name by `matching.normalise`, for search and for the duplicate warning.
    """

    class Status(models.TextChoices):
        PROSPECT = "prospect", _("Prospect")
        ACTIVE = "active", _("Active")
        DORMANT = "dormant", _("Dormant")
        LOST = "lost", _("Lost")

    external_id = models.CharField(max_length=60, null=True, blank=True, unique=True)
    name = models.CharField(max_length=200)
    short_name = models.CharField(max_length=80, blank=True)
    name_en = models.CharField(max_length=200, blank=True)
    credit_code = models.CharField(max_length=18, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.ACTIVE)
    industry = models.CharField(max_length=60, blank=True)
    kind = models.CharField(max_length=40, blank=True)
    country = models.CharField(max_length=60, blank=True)
    region = models.CharField(max_length=60, blank=True)
    city = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=300, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    email = models.EmailField(blank=True)
    website = models.CharField(max_length=200, blank=True)
    customer_since = models.DateField(null=True, blank=True)
    note = models.TextField(blank=True)
    owner_a = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="customers_a"
    )
    owner_b = models.ForeignKey(
        "people.User", on_delete=models.SET_NULL, null=True, blank=True, related_name="customers_b"
    )
    team = models.ForeignKey(
        "people.Team", on_delete=models.SET_NULL, null=True, blank=True, related_name="customers"
    )
    # Nearly all rows are NULL here: an index over all of them would draw every list to it, away from its own order.
    merged_into = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="merged_from", db_index=False
    )
    name_key = models.CharField(max_length=200, blank=True, db_index=True, editable=False)
    pinyin = models.CharField(max_length=400, blank=True, db_index=True, editable=False)
    initials = models.CharField(max_length=80, blank=True, editable=False)
    phone_key = models.CharField(max_length=40, blank=True, db_index=True, editable=False)
    completeness = models.PositiveSmallIntegerField(default=0, editable=False)
    verified_on = models.DateField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["name", "id"], name="customer_name"),
            models.Index(fields=["owner_a"], name="customer_owner_a"),
            models.Index(fields=["credit_code"], name="customer_credit_code"),
            models.Index(fields=["updated_at", "id"], name="customer_updated"),
            # Counting a list reads this instead of whole rows.
            models.Index(fields=["id", "merged_into"], name="customer_live"),
            models.Index(
                fields=["merged_into"], name="customer_merged", condition=Q(merged_into__isnull=False)
            ),
            models.Index(fields=["industry", "id"], name="customer_industry"),
            models.Index(fields=["region", "id"], name="customer_region"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(merged_into=models.F("id")), name="customer_not_into_itself")
        ]

    def __str__(self) -> str:
        return self.short_name or self.name


class CustomerName(models.Model):
    """Another name of a customer: a former one, a trade name, a Latin one."""

    class Kind(models.TextChoices):
        FORMER = "former", _("Former name")
        SHORT = "short", _("Short name")
        TRADE = "trade", _("Trade name")
        LATIN = "latin", _("Latin name")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="names")
    kind = models.CharField(max_length=10, choices=Kind)
    name = models.CharField(max_length=200)
    name_key = models.CharField(max_length=200, db_index=True, editable=False)
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "kind", "name"], name="customer_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class CustomerRelation(models.Model):
    """How two customers belong together: `customer` is the … of `other`."""

    class Kind(models.TextChoices):
        PARENT = "parent", _("Parent company of")
        AGENT = "agent", _("Agent of")
        SAME_OWNER = "same_owner", _("Same owner as")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="relations")
    other = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="relations_to")
    kind = models.CharField(max_length=12, choices=Kind)
    note = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "other", "kind"], name="customer_relation_once"),
            models.CheckConstraint(condition=~Q(customer=models.F("other")), name="customer_relation_two"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.kind} {self.other_id}"


class CustomerFact(models.Model):
    """One structured fact of the customer's file: section (capability, credit, …), name, value, as of when."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="facts")
    section = models.CharField(max_length=30)
    name = models.CharField(max_length=60)
    value = models.JSONField()
    as_of = models.DateField()
    source = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["customer", "name", "as_of"], name="customer_fact_once")
        ]

    def __str__(self) -> str:
        return f"{self.section}.{self.name}"


class Site(Tracked):
    """A place of the customer's: works, warehouse, office."""

    external_id = models.CharField(max_length=60, null=True, blank=True, unique=True)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="sites")
    name = models.CharField(max_length=120)
    kind = models.CharField(max_length=30, blank=True)
    region = models.CharField(max_length=60, blank=True)
    city = models.CharField(max_length=60, blank=True)
    address = models.CharField(max_length=300, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name
