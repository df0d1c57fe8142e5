from __future__ import annotations

from django.db import models

from .lot import Lot


class ReadingSeries(models.Model):
    """What a parameter of a step read through the making of a lot, point by point. Written once, never changed; the points lie in a
    Parquet file of the lake, several parameters that were read together in one.

    `count` are the points, blank ones among them; times are UTC. `file` is the path below the lake's folder, `sha256` the file's.
    `digest` is that of the canonical content (`series.content`), with unit, set-point and limits; it stands in the evidence log.
    `summary` and `shape` (at most 500 points as [microseconds since `first_at`, value], extremes kept) are worked out of the points.
    """

    lot = models.ForeignKey(Lot, on_delete=models.PROTECT, related_name="series", db_index=False)
    step = models.CharField(max_length=60, blank=True)
    parameter = models.CharField(max_length=80)
    unit = models.CharField(max_length=30, blank=True)
    set_point = models.FloatField(null=True, blank=True)
    lower = models.FloatField(null=True, blank=True)
    upper = models.FloatField(null=True, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()
    count = models.PositiveBigIntegerField()
    blank = models.PositiveBigIntegerField(default=0)
    summary = models.JSONField(default=dict)
    shape = models.JSONField(default=list)
    file = models.CharField(max_length=200)
    sha256 = models.CharField(max_length=64)
    digest = models.CharField(max_length=64)
    sealed_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, blank=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lot", "step", "parameter"], name="reading_series_of"),
        ]

    def __str__(self) -> str:
        return self.parameter
