"""Words for the actions in the journal. Each room names its own; an action without a name is shown by its code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from bihuan.kernel.pages.lists import lists

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    Label = str | _StrPromise
else:
    Label = Any

_actions: dict[str, Label] = {
    "secret.read": _("Read secret fields"),
    "list.exported": _("Exported a list"),
    "journal.exported": _("Exported the journal"),
    "view.saved": _("Saved a view of a list"),
    "view.deleted": _("Deleted a view of a list"),
}

_objects: dict[str, Label] = {"view": _("Saved views")}
_vias: dict[str, Label] = {
    "page": _("Page"),
    "cli": _("Command"),
    "api": _("Interface"),
    "job": _("Background work"),
    "system": _("The program itself"),
}


def name_actions(words: Mapping[str, Label]) -> None:
    """Name a room's actions: `{"customer.created": _("Created a customer")}`."""
    _actions.update(words)


def action_word(code: str) -> str:
    return str(_actions.get(code, code))


def known_actions() -> dict[str, str]:
    return {code: str(word) for code, word in _actions.items()}


def name_objects(words: Mapping[str, Label]) -> None:
    """Name kinds of objects as they stand in the journal."""
    _objects.update(words)


def object_word(code: str) -> str:
    """The kind of object in words. An export is of a list, which goes by its own title."""
    title = lists[code].title if code in lists else code
    return str(_objects.get(code, title))


def via_word(code: str) -> str:
    return str(_vias.get(code, code))
