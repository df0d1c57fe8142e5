"""Whether a log is what was signed, and if not, what is wrong where.

What can be trusted is worked out from the signed head down: if the entries lead to its root, they are what was signed, and a tile that says
otherwise was altered; if the tiles lead there, it is the entries. A tile counts where its root is the hash that its trusted parent holds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from .faults import MESSAGES, EvidenceFault
from .index import IdIndex
from .keys import KeyChain
from .log import CHECKPOINT, EvidenceLog
from .notes import SignedHead, read_head
from .scanning import Difference, Hashes, Scan, View, scan
from .tiles import WIDTH, root_of_edges, tile_root
from .tree import EMPTY_ROOT, perfect_root, span_root

MOST_TOLD = 100  # of one kind
Rows = Iterable[tuple[int, bytes]]


@dataclass(frozen=True)
class Finding:
    """`at` names the place (`entry 17`, `tile 1/3`, `head 1000`, `row 17`, `checkpoint`, `kept head`), `code` is one of MESSAGES."""

    at: str
    code: str
    params: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.at}: {MESSAGES[self.code] % self.params}"


@dataclass
class Verification:
    size: int
    root: bytes | None  # of the entries as they lie there; None where some cannot be read
    findings: list[Finding]

    @property
    def ok(self) -> bool:
        return not self.findings


def verify(
    log: EvidenceLog, *, kept: bytes | None = None, rows: Rows | None = None, all_rows: bool = False
) -> Verification:
    """Reads the whole log and says what is wrong with it.

    `kept` is a head that somebody kept, as its file's bytes. `rows` are (index, canonical text) of the database's rows, by ascending index;
    with `all_rows` every entry has to have one. Nothing is written. EvidenceFault only where there is no log at all.
    """
    findings: list[Finding] = []
    if not log.folder.is_dir() or not any(log.folder.iterdir()):
        raise EvidenceFault("no_log", folder=log.folder)
    # What grows is read before what it grows into, so that a writer at work is no finding: heads, checkpoint, keys.
    sizes, known = log.head_sizes(), IdIndex(log.folder).size()
    data, view = _look(log)
    try:
        chain = log.keys()
    except EvidenceFault as fault:
        return Verification(0, None, [Finding(fault.path, fault.code, fault.params)])
    signed = _read(findings, chain, data)
    old = _read_kept(findings, chain, kept)
    if signed is None:
        signed = _newest_that_holds(log, sizes)
        if signed is None:
            return Verification(0, None, findings)
    size = signed.head.size
    if view.size != size:
        view = View(log.folder, size)
    heads = [one for one in sizes if one != size]
    beyond = max([*heads, known], default=0)
    if beyond > size:
        findings.append(Finding(f"head {size}", "truncated", {"known": beyond, "size": size}))
    comparing = _Comparing(rows, all_rows, findings)
    found = scan(view, [*heads, *([old.head.size] if old else [])], comparing.compare)
    comparing.finish(max(size, _size_now(log)))
    found.roots[0] = (EMPTY_ROOT, EMPTY_ROOT)
    truth = _Truth(view, signed, found)
    _judge(findings, log, truth, found)
    _judge_heads(findings, log, chain, [one for one in [*heads, size] if one <= size], truth)
    if old is not None:
        if old.head.size > size:
            findings.append(Finding("kept head", "kept_longer", {"known": old.head.size, "size": size}))
        elif truth.contradicts(old) or (truth.is_lost and old.head.root not in found.roots[old.head.size]):
            findings.append(Finding("kept head", "kept_forked"))
    return Verification(size, found.roots[size][0], list(_shortened(findings)))


def _look(log: EvidenceLog) -> tuple[bytes | None, View]:
    """The checkpoint and the files that go with it, though a writer may be at work."""
    while True:
        data = _checkpoint(log)
        try:
            view = View(log.folder, read_head(data).head.size if data is not None else 0)
        except EvidenceFault:
            view = View(log.folder, 0)
        if _checkpoint(log) == data:
            return data, view


def _checkpoint(log: EvidenceLog) -> bytes | None:
    try:
        return (log.folder / CHECKPOINT).read_bytes()
    except FileNotFoundError:
        return None


def _size_now(log: EvidenceLog) -> int:
    try:
        return log.head().head.size
    except EvidenceFault:
        return 0


def _read(findings: list[Finding], chain: KeyChain, data: bytes | None) -> SignedHead | None:
    if data is None:
        findings.append(Finding(CHECKPOINT, "head_missing"))
        return None
    try:
        signed = read_head(data)
    except EvidenceFault:
        findings.append(Finding(CHECKPOINT, "head_altered"))
        return None
    fault = chain.fault_of(signed)
    if fault:
        findings.append(Finding(CHECKPOINT, fault, {"origin": signed.head.origin}))
    return None if fault in ("other_log", "head_altered") else signed


def _newest_that_holds(log: EvidenceLog, sizes: list[int]) -> SignedHead | None:
    """What to go by where the checkpoint is gone: the newest of the other heads."""
    for size in reversed(sizes):
        try:
            return log.head_of(size)
        except EvidenceFault:
            continue
    return None


def _read_kept(findings: list[Finding], chain: KeyChain, kept: bytes | None) -> SignedHead | None:
    """The kept head if it can be compared; a finding where it cannot."""
    if kept is None:
        return None
    try:
        signed = read_head(kept)
        code = chain.fault_of(signed)
    except EvidenceFault:
        signed, code = None, "head_altered"
    if code:
        origin = signed.head.origin if signed else ""
        findings.append(Finding("kept head", code, {"origin": origin}))
        return None
    return signed


# Entries and tiles ---------------------------------------------------------------------------------------------------


def _judge(findings: list[Finding], log: EvidenceLog, truth: _Truth, found: Scan) -> None:
    if truth.is_lost and found.roots[found.size][0] is not None:
        fits = [one for one in log.head_sizes() if one < found.size and _fits(log, one, found)]
        findings.append(Finding(f"head {found.size}", "root_differs", {"size": max(fits, default=0)}))
    known = {(one.level, one.number) for one in found.differences}
    for difference in found.differences:
        findings += _meaning(difference, truth, known)
    if found.passed_over:
        findings.append(Finding("tiles", "more", {"count": found.passed_over}))


def _fits(log: EvidenceLog, size: int, found: Scan) -> bool:
    try:
        return log.head_of(size).head.root in found.roots[size]
    except EvidenceFault:
        return False


class _Truth:
    """What the signed root vouches for: the entries, if they lead to it, else the stored tiles, if they do, else nothing."""

    def __init__(self, view: View, signed: SignedHead, found: Scan) -> None:
        self._view, self._found, self._size = view, found, signed.head.size
        edges = list(view.edges())
        whole = [b"".join(one) for one in edges if one is not None]
        self.entries_hold = found.roots[self._size][0] == signed.head.root
        self.tiles_hold = len(whole) == len(edges) and root_of_edges(whole) == signed.head.root
        self.is_lost = not self.entries_hold and not self.tiles_hold

    def contradicts(self, signed: SignedHead) -> bool:
        """Whether the log surely had another root at this head's size; False where that cannot be told."""
        size = signed.head.size
        if self.is_lost or signed.head.root in self._found.roots[size]:
            return False
        if self.entries_hold:
            return True
        try:
            return span_root(0, size, self._node) != signed.head.root
        except LookupError:
            return False

    def _node(self, level: int, index: int) -> bytes:
        tile_level, rest = divmod(level, 8)
        first = index << rest
        hashes = self.tile(tile_level, first >> 8)
        if hashes is None:
            raise LookupError(level, index)
        return perfect_root(hashes[first & 255 : (first & 255) + (1 << rest)])

    def tile(self, level: int, number: int) -> Hashes:
        """The hashes of this tile if they are what was signed, else None."""
        stored = self._view.tile(level, number)
        if not self.tiles_hold or stored is None or len(stored) < WIDTH:
            return stored if self.tiles_hold else None
        parent = self.tile(level + 1, number >> 8)
        return stored if parent and parent[number & 255] == tile_root(b"".join(stored)) else None

    def knows(self, level: int, number: int, hashes: list[bytes]) -> bool:
        """Whether these hashes are what was signed for a full tile, whatever its file says."""
        if not self.tiles_hold or len(hashes) < WIDTH:
            return False
        parent = self.tile(level + 1, number >> 8)
        return parent is not None and parent[number & 255] == tile_root(b"".join(hashes))


def _meaning(difference: Difference, truth: _Truth, known: set[tuple[int, int]]) -> Iterator[Finding]:
    level, number = difference.level, difference.number
    start = number * WIDTH
    width = len(difference.below or difference.stored or ()) or WIDTH
    tile = f"tile {level}/{number}"
    if level == 0 and difference.below is None:
        yield Finding(f"entries {start}-{start + width - 1}", difference.code)
    if difference.stored is None:
        yield Finding(tile, "tile_missing")
    if difference.below is None or difference.stored is None:
        return
    trusted = None if truth.entries_hold else truth.tile(level, number)
    if truth.entries_hold or (trusted is None and truth.knows(level, number, difference.below)):
        yield Finding(tile, "tile_altered")
        return
    places = [
        place
        for place, below in enumerate(difference.below, start)
        if below != difference.stored[place - start]
    ]
    if level == 0:
        code = "entry_altered" if trusted else "entry_or_tile_altered"
        yield from (Finding(f"entry {place}", code) for place in places)
    elif trusted:
        for place in places:
            if (level - 1, place) not in known and truth.tile(level - 1, place) is None:
                first = place * WIDTH**level
                yield Finding(f"entries {first}-{first + WIDTH**level - 1}", "entries_rewritten")
    else:
        yield Finding(tile, "tile_altered")


# Heads and rows ------------------------------------------------------------------------------------------------------


def _judge_heads(
    findings: list[Finding], log: EvidenceLog, chain: KeyChain, sizes: list[int], truth: _Truth
) -> None:
    """All heads ever signed, against the roots that the log has at their sizes."""
    for size in sizes:
        name = f"head {size}"
        try:
            data = log.head_path(size).read_bytes()
        except FileNotFoundError:
            continue  # a writer that was killed has not entered its last one; the next one will
        try:
            signed = read_head(data)
            code = chain.fault_of(signed)
            if signed.head.size != size:
                code = "head_altered"
        except EvidenceFault:
            code = "head_altered"
        if code:
            findings.append(Finding(name, code, {"origin": ""}))
        elif truth.contradicts(signed):
            findings.append(Finding(name, "head_forked"))


class _Comparing:
    """Holds the database's rows against the entries as they are read."""

    def __init__(self, rows: Rows | None, all_rows: bool, findings: list[Finding]) -> None:
        self._rows = iter(rows) if rows is not None else None
        self._all, self._findings = all_rows and rows is not None, findings
        self._next: tuple[int, bytes] | None = None
        self._last = -1
        self._advance()

    def _advance(self) -> None:
        self._next = next(self._rows, None) if self._rows is not None else None
        if self._next is not None:
            if self._next[0] <= self._last:
                raise ValueError("rows come by ascending index, each once")
            self._last = self._next[0]

    def compare(self, start: int, entries: list[bytes]) -> None:
        if self._rows is None:
            return
        for place, entry in enumerate(entries, start):
            while self._next is not None and self._next[0] < place:
                self._advance()  # its entry could not be read, which is a finding of its own
            if self._next is not None and self._next[0] == place:
                if self._next[1] != entry:
                    self._findings.append(Finding(f"row {place}", "row_altered"))
                self._advance()
            elif self._all:
                self._findings.append(Finding(f"row {place}", "row_missing"))

    def finish(self, size: int) -> None:
        while self._next is not None:
            if self._next[0] >= size:
                self._findings.append(Finding(f"row {self._next[0]}", "row_unknown"))
            self._advance()


def _shortened(findings: list[Finding]) -> Iterator[Finding]:
    """At most MOST_TOLD of a kind, then how many more there are."""
    told: dict[str, int] = {}
    for finding in findings:
        told[finding.code] = told.get(finding.code, 0) + 1
        if told[finding.code] <= MOST_TOLD or finding.code == "more":
            yield finding
    for code, count in told.items():
        if count > MOST_TOLD and code != "more":
            yield Finding(code, "more", {"count": count - MOST_TOLD})
