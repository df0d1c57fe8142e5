from django.db import models


class DeliveryEvent(models.Model):
    """One line of the delivery log, only ever added (the database itself refuses anything else).

    Messages and channels are numbers, not foreign keys: the log outlives what it speaks of.
    """

    at = models.DateTimeField()
    channel_id = models.BigIntegerField()
    out_id = models.BigIntegerField(null=True)
    in_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=30)
    recipient = models.CharField(max_length=254, blank=True)
    code = models.CharField(max_length=40, blank=True)
    note = models.TextField(blank=True)

    class Meta:
        indexes = [
            models.Index(fields=["out_id", "id"], name="delivery_out"),
            models.Index(fields=["in_id", "id"], name="delivery_in"),
            models.Index(fields=["channel_id", "-id"], name="delivery_channel"),
        ]
