from django.db import models


class MessageTemplate(models.Model):
    """The company's own wording of a message in one language; without a row the delivered wording counts."""

    key = models.CharField(max_length=80)
    language = models.CharField(max_length=10)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=150)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "language"], name="template_once")]

    def __str__(self) -> str:
        return f"{self.key} ({self.language})"
