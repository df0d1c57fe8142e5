"""Where hashes and entries lie: tiles of 256, in the layout of C2SP tlog-tiles.

A tile at level L holds the roots of 256 consecutive complete subtrees of 256**L leaves; the rightmost of a level may be partial. Files:
`tile/L/N` and `tile/entries/N` when full, `….p/W` when they hold W < 256. N is written in groups of three digits, all but the last
with an x before: 1234067 is `x001/x234/067`. An entry file is a sequence of entries, each after its length in two bytes (big-endian).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import lru_cache
from pathlib import Path

from .faults import EvidenceFault
from .tree import HASH_BYTES, CompactRange, perfect_root

WIDTH = 256
ENTRIES = "entries"
Level = int | str  # a number, or ENTRIES


def number_path(number: int) -> str:
    text = f"{number % 1000:03d}"
    while number := number // 1000:
        text = f"x{number % 1000:03d}/{text}"
    return text


def path_number(path: str) -> int:
    """The number of such a path; ValueError where it is not one."""
    digits = [part.removeprefix("x") for part in path.split("/")]
    number = int("".join(digits))
    if number_path(number) != path:
        raise ValueError(path)
    return number


def tile_path(level: Level, number: int, width: int = WIDTH) -> str:
    full = f"tile/{level}/{number_path(number)}"
    return full if width == WIDTH else f"{full}.p/{width}"


def counts(size: int) -> list[int]:
    """How many hashes each level holds in a log of this size, level 0 first, as long as there are any."""
    found = []
    while size:
        found.append(size)
        size >>= 8
    return found


def split(hashes: bytes) -> list[bytes]:
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def tile_root(hashes: bytes) -> bytes:
    """The root over a full tile, or over 2**n hashes of one."""
    return perfect_root(split(hashes))


def root_of_edges(edges: Sequence[bytes]) -> bytes:
    """The root from the hashes in the partial tiles at the right edge, level 0 first (none where a level has no partial one)."""
    range_ = CompactRange()
    for level in range(len(edges) - 1, -1, -1):
        for hash_ in split(edges[level]):
            range_.push(hash_, level * 8)
    return range_.root()


def encode_entries(entries: Iterable[bytes]) -> bytes:
    return b"".join([len(entry).to_bytes(2, "big") + entry for entry in entries])


def decode_entries(data: bytes, count: int) -> list[bytes]:
    """The first `count` entries of a file; EvidenceFault where its lengths do not lead there."""
    entries, at = [], 0
    for _ in range(count):
        start = at + 2
        at = start + int.from_bytes(data[at:start], "big")
        if start > len(data) or at > len(data):
            raise EvidenceFault("bad_entries")
        entries.append(data[start:at])
    return entries


TRIES = 20  # a writer replaces a partial file at most once a batch


class TileReader:
    """Reads a log of one size from its files. While a writer goes on, a partial file may be gone: then a wider one serves."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size, self.counts = folder, size, counts(size)
        self.hashes: Callable[[int, int], bytes] = lru_cache(maxsize=64)(self.read_hashes)
        self.entries: Callable[[int], list[bytes]] = lru_cache(maxsize=2)(self.read_entries)

    def width(self, level: int, number: int) -> int:
        return max(0, min(WIDTH, self.counts[level] - number * WIDTH))

    def read_hashes(self, level: int, number: int) -> bytes:
        """The hashes of a tile, as many as this size has there; EvidenceFault("missing_file") where they are not there."""
        length = self.width(level, number) * HASH_BYTES
        data = self._read(level, number, length // HASH_BYTES)
        if len(data) < length:
            raise EvidenceFault("missing_file", f"tile {level}/{number}")
        return data[:length]

    def read_entries(self, number: int) -> list[bytes]:
        width = self.width(0, number)
        return decode_entries(self._read(ENTRIES, number, width), width)

    def _read(self, level: Level, number: int, width: int) -> bytes:
        full = self.folder / tile_path(level, number)
        wanted = self.folder / tile_path(level, number, width)
        for _again in range(TRIES):
            for path in dict.fromkeys((wanted, full)):
                try:
                    return path.read_bytes()
                except FileNotFoundError:
                    continue
            folder = full.with_name(f"{full.name}.p")
            try:
                widths = sorted(int(path.name) for path in folder.iterdir() if path.name.isdigit())
                return (folder / str(next(one for one in widths if one >= width))).read_bytes()
            except (FileNotFoundError, StopIteration):
                continue  # the writer may have put a wider one in the place of the one just seen
        raise EvidenceFault("missing_file", f"tile {level}/{number}") from None

    def node(self, level: int, index: int) -> bytes:
        """The root of the complete subtree of 2**level leaves from index * 2**level on."""
        tile_level, rest = divmod(level, 8)
        first = index << rest
        hashes = self.hashes(tile_level, first >> 8)
        at = (first & 255) * HASH_BYTES
        return tile_root(hashes[at : at + (HASH_BYTES << rest)])
