from django.db import models
from django.utils.translation import gettext_lazy as _

from .customer import Customer


class Tag(models.Model):
    """A word on a customer: by value, by need, by behaviour."""

    class Group(models.TextChoices):
        VALUE = "value", _("Value")
        NEED = "need", _("Need")
        BEHAVIOUR = "behaviour", _("Behaviour")
        OTHER = "other", _("Other")

    code = models.CharField(max_length=60, unique=True)
    label = models.CharField(max_length=60)
    label_en = models.CharField(max_length=60, blank=True)
    group = models.CharField(max_length=12, choices=Group, default=Group.OTHER)
    colour = models.CharField(max_length=20, blank=True)

    def __str__(self) -> str:
        return self.label


class CustomerTag(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="customers")
    by_rule = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "tag"], name="customer_tag_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.tag_id}"
