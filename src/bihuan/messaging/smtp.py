"""One mail over SMTP, step by step, so that at every failure it is known whether the mail can have left.

The server takes a mail over when it has read the line with the single dot. Whatever fails before that line was sent
has surely not delivered; a refusal after it is a refusal; silence after it leaves the question open (`Unsure`).
"""

from __future__ import annotations

import re
import smtplib
import ssl
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from .channel_settings import MailSettings

# A server that speaks so means the account, not the mail.
ABOUT_THE_ACCOUNT = {530, 534, 535, 538, 454}


class Unreachable(Exception):
    """The server cannot be used at present: no connection, no TLS, no sign-in. No mail is to blame."""


class Refused(Exception):
    """The server refused this mail; it was not delivered to anybody."""

    def __init__(self, code: int, text: str) -> None:
        super().__init__(f"{code} {text}" if code else text)
        self.code = code

    @property
    def is_final(self) -> bool:
        return 500 <= self.code < 600


class Unsure(Exception):
    """The mail was handed over and no answer came."""


class Withdrawn(Exception):
    """The caller forbade the last byte: somebody else has this mail now."""


@dataclass(frozen=True)
class RefusedRecipient:
    address: str
    code: int
    text: str


def connect(settings: MailSettings, password: str) -> smtplib.SMTP:
    """A signed-in connection; certificates are checked."""
    port = settings.port("smtp")
    try:
        if settings.smtp_security == "tls":
            server: smtplib.SMTP = smtplib.SMTP_SSL(
                settings.smtp_host, port, timeout=settings.timeout, context=ssl.create_default_context()
            )
        else:
            server = smtplib.SMTP(settings.smtp_host, port, timeout=settings.timeout)
    except (OSError, smtplib.SMTPException) as error:
        raise Unreachable(said(error)) from error
    try:
        server.ehlo()
        if settings.smtp_security == "starttls":
            server.starttls(context=ssl.create_default_context())
            server.ehlo()
        if settings.smtp_user:
            server.login(settings.smtp_user, password)
    except (OSError, smtplib.SMTPException) as error:
        server.close()
        raise Unreachable(said(error)) from error
    return server


def said(error: Exception) -> str:
    """What failed, as one line."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return f"{type(error).__name__}: {error}"[:500]


def deliver(
    server: smtplib.SMTP,
    sender: str,
    recipients: Sequence[str],
    data: bytes,
    before_last_byte: Callable[[], bool],
) -> list[RefusedRecipient]:
    """Hand one mail over. Gives the recipients that the server refused for good; the others have it.

    `before_last_byte` is asked when all but the last line is sent: True lets it go.
    """
    body = re.sub(rb"\r\n|\r|\n", b"\r\n", data)
    body = re.sub(rb"(?m)^\.", b"..", body)
    body += b"" if body.endswith(b"\r\n") else b"\r\n"
    try:
        refused = _envelope(server, sender, recipients, len(body))
        code, text = server.docmd("DATA")
        if code != 354:
            raise Refused(code, _text(text))
        server.send(body)
    except smtplib.SMTPServerDisconnected as error:
        raise Refused(0, said(error)) from error
    except OSError as error:
        server.close()
        raise Refused(0, said(error)) from error
    if not before_last_byte():
        server.close()  # without the dot the server forgets what it read
        raise Withdrawn
    try:
        server.send(b".\r\n")
        code, text = server.getreply()
    except (OSError, smtplib.SMTPException) as error:
        server.close()
        raise Unsure(said(error)) from error
    if code != 250:
        raise Refused(code, _text(text))
    return refused


def _envelope(
    server: smtplib.SMTP, sender: str, recipients: Sequence[str], size: int
) -> list[RefusedRecipient]:
    options = [f"size={size}"] if server.has_extn("size") else []
    code, text = server.mail(sender, options)
    if code in ABOUT_THE_ACCOUNT or (500 <= code < 600 and code != 552):
        _reset(server)
        raise Unreachable(f"{code} {_text(text)}")
    if code != 250:
        _reset(server)
        raise Refused(code, _text(text))
    refused: list[RefusedRecipient] = []
    for one in recipients:
        code, text = server.rcpt(one)
        if 400 <= code < 500 or code < 0:
            # One who is to be asked later keeps the mail back for all: nobody gets it twice.
            _reset(server)
            raise Refused(code, f"{one}: {_text(text)}")
        if code not in (250, 251):
            refused.append(RefusedRecipient(one, code, _text(text)))
    if len(refused) == len(recipients):
        _reset(server)
        raise Refused(refused[0].code, f"{refused[0].address}: {refused[0].text}")
    return refused


def _reset(server: smtplib.SMTP) -> None:
    try:
        server.rset()
    except (OSError, smtplib.SMTPException):
        server.close()


def _text(text: bytes | str) -> str:
    return (text.decode("utf-8", "replace") if isinstance(text, bytes) else text).replace("\n", " ")[:500]
