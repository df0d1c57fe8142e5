from django.db import models


class AccessOverride(models.Model):
    """A cell of the access table that this company changed."""

    role = models.CharField(max_length=30)
    object_name = models.CharField(max_length=40)
    action = models.CharField(max_length=30)
    scope = models.PositiveSmallIntegerField()
    classes = models.JSONField(default=list)
    updated_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["role", "object_name", "action"], name="access_override_cell")
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.action} {self.object_name}"
