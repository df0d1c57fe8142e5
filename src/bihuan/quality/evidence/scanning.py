"""Reading a whole log once: what its entries say, what its tiles say, and where the two differ.

Memory: one hash for each 256 leaves, twice. Nothing is judged here; `checking` says what the differences mean.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from .faults import EvidenceFault
from .tiles import ENTRIES, WIDTH, Level, counts, decode_entries, split, tile_path, tile_root
from .tree import HASH_BYTES, CompactRange, leaf_hashes

MOST_KEPT = 1_000

Hashes = list[bytes] | None


@dataclass
class Difference:
    """A tile that does not hold what stands below it: `below` is computed, `stored` is the file; None where unreadable."""

    level: int
    number: int
    below: Hashes
    stored: Hashes
    code: str = ""  # why the entries could not be read


@dataclass
class Scan:
    size: int
    differences: list[Difference] = field(default_factory=list)
    passed_over: int = 0
    # size → roots that the log had there, from the entries and from the tiles; None where one could not be read
    roots: dict[int, tuple[bytes | None, bytes | None]] = field(default_factory=dict)

    def note(self, difference: Difference) -> None:
        if len(self.differences) < MOST_KEPT:
            self.differences.append(difference)
        else:
            self.passed_over += 1


class View:
    """A log's files as they are at one size. The partial ones, which a writer replaces, are read at once and kept."""

    def __init__(self, folder: Path, size: int) -> None:
        self.folder, self.size = folder, size
        levels: list[tuple[Level, int]] = [*enumerate(counts(size)), (ENTRIES, size)]
        partial = [tile_path(level, count >> 8, count & 255) for level, count in levels if count & 255]
        self._kept = {path: self._read(path) for path in partial}

    def read(self, level: Level, number: int, width: int) -> bytes | None:
        """None where there is no such file."""
        path = tile_path(level, number, width)
        return self._kept[path] if path in self._kept else self._read(path)

    def tile(self, level: int, number: int) -> Hashes:
        """A tile as its file says, None where it is missing or of another length."""
        width = min(WIDTH, counts(self.size)[level] - number * WIDTH)
        data = self.read(level, number, width)
        return split(data) if data is not None and len(data) == width * HASH_BYTES else None

    def entries(self, number: int) -> tuple[list[bytes] | None, str]:
        """The entries of a file, or None and why not."""
        width = min(WIDTH, self.size - number * WIDTH)
        data = self.read(ENTRIES, number, width)
        if data is None:
            return None, "entries_missing"
        try:
            entries = decode_entries(data, width)
        except EvidenceFault as fault:
            return None, fault.code
        return (entries, "") if sum(map(len, entries)) + 2 * width == len(data) else (None, "bad_entries")

    def edges(self) -> Iterator[Hashes]:
        """The partial tiles of the right edge, level 0 first; an empty list where a level has none."""
        for level, count in enumerate(counts(self.size)):
            yield self.tile(level, count >> 8) if count & 255 else []

    def _read(self, path: str) -> bytes | None:
        try:
            return (self.folder / path).read_bytes()
        except FileNotFoundError:
            return None


EntryHook = Callable[[int, list[bytes]], None]


def scan(view: View, sizes: Iterable[int], on_entries: EntryHook | None = None) -> Scan:
    """Reads all entries and tiles of the view; roots are taken at `sizes` and at its own.

    `on_entries(index, entries)` is called with every readable entry file, in order.
    """
    size = view.size
    found = Scan(size)
    wanted = iter(sorted({one for one in sizes if 0 < one <= size} | ({size} if size else set())))
    ours, theirs = _Range(), _Range()
    computed: list[bytes | None] = []  # of full tiles only, from here on
    next_size = next(wanted, None)
    for number in range(-(-size // WIDTH)):
        start, width = number * WIDTH, min(WIDTH, size - number * WIDTH)
        entries, code = view.entries(number)
        if entries is not None and on_entries is not None:
            on_entries(start, entries)
        below = leaf_hashes(entries) if entries is not None else None
        stored = view.tile(0, number)
        if below is None or below != stored:
            found.note(Difference(0, number, below, stored, code))
        while next_size is not None and next_size <= start + width:
            found.roots[next_size] = (
                ours.root(below, next_size - start),
                theirs.root(stored, next_size - start),
            )
            next_size = next(wanted, None)
        if width == WIDTH:
            computed.append(ours.push_tile(below))
            theirs.push_tile(stored)
    _scan_upper(view, computed, found)
    return found


def _scan_upper(view: View, computed: list[bytes | None], found: Scan) -> None:
    for level, count in enumerate(counts(view.size)):
        if level == 0:
            continue
        above: list[bytes | None] = []
        for number in range(-(-count // WIDTH)):
            part = computed[number * WIDTH : (number + 1) * WIDTH]
            whole = [one for one in part if one is not None]
            below = whole if len(whole) == len(part) else None
            stored = view.tile(level, number)
            if below is None or below != stored:
                found.note(Difference(level, number, below, stored))
            if len(part) == WIDTH:
                above.append(tile_root(b"".join(below)) if below else None)
        computed = above


class _Range:
    """A compact range that goes on without its root after something that could not be read."""

    def __init__(self) -> None:
        self.range: CompactRange | None = CompactRange()

    def push_tile(self, hashes: Hashes) -> bytes | None:
        root = tile_root(b"".join(hashes)) if hashes is not None else None
        if root is None:
            self.range = None
        elif self.range is not None:
            self.range.push(root, 8)
        return root

    def root(self, hashes: Hashes, count: int) -> bytes | None:
        """With the first `count` hashes of the tile that comes next."""
        if self.range is None or hashes is None:
            return None
        range_ = self.range.copy()
        for hash_ in hashes[:count]:
            range_.push(hash_)
        return range_.root()
