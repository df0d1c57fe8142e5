"""Writing the log. One writer at a time, and killed between any two writes the log is what it was before, or what it is after.

The order is what makes it so: entries and tiles, all of them on disk; then `checkpoint`, renamed over the old one, which is the
moment from which the entries count; then the same head in `heads`, the ids, and the partial tiles of before away. What a killed writer left
before that moment no head covers: the next writer removes or overwrites it. What it left undone after it, the next one does.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .canonical import read_json
from .events import canonical_event
from .faults import EvidenceFault
from .files import Writing, locked, put
from .index import IdIndex
from .keys import KeyChain, record_first_key, record_next_key
from .notes import Head, SignedHead, from_base64, public_of, sign_head, to_base64
from .tiles import (
    ENTRIES,
    WIDTH,
    Level,
    TileReader,
    counts,
    encode_entries,
    root_of_edges,
    tile_path,
    tile_root,
)
from .tree import HASH_BYTES, leaf_hashes

if TYPE_CHECKING:
    from .log import EvidenceLog

FULL = WIDTH * HASH_BYTES


@dataclass
class Edge:
    """The right edge of a log: what its partial tiles hold, level 0 first, and the entries of the last one."""

    signed: SignedHead
    hashes: list[bytes]
    entries: list[bytes]


def append(log: EvidenceLog, events: Sequence[Mapping[str, Any]], now: datetime, wait: float) -> list[int]:
    batch = _leaves(events)
    with locked(log.folder / "lock", wait):
        chain = _make_log(log, now)
        edge = _read_edge(log, chain)
        index = _follow_up(log, edge)
        places = _known_places(log, edge, index, batch)
        size = edge.signed.head.size
        fresh = [id_ for id_ in batch if id_ not in places]
        if fresh:
            places |= {id_: place for place, id_ in enumerate(fresh, size)}
            moment = max(now, edge.signed.head.at)  # a clock that went back does not stop the log
            after = _add(log, chain, edge, [batch[id_] for id_ in fresh], moment)
            index.add(fresh, size, after.signed.head.size)
            _remove_partials(log.folder, edge.signed.head.size, after.signed.head.size)
    return [places[str(event["id"])] for event in events]


def _leaves(events: Sequence[Mapping[str, Any]]) -> dict[str, bytes]:
    """id → leaf, each id once."""
    found: dict[str, bytes] = {}
    for place, event in enumerate(events):
        try:
            leaf = canonical_event(event)
        except EvidenceFault as fault:
            path = f"[{place}].{fault.path}" if fault.path else f"[{place}]"
            raise EvidenceFault(fault.code, path, **fault.params) from None
        id_ = event["id"]
        if found.setdefault(id_, leaf) != leaf:
            raise EvidenceFault("same_id_here", f"[{place}]", id=id_)
    return found


def _known_places(log: EvidenceLog, edge: Edge, index: IdIndex, batch: dict[str, bytes]) -> dict[str, int]:
    """Where those of the batch stand that are in the log already, with the same contents."""
    places = index.find(list(batch))
    reader = log.reader(edge.signed.head.size)
    for id_, place in sorted(places.items(), key=lambda item: item[1]):
        if reader.entries(place // WIDTH)[place % WIDTH] != batch[id_]:
            raise EvidenceFault("same_id", id=id_, index=place)
    return places


# Making, reading, repairing ------------------------------------------------------------------------------------------


def _make_log(log: EvidenceLog, now: datetime) -> KeyChain:
    """The keys; on the first call it makes the first one and the head of the empty log."""
    if log.exists():
        return log.keys()
    if (log.folder / "tile").exists() or IdIndex(log.folder).size():
        raise EvidenceFault("no_head", folder=log.folder)
    if not log.key_records():
        private = secrets.token_bytes(32)
        _keep_private(log, 1, private)
        put(log.folder / "keys" / "1", record_first_key(private, now).to_bytes())
    chain = log.keys()
    signed = sign_head(Head(chain.origin, 0, root_of_edges([]), now), _private_key(log, chain))
    put(log.folder / "checkpoint", signed.to_bytes())
    return chain


def _read_edge(log: EvidenceLog, chain: KeyChain) -> Edge:
    signed = log.trusted((log.folder / "checkpoint").read_bytes(), "checkpoint")
    size = signed.head.size
    reader = log.reader(size)
    hashes = [
        reader.hashes(level, count >> 8) if count & 255 else b"" for level, count in enumerate(counts(size))
    ]
    entries = reader.entries(size >> 8) if size & 255 else []
    if root_of_edges(hashes) != signed.head.root or b"".join(leaf_hashes(entries)) != b"".join(hashes[:1]):
        raise EvidenceFault("does_not_add_up")
    return Edge(signed, hashes, list(entries))


def _follow_up(log: EvidenceLog, edge: Edge) -> IdIndex:
    """What a killed writer left: its last head is entered, its ids too, and what no head covers goes."""
    size = edge.signed.head.size
    if not log.head_path(size).exists():
        put(log.head_path(size), edge.signed.to_bytes())
    index = IdIndex(log.folder)
    covered = index.size()
    if covered > size:
        raise EvidenceFault("cut_off", size=size, known=covered)
    if covered < size:
        _index_again(log.reader(size), index, covered, size)
    levels: list[tuple[Level, int]] = [*enumerate(counts(size) or [0]), (ENTRIES, size)]
    for level, count in levels:
        full = log.folder / tile_path(level, count >> 8)
        full.unlink(missing_ok=True)
        partials = full.with_name(f"{full.name}.p")
        for path in list(partials.iterdir()) if partials.is_dir() else []:
            if path.name != str(count & 255):
                path.unlink()
    return index


def _index_again(reader: TileReader, index: IdIndex, covered: int, size: int) -> None:
    """The ids of entries that the table lacks; a table that is lost or broken is made anew, in parts of 65,536."""
    if covered == 0:
        index.remove()
    try:
        while covered < size:
            end = min(size, (covered // WIDTH + 256) * WIDTH)
            ids = [
                read_json(entry)["id"]
                for number in range(covered // WIDTH, (end + WIDTH - 1) // WIDTH)
                for place, entry in enumerate(reader.entries(number), number * WIDTH)
                if covered <= place
            ]
            index.add(ids, covered, end)
            covered = end
    except sqlite3.DatabaseError as error:
        raise EvidenceFault("does_not_add_up") from error


# Adding --------------------------------------------------------------------------------------------------------------


def _add(log: EvidenceLog, chain: KeyChain, edge: Edge, leaves: list[bytes], now: datetime) -> Edge:
    writing = Writing()
    old = edge.signed.head.size
    size = old + len(leaves)
    private = _private_key(log, chain)  # before anything is written
    entries = _write_entries(log.folder, writing, old, [*edge.entries, *leaves])
    hashes = _write_hashes(log.folder, writing, old, edge.hashes, leaf_hashes(leaves))
    signed = sign_head(Head(chain.origin, size, root_of_edges(hashes), now), private)
    writing.settle()
    put(log.folder / "checkpoint", signed.to_bytes())  # from here on the entries count
    put(log.head_path(size), signed.to_bytes())
    return Edge(signed, hashes, entries)


def _write_entries(folder: Path, writing: Writing, old: int, entries: list[bytes]) -> list[bytes]:
    """Files from the last partial one on; returns the entries of the new partial one."""
    number = old // WIDTH
    for start in range(0, len(entries), WIDTH):
        part = entries[start : start + WIDTH]
        writing.put(folder / tile_path(ENTRIES, number, len(part)), encode_entries(part))
        number += 1
    return entries[len(entries) // WIDTH * WIDTH :]


def _write_hashes(
    folder: Path, writing: Writing, old: int, edges: list[bytes], new: list[bytes]
) -> list[bytes]:
    """Tiles of all levels that change; returns the new right edge."""
    found: list[bytes] = []
    level = 0
    while new or level < len(edges):
        before = edges[level] if level < len(edges) else b""
        number = old >> 8 * (level + 1)
        hashes = before + b"".join(new)
        roots = []
        if new:
            for start in range(0, len(hashes), FULL):
                part = hashes[start : start + FULL]
                writing.put(folder / tile_path(level, number, len(part) // HASH_BYTES), part)
                number += 1
                if len(part) == FULL:
                    roots.append(tile_root(part))
        found.append(hashes[len(hashes) // FULL * FULL :])
        new, level = roots, level + 1
    return found


def _remove_partials(folder: Path, old: int, size: int) -> None:
    """Partial files that the new size does not need any more."""
    kept = dict(enumerate(counts(size)))
    levels: list[tuple[Level, int]] = [*enumerate(counts(old)), (ENTRIES, old)]
    for level, count in levels:
        now = size if level == ENTRIES else kept[int(level)]
        if count & 255 and count != now:
            path = folder / tile_path(level, count >> 8, count & 255)
            path.unlink(missing_ok=True)
            if count >> 8 != now >> 8:
                try:
                    path.parent.rmdir()
                except OSError:
                    pass  # something else lies there


# Keys ----------------------------------------------------------------------------------------------------------------


def rotate_key(log: EvidenceLog, now: datetime, wait: float) -> int:
    with locked(log.folder / "lock", wait):
        chain = _make_log(log, now)
        edge = _read_edge(log, chain)
        _follow_up(log, edge)
        old, private = _private_key(log, chain), secrets.token_bytes(32)
        record = record_next_key(chain, old, private, edge.signed.head.size, now)
        _keep_private(log, record.key.number, private)
        put(log.folder / "keys" / str(record.key.number), record.to_bytes())
    return record.key.number


def _private_path(log: EvidenceLog, number: int) -> Path:
    return log.folder / "private" / f"{number}.key"


def _keep_private(log: EvidenceLog, number: int, private: bytes) -> None:
    """Mode 0600 in a folder of mode 0700. A key whose record was never written is written over."""
    path = _private_path(log, number)
    path.parent.mkdir(mode=0o700, exist_ok=True)
    put(path, to_base64(private).encode() + b"\n", mode=0o600)


def _private_key(log: EvidenceLog, chain: KeyChain) -> bytes:
    """The newest key, after a look whether it is the one of its record."""
    number = chain.newest.number
    try:
        private = from_base64(_private_path(log, number).read_text(encoding="ascii").strip(), 32)
    except (FileNotFoundError, ValueError) as error:
        raise EvidenceFault("no_private_key", number=number) from error
    if public_of(private) != chain.newest.public:
        raise EvidenceFault("no_private_key", number=number)
    return private
