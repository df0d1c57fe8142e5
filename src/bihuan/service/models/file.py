from django.db import models
from django.db.models import Q

from .case import Case


class CaseFile(models.Model):
    """A photo, film or document of a case. The content lies outside the database under its digest (`kernel.files`).

    `about`: what of the case it belongs to, such as `visit:12`; empty for the case itself. `small`: the digest of the
    picture in small, where there is one. Which event brought it and who may read it stand as there (`is_internal`,
    `field_class`). A file that was attached by mistake is withdrawn: it is handed out no more, and the event stays.
    """

    case = models.ForeignKey(Case, on_delete=models.PROTECT, related_name="files", db_index=False)
    about = models.CharField(max_length=40, blank=True)
    sha256 = models.CharField(max_length=64)
    small = models.CharField(max_length=64, blank=True)
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=80)
    size = models.PositiveBigIntegerField()
    is_internal = models.BooleanField(default=False)
    field_class = models.CharField(max_length=12, default="public")
    actor = models.CharField(max_length=40)
    actor_name = models.CharField(max_length=150)
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["case", "id"], name="case_file_case")]
        constraints = [
            # The same content once in a place: a form that was sent twice attaches nothing twice.
            models.UniqueConstraint(
                fields=["case", "about", "sha256"],
                condition=Q(withdrawn_at__isnull=True),
                name="case_file_once",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_image(self) -> bool:
        """Whether a page can show it: what every browser draws."""
        return self.content_type in ("image/jpeg", "image/png", "image/webp", "image/gif", "image/avif")

    @property
    def is_film(self) -> bool:
        return self.content_type.startswith("video/")
