"""What this room refuses, in words for people."""

from __future__ import annotations

from django.utils.translation import gettext as _


class MessagingError(Exception):
    """Refused; the text says why and what to do. `field` names the form's field, where it is one."""

    is_refusal = True

    def __init__(self, text: str, field: str = "") -> None:
        super().__init__(text)
        self.field = field


def say_sealed_by_another_key() -> str:
    return _("The password was encrypted with another key. Enter it again in the channel's settings.")
