"""The Merkle tree of RFC 6962 and RFC 9162, section 2.1, over SHA-256. Pure functions.

A `node(level, index)` answers with the hash of the 2**level leaves from index * 2**level on, all of which have to be there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

Node = Callable[[int, int], bytes]

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\x00" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    return [sha256(b"\x00" + leaf).digest() for leaf in leaves]


def pair_up(hashes: Sequence[bytes]) -> list[bytes]:
    """The level above an even number of hashes."""
    return [
        sha256(b"\x01" + left + right).digest() for left, right in zip(hashes[::2], hashes[1::2], strict=True)
    ]


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over 1, 2, 4, 8 … hashes."""
    while len(hashes) > 1:
        hashes = pair_up(hashes)
    return hashes[0]


class CompactRange:
    """The few hashes that stand for all leaves so far: enough for the root and for adding more.

    `peaks` are roots of perfect trees as (level, hash), the largest first, one for each bit set in `size`.
    """

    def __init__(self) -> None:
        self.size = 0
        self.peaks: list[tuple[int, bytes]] = []

    def push(self, hash_: bytes, level: int = 0) -> None:
        """Adds a leaf's hash, or the root of the next 2**level leaves; the size has to be a multiple of that."""
        if self.size % (1 << level):
            raise ValueError("a subtree begins at a multiple of its own size")
        self.size += 1 << level
        while self.peaks and self.peaks[-1][0] == level:
            hash_ = node_hash(self.peaks.pop()[1], hash_)
            level += 1
        self.peaks.append((level, hash_))

    def copy(self) -> CompactRange:
        other = CompactRange()
        other.size, other.peaks = self.size, list(self.peaks)
        return other

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1][1]
        for _level, hash_ in reversed(self.peaks[:-1]):
            root = node_hash(hash_, root)
        return root


def root_of(leaves: Iterable[bytes]) -> bytes:
    """The root over these leaves; memory grows with the logarithm of their number."""
    range_ = CompactRange()
    for leaf in leaves:
        range_.push(leaf_hash(leaf))
    return range_.root()


# Proofs --------------------------------------------------------------------------------------------------------------


def _left_size(count: int) -> int:
    """The largest power of two below count (2 or more): how many leaves go to the left."""
    return 1 << ((count - 1).bit_length() - 1)


def span_root(start: int, end: int, node: Node) -> bytes:
    """The root over leaves start to end (exclusive), where start is a multiple of a power of two not below end - start."""
    pieces = []
    while start < end:
        level = (end - start).bit_length() - 1
        pieces.append(node(level, start >> level))
        start += 1 << level
    if not pieces:
        return EMPTY_ROOT
    root = pieces.pop()
    while pieces:
        root = node_hash(pieces.pop(), root)
    return root


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[size]) of RFC 6962, 2.1.1: the hashes beside the way from the leaf to the root, lowest first."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    start, end = 0, size
    spans = []
    while end - start > 1:
        middle = start + _left_size(end - start)
        if index < middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start = middle
    return [span_root(*span, node) for span in reversed(spans)]


def consistency_proof(old: int, size: int, node: Node) -> list[bytes]:
    """PROOF(old, D[size]) of RFC 6962, 2.1.2; empty where old is 0 or equals size."""
    if not 0 <= old <= size:
        raise ValueError(f"no tree of {old} in a tree of {size}")
    if old in (0, size):
        return []
    start, end, known = 0, size, True
    spans = []
    while old != end:
        middle = start + _left_size(end - start)
        if old <= middle:
            spans.append((middle, end))
            end = middle
        else:
            spans.append((start, middle))
            start, known = middle, False
    if not known:
        spans.append((start, end))
    return [span_root(*span, node) for span in reversed(spans)]


def root_from_inclusion(index: int, size: int, hash_: bytes, proof: Sequence[bytes]) -> bytes | None:
    """The root to which this leaf's hash leads (RFC 9162, 2.1.3.2); None where the proof has the wrong length."""
    if not 0 <= index < size:
        return None
    place, last = index, size - 1
    for beside in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            hash_ = node_hash(beside, hash_)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            hash_ = node_hash(hash_, beside)
        place, last = place >> 1, last >> 1
    return hash_ if last == 0 else None


def is_included(index: int, size: int, hash_: bytes, proof: Sequence[bytes], root: bytes) -> bool:
    return root_from_inclusion(index, size, hash_, proof) == root


def is_consistent(old: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the tree of `size` begins with the tree of `old` (RFC 9162, 2.1.4.2)."""
    if not 0 <= old <= size:
        return False
    if old in (0, size):
        return not proof and (old_root == EMPTY_ROOT if old == 0 else old_root == root)
    path = list(proof)
    if old & (old - 1) == 0:
        path.insert(0, old_root)
    if not path:
        return False
    place, last = old - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    first = second = path[0]
    for beside in path[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            first, second = node_hash(beside, first), node_hash(beside, second)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            second = node_hash(second, beside)
        place, last = place >> 1, last >> 1
    return last == 0 and first == old_root and second == root
