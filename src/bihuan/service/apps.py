from django.apps import AppConfig


class ServiceConfig(AppConfig):
    name = "bihuan.service"
    label = "service"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from .correspondence import wordings as wordings  # messages that the page of wordings offers
        from .lots import complaints as complaints  # lots that are no good ones
