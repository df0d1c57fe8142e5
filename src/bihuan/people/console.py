"""Who acts when a command runs."""

from __future__ import annotations

import argparse
import getpass
import os
import socket

from django.utils.translation import gettext as _

from bihuan.kernel.actor import SYSTEM, Actor
from bihuan.kernel.console import CommandRefused

from .actors import actor_for, people_with_access


def actor_of_command(options: argparse.Namespace) -> Actor:
    """`--user NAME` as that person with that person's rights; without it, the system.

    Refuses (status 2) a name that nobody has, and somebody who has left.
    """
    name = getattr(options, "user", None)
    if not name:
        return SYSTEM.through("cli", machine_account())
    person = people_with_access().filter(username__iexact=name).first()
    if person is None:
        raise CommandRefused(_("Nobody is called “%(name)s”.") % {"name": name}, status=2)
    if not person.is_active:
        raise CommandRefused(_("“%(name)s” has left and can no longer act.") % {"name": name}, status=2)
    return actor_for(person, "cli", machine_account())


def machine_account() -> str:
    """From where a command comes, for the journal: the account on the machine, and the machine's name."""
    try:
        account = getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container may run as a number that has no name
        account = str(os.getuid())
    return f"{account}@{socket.gethostname()}"[:64]
