"""A folder on an IMAP server: what lies there, each mail as a stream, and how it is left afterwards."""

from __future__ import annotations

import imaplib
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from typing import BinaryIO

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError

from .channel_settings import MailSettings
from .smtp import Unreachable, said

PIECE = 512 * 1024
HEADERS_AT_MOST = 1024 * 1024


class TooLarge(Exception):
    """The mail is larger than its limit; `size` as far as it is known."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


class Gone(Exception):
    """Somebody removed the mail meanwhile."""


class Folder:
    """One selected folder."""

    def __init__(self, box: BaseMailBox, settings: MailSettings) -> None:
        self.box, self.settings = box, settings
        self.client: imaplib.IMAP4 = box.client
        status = box.folder.status(settings.folder, ["UIDVALIDITY", "UIDNEXT", "MESSAGES"])
        self.uidvalidity = int(status["UIDVALIDITY"])
        self.uidnext = int(status["UIDNEXT"])
        self.messages = int(status["MESSAGES"])

    def uids(self, after: int, most: int, since: date | None = None) -> list[int]:
        """The numbers above `after`, lowest first. A server answers `n:*` with its last mail even if that is lower."""
        criteria = [f"UID {after + 1}:*"]
        if since is not None:
            criteria.append(f"SINCE {since.day}-{MONTHS[since.month - 1]}-{since.year}")
        _status, data = self._ask("SEARCH", None, *criteria)
        found = sorted(int(one) for part in _flat(data) for one in part.split())
        return [one for one in found if one > after][:most]

    def size(self, uid: int) -> int:
        _status, data = self._ask("FETCH", str(uid), "(RFC822.SIZE)")
        found = re.search(rb"RFC822\.SIZE (\d+)", b" ".join(_flat(data)))
        if not found:
            raise Gone(uid)
        return int(found.group(1))

    def save(self, uid: int, stream: BinaryIO, limit: int) -> int:
        """Copy a mail into a stream piece by piece, without marking it as seen; not more than `limit` bytes of it."""
        size = self.size(uid)
        if size > limit:
            raise TooLarge(size)
        done = 0
        while True:
            piece = self._piece(uid, done)
            stream.write(piece)
            done += len(piece)
            if done > limit:  # a server that understates
                raise TooLarge(done)
            if len(piece) < PIECE:
                return done

    def headers(self, uid: int) -> bytes:
        _status, data = self._ask("FETCH", str(uid), f"(BODY.PEEK[HEADER]<0.{HEADERS_AT_MOST}>)")
        return _literal(data)

    def _piece(self, uid: int, start: int) -> bytes:
        _status, data = self._ask("FETCH", str(uid), f"(BODY.PEEK[]<{start}.{PIECE}>)")
        return _literal(data)

    def tidy(self, uid: int) -> None:
        """Leave a mail that was taken as the channel's settings say. Safe to do twice."""
        if self.settings.afterwards == "seen":
            self._ask("STORE", str(uid), "+FLAGS.SILENT", r"(\Seen)")
        elif self.settings.afterwards == "move" and self.settings.move_to:
            if not self.box.folder.exists(self.settings.move_to):
                self.box.folder.create(self.settings.move_to)
            self.box.move([str(uid)], self.settings.move_to)

    def _ask(self, command: str, *arguments: str | None) -> tuple[str, list[bytes | tuple[bytes, bytes]]]:
        try:
            status, data = self.client.uid(command, *[one for one in arguments if one is not None])
        except (OSError, imaplib.IMAP4.error) as error:
            raise Unreachable(said(error)) from error
        if status != "OK":
            raise Unreachable(f"{command}: {status} {data!r}"[:300])
        return status, [one for one in data if one is not None]


MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()


def _flat(data: list[bytes | tuple[bytes, bytes]]) -> list[bytes]:
    return [part for one in data for part in (one if isinstance(one, tuple) else (one,))]


def _literal(data: list[bytes | tuple[bytes, bytes]]) -> bytes:
    for one in data:
        if isinstance(one, tuple):
            return one[1]
    joined = b" ".join(_flat(data))
    if re.search(rb'BODY\[[^\]]*\](<\d+>)? (""|NIL)', joined):
        return b""
    raise Gone


def _connected(settings: MailSettings) -> BaseMailBox:
    host, port, timeout = settings.imap_host, settings.port("imap"), settings.timeout
    if settings.imap_security == "plain":
        return MailBoxUnencrypted(host, port, timeout)
    checked = ssl.create_default_context()
    if settings.imap_security == "starttls":
        return MailBoxStartTls(host, port, timeout, ssl_context=checked)
    return MailBox(host, port, timeout, ssl_context=checked)


@contextmanager
def opened(settings: MailSettings, password: str) -> Iterator[Folder]:
    """The channel's folder on its server; certificates are checked."""
    try:
        box = _connected(settings)
        box.login(settings.imap_user, password, initial_folder=None)
        # Servers tell all they can do only after sign-in. With MOVE a mail goes in one step: a program killed in between
        # leaves no second copy.
        _status, told = box.client.capability()
        box.client.capabilities = tuple(told[-1].decode("ascii", "replace").upper().split())
        if "ID" in box.client.capabilities:  # 163.com and 126.com open no folder for a client without a name
            box.client.xatom("ID", '("name" "Bihuan" "vendor" "Bihuan")')
        box.folder.set(settings.folder)
        folder = Folder(box, settings)
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise Unreachable(said(error)) from error
    try:
        yield folder
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise Unreachable(said(error)) from error
    finally:
        with suppress(OSError, imaplib.IMAP4.error, ImapToolsError):
            box.logout()
