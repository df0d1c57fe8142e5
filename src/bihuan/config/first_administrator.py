"""A company without people cannot be entered: the first administrator, made once, changed by its owner."""

from __future__ import annotations

import json
import os
import secrets
import string
from datetime import datetime

from django.utils.translation import gettext as _

from bihuan.config import environment
from bihuan.kernel.actor import SYSTEM
from bihuan.people.models import User
from bihuan.people.services import create_user

USERNAME = "admin"
ALPHABET = string.ascii_lowercase + string.digits


def create_first_administrator(*, now: datetime) -> str | None:
    """Creates the user `admin` where there is nobody yet, and leaves the sign-in in the home folder for `bihuan up`
    to show. Returns the password, None where there are people already. BIHUAN_ADMIN_PASSWORD gives one of choice.
    """
    if User.objects.exists():
        return None
    password = os.environ.get("BIHUAN_ADMIN_PASSWORD") or made_password()
    create_user(
        actor=SYSTEM,
        username=USERNAME,
        name=_("Administrator"),
        # Also a director: whoever is alone decides on proposals too, until there are others to give the post to.
        roles=["administrator", "director"],
        password=password,
        now=now,
    )
    keep_sign_in(password)
    return password


def made_password() -> str:
    """Three groups of five: 77 bits, and can be read out."""
    return "-".join("".join(secrets.choice(ALPHABET) for _place in range(5)) for _group in range(3))


def keep_sign_in(password: str) -> None:
    path = environment.home() / "sign-ins.json"
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        json.dump([{"username": USERNAME, "password": password, "role": _("Administrator")}], stream)
