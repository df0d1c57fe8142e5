from django.db import models


class Setting(models.Model):
    """What the company decided about the program itself: pack, name, time zone, overrides."""

    name = models.CharField(max_length=80, primary_key=True)
    value = models.JSONField()
    updated_at = models.DateTimeField()
