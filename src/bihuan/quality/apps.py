from django.apps import AppConfig


class QualityConfig(AppConfig):
    name = "bihuan.quality"
    label = "quality"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .certificates import telling as telling  # messages that the page of wordings offers
