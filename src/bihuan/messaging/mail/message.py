"""A mail that was read: plain values, nothing of the email package."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a mail is taken. What is beyond is named with its size, and stays in the raw mail that is kept."""

    text: int = 500_000  # characters of the text
    attachment: int = 25 * 2**20  # bytes of one attachment
    attachments: int = 100
    depth: int = 12  # of parts within parts
    parts: int = 500


@dataclass(frozen=True, slots=True)
class Address:
    address: str = ""
    name: str = ""

    def __str__(self) -> str:
        return f"{self.name} <{self.address}>" if self.name else self.address

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2].lower()


@dataclass(frozen=True, slots=True)
class Attached:
    """`data` is None where the attachment was larger than the limit; `note` says so for people."""

    name: str
    declared_type: str
    size: int
    data: bytes | None
    content_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """What a bounce says of one recipient. `action` is failed, delayed, delivered, relayed or expanded."""

    recipient: str
    action: str = "failed"
    status: str = ""
    diagnostic: str = ""

    @property
    def is_final(self) -> bool:
        return self.action == "failed"


@dataclass
class Mail:
    """One mail. `headers` are decoded, by lower-case name, in the order in which they stand, the top one first."""

    message_id: str = ""
    has_own_id: bool = True
    sender: Address = Address()
    reply_to: tuple[Address, ...] = ()
    to: tuple[Address, ...] = ()
    cc: tuple[Address, ...] = ()
    delivered_to: tuple[str, ...] = ()
    subject: str = ""
    sent_at: datetime | None = None
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    text: str = ""
    is_from_html: bool = False
    attachments: list[Attached] = field(default_factory=list)
    reports: list[DeliveryReport] = field(default_factory=list)
    returned_ids: tuple[str, ...] = ()  # Message-IDs of ours that a bounce quotes
    headers: dict[str, list[str]] = field(default_factory=dict)
    content_type: str = "text/plain"
    notes: list[str] = field(default_factory=list)  # what could not be read as it should
    digest: str = ""  # of what the sender wrote, without what carriers add

    def header(self, name: str) -> str:
        return next(iter(self.headers.get(name.lower(), ())), "")

    @property
    def recipients(self) -> list[str]:
        """Every address to which the mail came, lower-case, each once."""
        found = [*self.delivered_to, *(one.address for one in (*self.to, *self.cc))]
        return list(dict.fromkeys(one.lower() for one in found if one))
