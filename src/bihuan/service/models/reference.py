from django.db import models

from .case import Case


class CaseReference(models.Model):
    """What a case is about: a product, lot, shipment, order or document, by its kind and key (`kernel.references`).

    `key` is compared (half width, upper case); `label` is how it was written.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="references", db_index=False)
    kind = models.CharField(max_length=12)
    key = models.CharField(max_length=80)
    label = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "kind", "key"], name="case_reference_once")]
        indexes = [models.Index(fields=["kind", "key"], name="case_reference_key")]

    def __str__(self) -> str:
        return f"{self.kind} {self.label}"
