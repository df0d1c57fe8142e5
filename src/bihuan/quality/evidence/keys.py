"""The keys of a log, each recorded in a note that the key before it signed.

The first record is signed by its own key, and the log's name (its origin) is made of that key's digest. Who knows the name can
therefore check every later key. A record says from which size on its key signs; the key before it has signed nothing larger.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from .faults import EvidenceFault
from .notes import (
    Note,
    SignedHead,
    from_base64,
    public_of,
    read_moment,
    read_note,
    sign_note,
    to_base64,
    write_moment,
)

TITLE = "bihuan evidence key"


def origin_of(first_public: bytes) -> str:
    return f"bihuan/{sha256(first_public).hexdigest()[:32]}"


@dataclass(frozen=True, slots=True)
class Key:
    origin: str
    number: int
    public: bytes
    from_size: int
    at: datetime

    def to_text(self) -> str:
        return (
            f"{TITLE}\n{self.origin}\n{self.number}\n{to_base64(self.public)}\n{self.from_size}\n"
            f"{write_moment(self.at)}\n"
        )


@dataclass(frozen=True, slots=True)
class KeyRecord:
    key: Key
    note: Note

    def to_bytes(self) -> bytes:
        return self.note.to_bytes()


def record_first_key(private: bytes, at: datetime) -> KeyRecord:
    public = public_of(private)
    key = Key(origin_of(public), 1, public, 0, at)
    return KeyRecord(key, sign_note(key.to_text(), key.origin, private))


def record_next_key(
    chain: KeyChain, old_private: bytes, private: bytes, size: int, at: datetime
) -> KeyRecord:
    last = chain.newest
    key = Key(last.origin, last.number + 1, public_of(private), size, at)
    return KeyRecord(key, sign_note(key.to_text(), key.origin, old_private))


class KeyChain:
    """All keys of a log, checked; EvidenceFault at the first record that does not hold."""

    def __init__(self, records: Sequence[bytes]) -> None:
        self.keys: list[Key] = []
        for number, data in enumerate(records, 1):
            try:
                self._add(data, number)
            except ValueError as error:
                raise EvidenceFault("bad_key_record", f"key {number}", number=number) from error
        if not self.keys:
            raise EvidenceFault("bad_key_record", "key 1", number=1)

    @property
    def origin(self) -> str:
        return self.keys[0].origin

    @property
    def newest(self) -> Key:
        return self.keys[-1]

    def _add(self, data: bytes, number: int) -> None:
        note = read_note(data)
        _title, origin, _number, public, size, time = note.text.removesuffix("\n").split("\n")
        if not (size.isascii() and size.isdigit() and len(size) < 16):
            raise ValueError("not a size")
        key = Key(origin, number, from_base64(public, 32), int(size), read_moment(time))
        signer = self.keys[-1] if self.keys else key
        whole = key.to_text() == note.text and note.name == origin and note.is_by(signer.public)
        fits = origin == self.origin if self.keys else origin == origin_of(key.public) and key.from_size == 0
        if not whole or not fits or key.from_size < signer.from_size:
            raise ValueError("does not hold")
        self.keys.append(key)

    def fault_of(self, signed: SignedHead) -> str | None:
        """Why this head does not hold (`other_log`, `head_altered`, `head_key_retired`), or None."""
        if signed.head.origin != self.origin:
            return "other_log"
        for key, following in zip(self.keys, [*self.keys[1:], None], strict=True):
            if signed.note.is_by(key.public):
                ends = following.from_size if following else signed.head.size
                return None if key.from_size <= signed.head.size <= ends else "head_key_retired"
        return "head_altered"
