from django.db import models

from .case import Case


class CaseEvent(models.Model):
    """One thing that happened to a case: appended, never changed or removed (the database refuses, see `protection`).

    `kind` is a name that `kernel.clocks` knows (opened, responded, paused, …) or one that moves no clock (noted,
    reassigned, merged, took_in). `is_internal`: not for the customer's eyes. `field_class`: who among the staff may
    read it.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="events", db_index=False)
    at = models.DateTimeField()
    kind = models.CharField(max_length=30)
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)
    data = models.JSONField(default=dict)
    is_internal = models.BooleanField(default=False)
    field_class = models.CharField(max_length=12, default="public")

    class Meta:
        indexes = [
            models.Index(fields=["case", "id"], name="case_event_case"),
            models.Index(
                fields=["case", "at", "id"], name="case_event_reopened", condition=models.Q(kind="reopened")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.case_id} {self.kind}"
