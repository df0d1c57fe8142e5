"""Signed notes and heads. Text forms as in C2SP signed-note and tlog-checkpoint, so that tools for such logs read them.

A note is a text of lines, an empty line, and one signature line: `— NAME BASE64`, where the bytes are a key id of four and the Ed25519
signature of the text (with its last line end). Exactly one signature, and only in the form in which it is written here.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from .faults import EvidenceFault

ED25519 = b"\x01"
MOST_BYTES = 4_000


def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str, length: int) -> bytes:
    """The bytes of a text in its only form (no spare bits, no white space); ValueError otherwise."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from error
    if len(data) != length or to_base64(data) != text:
        raise ValueError("not base64 in its only form")
    return data


def key_id(name: str, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + ED25519 + public).digest()[:4]


def public_of(private: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()


def is_signed(public: bytes, signature: bytes, data: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


@dataclass(frozen=True, slots=True)
class Note:
    text: str
    name: str
    key_id: bytes
    signature: bytes

    def is_by(self, public: bytes) -> bool:
        return self.key_id == key_id(self.name, public) and is_signed(
            public, self.signature, self.text.encode()
        )

    def to_bytes(self) -> bytes:
        return f"{self.text}\n— {self.name} {to_base64(self.key_id + self.signature)}\n".encode()


def sign_note(text: str, name: str, private: bytes) -> Note:
    key = Ed25519PrivateKey.from_private_bytes(private)
    return Note(text, name, key_id(name, key.public_key().public_bytes_raw()), key.sign(text.encode()))


def read_note(data: bytes) -> Note:
    """Raises ValueError where this is no note, or not in its only form. The signature is not checked here."""
    if len(data) > MOST_BYTES:
        raise ValueError("too long for a note")
    text, separator, last = data.decode("utf-8").rpartition("\n\n")
    parts = last.removesuffix("\n").split(" ")
    if not separator or len(parts) != 3 or parts[0] != "—":
        raise ValueError("no signature line")
    signed = from_base64(parts[2], 68)
    note = Note(text + "\n", parts[1], signed[:4], signed[4:])
    if note.to_bytes() != data:
        raise ValueError("not a note in its only form")
    return note


def write_moment(moment: datetime) -> str:
    """UTC with Z, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def read_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if write_moment(moment) != text:
        raise ValueError("not a moment in its only form")
    return moment


@dataclass(frozen=True, slots=True)
class Head:
    """What is signed: of which log, how many entries, their root, and when."""

    origin: str
    size: int
    root: bytes
    at: datetime

    def to_text(self) -> str:
        return f"{self.origin}\n{self.size}\n{to_base64(self.root)}\ntime {write_moment(self.at)}\n"


@dataclass(frozen=True, slots=True)
class SignedHead:
    head: Head
    note: Note

    def to_bytes(self) -> bytes:
        return self.note.to_bytes()


def sign_head(head: Head, private: bytes) -> SignedHead:
    return SignedHead(head, sign_note(head.to_text(), head.origin, private))


def read_head(data: bytes, path: str = "") -> SignedHead:
    """EvidenceFault where this is no head in its only form. Who signed it is for the keys to say."""
    try:
        note = read_note(data)
        origin, size, root, time = note.text.removesuffix("\n").split("\n")
        head = Head(origin, _whole(size), from_base64(root, 32), read_moment(time.removeprefix("time ")))
        if head.to_text() != note.text or note.name != origin:
            raise ValueError("not a head in its only form")
    except ValueError as error:
        raise EvidenceFault("bad_head", path) from error
    return SignedHead(head, note)


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise ValueError("not a whole number")
    return int(text)
