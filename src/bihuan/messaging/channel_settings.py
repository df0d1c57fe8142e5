"""What a mail channel's settings mean, as typed values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from .models import Channel
from .sealing import derived_key, unseal

PORTS = {("smtp", "tls"): 465, ("smtp", "starttls"): 587, ("smtp", "plain"): 25}
PORTS |= {("imap", "tls"): 993, ("imap", "starttls"): 143, ("imap", "plain"): 143}


@dataclass(frozen=True)
class MailSettings:
    """All but the passwords. `*_security`: tls, starttls, or plain (within one machine or net only)."""

    address: str = ""
    sender_name: str = ""
    smtp_host: str = ""
    smtp_port: int = 0
    smtp_security: str = "tls"
    smtp_user: str = ""
    imap_host: str = ""
    imap_port: int = 0
    imap_security: str = "tls"
    imap_user: str = ""
    folder: str = "INBOX"
    afterwards: str = "seen"  # seen, move, keep
    move_to: str = ""
    read_from: str = "new"  # new: what comes from now on; all: what lies there, too
    own_domains: list[str] = field(default_factory=list)
    checked_by: str = ""
    timeout: int = 30
    most_attempts: int = 8
    largest_mail: int = 40 * 2**20
    most_from_sender: int = 30

    @classmethod
    def of(cls, given: Mapping[str, Any]) -> MailSettings:
        known = {one.name for one in fields(cls)}
        return cls(**{name: value for name, value in given.items() if name in known})

    @property
    def sends(self) -> bool:
        return bool(self.smtp_host and self.address)

    @property
    def receives(self) -> bool:
        return bool(self.imap_host and self.address)

    @property
    def domains(self) -> list[str]:
        return sorted({self.address.rpartition("@")[2].lower(), *(one.lower() for one in self.own_domains)})

    def port(self, kind: str) -> int:
        given = self.smtp_port if kind == "smtp" else self.imap_port
        return given or PORTS[kind, self.smtp_security if kind == "smtp" else self.imap_security]


def settings_of(channel: Channel) -> MailSettings:
    return MailSettings.of(channel.settings)


def password_of(channel: Channel, which: str) -> str:
    """The password for `smtp` or `imap`; one that is not set is the other's, as mail providers have it."""
    for name in (which, "imap" if which == "smtp" else "smtp"):
        sealed = channel.sealed.get(name)
        if sealed:
            return unseal(sealed, bound_to(channel, name))
    return ""


def bound_to(channel: Channel, name: str) -> str:
    return f"channel:{channel.pk}:{name}"


def loop_mark() -> str:
    """What our own mails carry, so that they are known when they come back. Nobody else can write it."""
    return derived_key("loop").hex()[:32]
