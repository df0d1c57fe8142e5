from django.db import models

from bihuan.kernel.fields import FixedField
from bihuan.kernel.models import Tracked


class Product(Tracked):
    """Something that is sold, by code."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=200)
    name_en = models.CharField(max_length=200, blank=True)
    family = models.CharField(max_length=80, blank=True)
    grade = models.CharField(max_length=80, blank=True)
    unit = models.CharField(max_length=20, blank=True)
    list_price = FixedField(null=True, blank=True)
    is_active = models.BooleanField(default=True)
    description = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.name or self.code


class Characteristic(models.Model):
    """A measurable property: purity, acid value, yield strength."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    name_en = models.CharField(max_length=120, blank=True)
    unit = models.CharField(max_length=30, blank=True)
    method = models.CharField(max_length=120, blank=True)

    def __str__(self) -> str:
        return self.name


class ProductCharacteristic(models.Model):
    """A product's limits for a characteristic in a period; `valid_to` is exclusive, null means open."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="characteristics")
    characteristic = models.ForeignKey(Characteristic, on_delete=models.PROTECT)
    lower = FixedField(null=True, blank=True)
    upper = FixedField(null=True, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["product", "characteristic", "valid_from"], name="product_characteristic_period"
            )
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.characteristic}"
