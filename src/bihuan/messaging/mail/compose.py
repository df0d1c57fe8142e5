"""A mail to be sent, as bytes: everything that was decided when it was queued is in it, so that a second try is the same
mail with the same Message-ID."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email import policy
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.utils import format_datetime

from .kinds import LOOP_HEADER
from .message import Address

SMTP = policy.SMTP.clone(max_line_length=76)
PLAIN_LOCAL = re.compile(r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9.-]+$")


@dataclass(frozen=True)
class Piece:
    """An attachment with its content."""

    name: str
    content_type: str
    data: bytes


@dataclass(frozen=True)
class Draft:
    message_id: str
    sender: Address
    to: Sequence[str]
    subject: str
    text: str
    written_at: datetime
    html: str = ""
    cc: Sequence[str] = ()
    reply_to: str = ""
    in_reply_to: str = ""
    references: Sequence[str] = ()
    loop_mark: str = ""
    automatic: str = ""  # auto-generated or auto-replied (RFC 3834), nothing for what a person wrote
    pieces: Iterable[Piece] = field(default_factory=tuple)


class CannotCompose(ValueError):
    """An address or header that no mail may carry. It will not get better by trying again."""


def one_line(text: str) -> str:
    """A header's text: a line break in it would begin another header."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]+", " ", text).split())


def compose(draft: Draft) -> bytes:
    """The bytes to hand to a server, lines ended by CR LF."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = one_line(draft.message_id)
    message["Date"] = format_datetime(draft.written_at)
    message["From"] = _address(draft.sender.address, draft.sender.name)
    message["To"] = [_address(one) for one in draft.to]
    if draft.cc:
        message["Cc"] = [_address(one) for one in draft.cc]
    if draft.reply_to:
        message["Reply-To"] = _address(draft.reply_to)
    message["Subject"] = one_line(draft.subject)
    if draft.in_reply_to:
        message["In-Reply-To"] = one_line(draft.in_reply_to)
    if draft.references:
        message["References"] = one_line(" ".join(draft.references[-20:]))
    if draft.loop_mark:
        message[LOOP_HEADER] = one_line(draft.loop_mark)
    if draft.automatic:
        message["Auto-Submitted"] = draft.automatic
        message["X-Auto-Response-Suppress"] = "All"
    message.set_content(draft.text or "\n", cte="base64" if _needs_packing(draft.text) else None)
    if draft.html:
        message.add_alternative(draft.html, subtype="html", cte="base64")
    for piece in draft.pieces:
        main, _slash, sub = piece.content_type.partition("/")
        if main in ("message", "multipart") or not sub:
            main, sub = "application", "octet-stream"
        message.add_attachment(
            piece.data, maintype=main, subtype=sub, filename=one_line(piece.name) or "file"
        )
    try:
        return message.as_bytes()
    except (UnicodeError, ValueError) as error:
        raise CannotCompose(str(error)) from error


def _needs_packing(text: str) -> bool:
    return any(ord(one) > 127 for one in text) or any(len(line) > 900 for line in text.split("\n"))


def _address(address: str, name: str = "") -> HeaderAddress:
    if not PLAIN_LOCAL.match(address):
        raise CannotCompose(f"{address!r} is no address to send to")
    try:
        return HeaderAddress(display_name=one_line(name), addr_spec=address)
    except (ValueError, IndexError) as error:
        raise CannotCompose(f"{address!r}: {error}") from error
