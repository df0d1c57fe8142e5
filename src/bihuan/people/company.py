"""Our own company as papers and public pages call it."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.audit.services import record
from bihuan.kernel.actor import Actor, require
from bihuan.kernel.settings_store import change_setting, get_setting

from .errors import PeopleError

NAME = "company.name"
MOST = 120


def company_name() -> str:
    """Empty where nobody has said it yet."""
    return str(get_setting(NAME, "") or "")


@transaction.atomic
def name_company(*, actor: Actor, name: str, now: datetime) -> None:
    """Say in whose name papers are signed. The same again changes nothing.

    Raises `NotAllowed`, `PeopleError` for an empty name or one of more than 120 characters.
    """
    require(actor, "setting", "administer")
    name = " ".join(name.split())
    if not name or len(name) > MOST:
        raise PeopleError(_("A company's name has 1 to 120 characters."), "name")
    before = company_name()
    if name == before:
        return
    change_setting(NAME, name, now=now)
    record(
        actor, now, "company.named", object_type="setting", object_id=NAME, object_name=name, before={"name": before},
        after={"name": name},
    )  # fmt: skip
