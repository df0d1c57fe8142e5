"""Trying a channel out: signing in at both servers, without sending or fetching anything."""

from __future__ import annotations

import smtplib
from contextlib import suppress
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from . import imap, smtp
from .channel_settings import MailSettings, password_of, settings_of
from .errors import MessagingError
from .models import Channel


@dataclass(frozen=True)
class Check:
    channel: str
    part: str  # smtp or imap
    works: bool
    text: str

    def facts(self) -> dict[str, Any]:
        return asdict(self)


def check_channel(channel: Channel) -> list[Check]:
    """What works and what does not, in words; a part that is not set up is left out."""
    settings = settings_of(channel)
    found = []
    if settings.sends:
        found.append(_check(channel, "smtp", _try_smtp))
    if settings.receives:
        found.append(_check(channel, "imap", _try_imap))
    return found or [
        Check(channel.name, "–", False, _("Neither a server to send by nor one to read from is set up."))
    ]


def _check(channel: Channel, part: str, attempt: Any) -> Check:
    try:
        return Check(channel.name, part, True, attempt(settings_of(channel), password_of(channel, part)))
    except (smtp.Unreachable, MessagingError) as error:
        return Check(channel.name, part, False, str(error))


def _try_smtp(settings: MailSettings, password: str) -> str:
    server = smtp.connect(settings, password)
    with suppress(OSError, smtplib.SMTPException):
        server.quit()
    return _("Connected to %(host)s and signed in.") % {
        "host": f"{settings.smtp_host}:{settings.port('smtp')}"
    }


def _try_imap(settings: MailSettings, password: str) -> str:
    with imap.opened(settings, password) as folder:
        count = folder.messages
    text = ngettext("%(n)s mail in %(folder)s.", "%(n)s mails in %(folder)s.", count)
    return text % {"n": count, "folder": settings.folder}
