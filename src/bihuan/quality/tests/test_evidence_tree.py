"""The tree, against RFC 6962's own definition written down plainly, and against published values."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.quality.evidence import tree
from bihuan.quality.evidence.tiles import counts, number_path, path_number, tile_path

LEAVES = "|00|10|2021|3031|40414243|5051525354555657|606162636465666768696a6b6c6d6e6f".split("|")
# The roots of the first 1 to 8 of these leaves; the last is `conformance` case 6, the others are the test data of RFC 6962's authors.
ROOTS = (
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
)
MOST = 70


def mth(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, 2.1, word for word."""
    n = len(leaves)
    if n == 0:
        return sha256(b"").digest()
    if n == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = 1
    while k * 2 < n:
        k *= 2
    return sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, 2.1.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, 2.1.2."""
    n = len(leaves)
    if m == n:
        return [] if whole else [mth(leaves)]
    k = 1
    while k * 2 < n:
        k *= 2
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def some(count: int) -> list[bytes]:
    return [b"leaf %d" % number for number in range(count)]


def node_of(leaves: list[bytes]) -> tree.Node:
    return lambda level, index: mth(leaves[index << level : (index + 1) << level])


def test_the_empty_tree_has_the_published_root():
    assert tree.root_of([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("count", range(1, 9))
def test_the_published_leaves_have_the_published_roots(count: int):
    assert tree.root_of(bytes.fromhex(leaf) for leaf in LEAVES[:count]).hex() == ROOTS[count - 1]


@pytest.mark.parametrize("size", range(1, MOST))
def test_every_leaf_of_every_size_has_a_proof_that_verifies_and_no_other_does(size: int):
    leaves = some(size)
    root, node = mth(leaves), node_of(leaves)
    for index in range(size):
        proof = tree.inclusion_proof(index, size, node)
        hash_ = tree.leaf_hash(leaves[index])
        assert proof == path(index, leaves)
        assert tree.is_included(index, size, hash_, proof, root)
        assert not tree.is_included((index + 1) % size, size, hash_, proof, root) or size == 1
        assert not tree.is_included(index, size, tree.leaf_hash(b"other"), proof, root)
        assert not tree.is_included(index, size, hash_, [*proof, root], root)
        assert not proof or not tree.is_included(index, size, hash_, proof[:-1], root)


@pytest.mark.parametrize("size", range(MOST))
def test_every_pair_of_sizes_has_a_proof_that_verifies_and_no_other_root_does(size: int):
    leaves = some(size)
    root, node = mth(leaves), node_of(leaves)
    for old in range(size + 1):
        proof = tree.consistency_proof(old, size, node)
        old_root = mth(leaves[:old])
        assert proof == (subproof(old, leaves, True) if 0 < old < size else [])
        assert tree.is_consistent(old, size, old_root, root, proof)
        forked = mth([*leaves[: old - 1], b"other"]) if old else b"\0" * 32
        assert not tree.is_consistent(old, size, forked, root, proof)
        assert not tree.is_consistent(old, size, old_root, mth([*leaves, b"x"]), proof) or old == 0
        assert not tree.is_consistent(old, size, old_root, root, [*proof, root])


@given(st.lists(st.binary(max_size=9), max_size=300), st.data())
@settings(max_examples=60, deadline=None)
def test_a_compact_range_gives_the_root_however_it_was_filled(leaves: list[bytes], data: st.DataObject):
    range_, at = tree.CompactRange(), 0
    while at < len(leaves):
        most = 0
        while at % (2 << most) == 0 and at + (2 << most) <= len(leaves):
            most += 1
        level = data.draw(st.integers(0, most))
        range_.push(mth(leaves[at : at + (1 << level)]), level)
        at += 1 << level
    assert range_.root() == mth(leaves)


@given(st.integers(1, 200), st.data())
@settings(max_examples=120, deadline=None)
def test_any_bit_flipped_in_a_proof_is_found(size: int, data: st.DataObject):
    leaves = some(size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(1, size))
    root, node = mth(leaves), node_of(leaves)
    inclusion, consistency = tree.inclusion_proof(index, size, node), tree.consistency_proof(old, size, node)
    bit = data.draw(st.integers(0, 255))
    for place in range(len(inclusion)):
        assert not tree.is_included(
            index, size, tree.leaf_hash(leaves[index]), flipped(inclusion, place, bit), root
        )
    for place in range(len(consistency)):
        assert not tree.is_consistent(old, size, mth(leaves[:old]), root, flipped(consistency, place, bit))


def flipped(proof: list[bytes], place: int, bit: int) -> list[bytes]:
    changed = bytearray(proof[place])
    changed[bit // 8] ^= 1 << bit % 8
    return [*proof[:place], bytes(changed), *proof[place + 1 :]]


def test_a_leaf_is_not_mistaken_for_a_node():
    left, right = tree.leaf_hash(b"a"), tree.leaf_hash(b"b")
    assert tree.leaf_hash(left + right) != tree.node_hash(left, right)


def test_tiles_are_named_as_the_tiles_specification_says():
    assert tile_path(0, 1234067) == "tile/0/x001/x234/067"
    assert tile_path("entries", 67, 8) == "tile/entries/067.p/8"
    # its example: a log of 70,000 has 273 full tiles and one of 112, then one full and one of 17, then one of 1
    assert [(count >> 8, count & 255) for count in counts(70_000)] == [(273, 112), (1, 17), (0, 1)]
    assert [(count >> 8, count & 255) for count in counts(256)] == [(1, 0), (0, 1)]


@given(st.integers(0, 10**12))
def test_a_numbers_path_leads_back_to_it(number: int):
    assert path_number(number_path(number)) == number
