from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "bihuan.audit"
    label = "audit"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bihuan.kernel.pages import journal

        from . import access as access  # registers the record
        from .reading import note_read
        from .services import note_export, record

        journal.on("change", record)
        journal.on("export", note_export)
        journal.on("read", note_read)
