from django.db import models


class LakeChange(models.Model):
    """A part of a dataset (usually a month, `2011-08`) whose rows changed since it was last written to the lake."""

    dataset = models.CharField(max_length=60)
    part = models.CharField(max_length=20)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["dataset", "part"], name="lake_change_part")]
