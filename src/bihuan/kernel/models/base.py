from django.db import models


class Tracked(models.Model):
    """A fact that can be imported, edited and undone.

    `version` rises with every change by anybody; an import remembers the version that it left, so that its undo can
    tell what has been changed since. `import_id` names the import that created the row (no foreign key: imports
    live in a higher room).
    """

    version = models.PositiveIntegerField(default=1)
    import_id = models.BigIntegerField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        abstract = True
