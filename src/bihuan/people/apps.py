from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "bihuan.people"
    label = "people"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from bihuan.kernel.jobs import resolve_actors_with

        from . import access as access  # registers the record
        from . import sign_in
        from . import wording as wording  # names what the room writes into the journal
        from .actors import actor_by_id

        resolve_actors_with(actor_by_id)
        sign_in.listen()
