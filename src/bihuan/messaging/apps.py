from django.apps import AppConfig


class MessagingConfig(AppConfig):
    name = "bihuan.messaging"
    label = "messaging"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from . import wording as wording  # names what the room writes into the journal
