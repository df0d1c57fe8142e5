"""The log on disk: reading it, with heads and proofs. `appending` writes it.

    log = EvidenceLog(folder)
    places = log.append(events, now=now)          # makes the log on the first call; ids that are there already are not added again
    head = log.head()                             # what customers keep
    log.inclusion(places[0], head.head.size)      # proofs, out of a few tiles

Files in the folder: `checkpoint` (the newest head), `heads/…` (all heads, by size), `tile/…`, `keys/1 2 …` (the keys' records), all of which
may be shown to anybody who may read the entries; `private/1.key …`, `ids.sqlite3` and `lock` are for the log alone.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from .faults import EvidenceFault
from .index import IdIndex
from .keys import KeyChain
from .notes import SignedHead, read_head
from .tiles import WIDTH, TileReader, number_path, path_number
from .tree import EMPTY_ROOT, consistency_proof, inclusion_proof, is_consistent, is_included

CHECKPOINT, HEADS, KEYS, PRIVATE, LOCK = "checkpoint", "heads", "keys", "private", "lock"


class EvidenceLog:
    """The evidence log in a folder. Making one touches nothing; every read takes the newest head anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)

    # writing ---------------------------------------------------------------------------------------------------------

    def append(self, events: Sequence[Mapping[str, Any]], *, now: datetime, wait: float = 30.0) -> list[int]:
        """Adds events and returns their indexes, in the order given; on return they are on disk under a signed head.

        Refuses all where one of them is wrong (EvidenceFault with its place). An id that stands in the log with the same contents gets its
        index of then; with others it is a fault. LogBusy where another process writes for longer than `wait` seconds.
        """
        from .appending import append

        return append(self, events, now, wait)

    def create(self, *, now: datetime, wait: float = 30.0) -> None:
        """Makes key and head of an empty log where there is none; otherwise nothing."""
        self.append([], now=now, wait=wait)

    def rotate_key(self, *, now: datetime, wait: float = 30.0) -> int:
        """A new key for all heads from now on, recorded under the old one's signature; returns its number."""
        from .appending import rotate_key

        return rotate_key(self, now, wait)

    # reading ---------------------------------------------------------------------------------------------------------

    def exists(self) -> bool:
        return (self.folder / CHECKPOINT).exists()

    def head(self) -> SignedHead:
        """The newest head; EvidenceFault where there is none, or it does not hold."""
        try:
            data = (self.folder / CHECKPOINT).read_bytes()
        except FileNotFoundError:
            raise EvidenceFault("no_log", folder=self.folder) from None
        return self.trusted(data, CHECKPOINT)

    def trusted(self, data: bytes, path: str = "") -> SignedHead:
        """A head read from these bytes, if this log's keys signed it."""
        signed = read_head(data, path)
        fault = self.keys().fault_of(signed)
        if fault:
            raise EvidenceFault(fault, path, origin=signed.head.origin)
        return signed

    def head_of(self, size: int) -> SignedHead:
        """The head that was signed at this size."""
        path = self.head_path(size)
        if not path.exists() and self.exists():
            newest = self.head()  # a writer is just about to enter it
            if newest.head.size == size:
                return newest
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            raise EvidenceFault("head_missing", f"head {size}") from None
        return self.trusted(data, f"head {size}")

    def head_path(self, size: int) -> Path:
        return self.folder / HEADS / number_path(size)

    def head_sizes(self) -> list[int]:
        """The sizes of all heads ever signed, ascending."""
        root = self.folder / HEADS
        found = []
        for folder, _folders, names in os.walk(root):
            for name in names:
                try:
                    found.append(path_number((Path(folder) / name).relative_to(root).as_posix()))
                except ValueError:
                    continue  # a file that was never finished
        return sorted(found)

    def key_records(self) -> list[bytes]:
        """The records of all keys, first to last."""
        records: list[bytes] = []
        while (path := self.folder / KEYS / str(len(records) + 1)).exists():
            records.append(path.read_bytes())
        return records

    def keys(self) -> KeyChain:
        return KeyChain(self.key_records())

    def reader(self, size: int) -> TileReader:
        return TileReader(self.folder, size)

    def entry(self, index: int, size: int | None = None) -> bytes:
        """The leaf at this index: an event's canonical text."""
        reader = self._reader_for(index, size)
        return reader.entries(index // WIDTH)[index % WIDTH]

    def index_of(self, id_: str) -> int:
        found = IdIndex(self.folder).find([id_]) if self.exists() else {}
        if id_ not in found:
            raise EvidenceFault("no_such_id", id=id_)
        return found[id_]

    def inclusion(self, index: int, size: int | None = None) -> list[bytes]:
        """The proof that the entry at `index` stands in the log of a signed `size` (else: the newest), lowest hash first.

        Checked before it is handed out: a proof that leads elsewhere than to that head's root is a fault.
        """
        signed = self.head() if size is None else self.head_of(size)
        reader = self._reader_for(index, signed.head.size)
        proof = inclusion_proof(index, signed.head.size, reader.node)
        if not is_included(index, signed.head.size, reader.node(0, index), proof, signed.head.root):
            raise EvidenceFault("does_not_add_up")
        return proof

    def consistency(self, old: SignedHead, new: SignedHead) -> list[bytes]:
        """The proof that the log of the new head begins with the log of the old one; a fault where it does not."""
        if old.head.size > new.head.size:
            raise EvidenceFault("kept_longer", known=old.head.size, size=new.head.size)
        proof = consistency_proof(old.head.size, new.head.size, self.reader(new.head.size).node)
        if not is_consistent(old.head.size, new.head.size, old.head.root, new.head.root, proof):
            raise EvidenceFault("kept_forked")
        return proof

    def root_at(self, size: int) -> bytes:
        """The root that the log had at any size up to now."""
        now = self.head().head.size
        if not 0 <= size <= now:
            raise EvidenceFault("no_such_size", size=size, now=now)
        from .tree import span_root

        return span_root(0, size, self.reader(now).node) if size else EMPTY_ROOT

    def heads(self) -> Iterator[SignedHead]:
        for size in self.head_sizes():
            yield self.head_of(size)

    def _reader_for(self, index: int, size: int | None) -> TileReader:
        size = self.head().head.size if size is None else size
        if not 0 <= index < size:
            raise EvidenceFault("no_such_leaf", index=index, size=size)
        return self.reader(size)
