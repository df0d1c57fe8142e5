"""Whatever is altered in a log is found and named; a log that is whole has no findings."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.quality.evidence import EvidenceFault, EvidenceLog, appending, verify
from bihuan.quality.evidence.index import NAME
from bihuan.quality.evidence.notes import Head, sign_head
from bihuan.quality.evidence.tiles import decode_entries, encode_entries, split
from bihuan.quality.evidence.tree import leaf_hashes

from .evidence_making import NOW, batch, make_log

SIZES = (1, 300, 700)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> EvidenceLog:
    log = make_log(tmp_path_factory.mktemp("whole") / "e", *SIZES)
    log.rotate_key(now=NOW + timedelta(days=1))
    log.append(batch(range(700, 900)), now=NOW + timedelta(days=1))
    return log


@pytest.fixture
def log(whole: EvidenceLog, tmp_path: Path) -> EvidenceLog:
    return EvidenceLog(Path(shutil.copytree(whole.folder, tmp_path / "e")))


def found(log: EvidenceLog, **words: object) -> list[tuple[str, str]]:
    return [(one.at, one.code) for one in verify(log, **words).findings]  # type: ignore[arg-type]


def flip(path: Path, bit: int) -> None:
    data = bytearray(path.read_bytes())
    data[bit // 8] ^= 1 << bit % 8
    path.write_bytes(data)


def signed_files(log: EvidenceLog) -> list[Path]:
    """All that a head, a key's signature or a hash covers."""
    kept = ("private", "lock", NAME, NAME + "-wal", NAME + "-shm")
    return sorted(
        path
        for path in log.folder.rglob("*")
        if path.is_file() and path.relative_to(log.folder).parts[0] not in kept
    )


def test_a_whole_log_has_no_findings(whole: EvidenceLog):
    result = verify(whole, kept=whole.head_of(300).to_bytes())
    assert (result.size, result.root, result.findings) == (900, whole.head().head.root, [])


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_single_bit_flipped_in_any_file_is_found(whole: EvidenceLog, data: st.DataObject):
    path = data.draw(st.sampled_from(signed_files(whole)))
    bit = data.draw(st.integers(0, path.stat().st_size * 8 - 1))
    flip(path, bit)
    try:
        assert not verify(whole).ok
    finally:
        flip(path, bit)


def test_every_file_of_the_log_is_looked_at(log: EvidenceLog):
    files = signed_files(log)
    assert {path.relative_to(log.folder).parts[0] for path in files} == {
        "checkpoint",
        "heads",
        "keys",
        "tile",
    }
    for path in files:
        for bit in (0, path.stat().st_size * 4, path.stat().st_size * 8 - 1):
            flip(path, bit)
            assert found(log), path
            flip(path, bit)
    assert not found(log)


def entry_bit(index: int, numbers: int = 20) -> Callable[[EvidenceLog], None]:
    """A bit in the middle of an entry."""

    def alter(log: EvidenceLog) -> None:
        path = log.folder / f"tile/entries/{index // 256:03d}"
        path = path if path.exists() else next(path.with_name(f"{path.name}.p").iterdir())
        count = 256 if path.parent.name == "entries" else int(path.name)
        entries = decode_entries(path.read_bytes(), count)
        place = sum(2 + len(one) for one in entries[: index % 256]) + 2 + numbers
        flip(path, place * 8)

    return alter


@pytest.mark.parametrize(
    ("alter", "expected"),
    [
        (entry_bit(5), [("entry 5", "entry_altered")]),
        (entry_bit(299), [("entry 299", "entry_altered")]),
        (entry_bit(899), [("entry 899", "entry_altered")]),
        (lambda log: flip(log.folder / "tile/entries/001", 0), [("entries 256-511", "bad_entries")]),
        (lambda log: flip(log.folder / "tile/0/001", 999), [("tile 0/1", "tile_altered")]),
        (lambda log: flip(log.folder / "tile/0/003.p/132", 999), [("tile 0/3", "tile_altered")]),
        (lambda log: flip(log.folder / "tile/1/000.p/3", 300), [("tile 1/0", "tile_altered")]),
        (lambda log: flip(log.folder / "checkpoint", 500), [("checkpoint", "head_altered")]),
        (lambda log: flip(log.folder / "heads/300", 500), [("head 300", "head_altered")]),
        (lambda log: flip(log.folder / "keys/2", 300), [("key 2", "bad_key_record")]),
        (lambda log: (log.folder / "tile/0/001").unlink(), [("tile 0/1", "tile_missing")]),
        (lambda log: (log.folder / "tile/entries/002").unlink(), [("entries 512-767", "entries_missing")]),
        (lambda log: (log.folder / "checkpoint").unlink(), [("checkpoint", "head_missing")]),
    ],
)  # fmt: skip
def test_what_was_altered_is_named(log: EvidenceLog, alter, expected: list[tuple[str, str]]):
    alter(log)
    assert [one for one in found(log) if one[0] != "head 900"][: len(expected)] == expected
    assert {one[1] for one in found(log)} <= {expected[0][1], "head_altered"}


def test_an_entry_rewritten_with_its_hash_is_named(log: EvidenceLog):
    path = log.folder / "tile/entries/001"
    entries = decode_entries(path.read_bytes(), 256)
    entries[4] = entries[4].replace(b"12.500", b"92.500")
    path.write_bytes(encode_entries(entries))
    tile = log.folder / "tile/0/001"
    assert len(split(tile.read_bytes())) == 256
    tile.write_bytes(b"".join(leaf_hashes(entries)))
    assert found(log) == [("entries 256-511", "entries_rewritten")]


def test_an_entry_and_another_tile_altered_at_once_are_told_apart(log: EvidenceLog):
    entry_bit(5)(log)
    flip(log.folder / "tile/0/002", 77)
    assert found(log) == [("entry 5", "entry_altered"), ("tile 0/2", "tile_altered")]


def rewritten(log: EvidenceLog, tmp_path: Path, size: int, sizes: tuple[int, ...]) -> EvidenceLog:
    """A second history under the log's own keys: the first lot is another, up to `size`."""
    other = EvidenceLog(tmp_path / "forked")
    for name in ("keys/1", "private/1.key"):
        (other.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log.folder / name, other.folder / name)
    if size > 700:
        sizes = (*sizes, size)
    start = 0
    for end in sizes:
        events = batch(range(start, end))
        if start == 0:
            events[0]["quantity"] = "99"
        other.append(events, now=NOW)
        start = end
    return other


def test_a_log_rewritten_by_who_has_the_key_is_found_by_a_head_that_was_kept(
    log: EvidenceLog, tmp_path: Path
):
    kept = log.head_of(700)
    forked = rewritten(log, tmp_path, 900, (1, 300, 700))
    assert found(forked) == []
    assert found(forked, kept=kept.to_bytes()) == [("kept head", "kept_forked")]


def test_a_log_forked_after_a_head_is_found_by_its_own_list_of_heads(log: EvidenceLog):
    """Who has the key signs another head of size 300; both lie there."""
    private = appending._private_key(log, log.keys())
    assert private
    first = log.folder / "private" / "1.key"
    from bihuan.quality.evidence.notes import from_base64

    key = from_base64(first.read_text().strip(), 32)
    other = sign_head(Head(log.keys().origin, 300, b"\1" * 32, NOW), key)
    log.head_path(300).write_bytes(other.to_bytes())
    assert found(log) == [("head 300", "head_forked")]
    assert found(log, kept=other.to_bytes()) == [("head 300", "head_forked"), ("kept head", "kept_forked")]


def test_a_rewritten_log_without_the_key_does_not_lead_to_the_head(log: EvidenceLog, tmp_path: Path):
    forked = rewritten(log, tmp_path, 900, (1, 300, 700))
    shutil.rmtree(log.folder / "tile")
    shutil.copytree(forked.folder / "tile", log.folder / "tile")
    assert found(log) == [("head 900", "root_differs")]


def test_a_truncated_tail_is_found_by_the_list_of_heads_and_by_a_head_that_was_kept(log: EvidenceLog):
    kept = log.head().to_bytes()
    shutil.copyfile(log.head_path(700), log.folder / "checkpoint")
    assert ("head 700", "truncated") in found(log)
    log.head_path(900).unlink()
    (log.folder / NAME).unlink()
    for name in ("entries", "0"):  # the tail goes for good, as whoever cuts it would do
        data = (log.folder / f"tile/{name}/002").read_bytes()
        part = encode_entries(decode_entries(data, 188)) if name == "entries" else data[: 188 * 32]
        partial = log.folder / f"tile/{name}/002.p"
        partial.mkdir()
        (partial / "188").write_bytes(part)
        (log.folder / f"tile/{name}/002").unlink()
        shutil.rmtree(log.folder / f"tile/{name}/003.p")
    above = log.folder / "tile/1/000.p/3"
    (above.parent / "2").write_bytes(above.read_bytes()[:64])
    above.unlink()
    assert found(log) == []  # from within, nothing shows
    assert found(log, kept=kept) == [("kept head", "kept_longer")]


def test_nothing_is_added_to_a_log_that_was_cut_off_or_altered(log: EvidenceLog):
    shutil.copyfile(log.head_path(700), log.folder / "checkpoint")
    with pytest.raises(EvidenceFault) as caught:
        log.append(batch([900]), now=NOW)
    assert caught.value.code in ("cut_off", "missing_file")
    shutil.copyfile(log.head_path(900), log.folder / "checkpoint")
    flip(log.folder / "tile/entries/003.p/132", 77)
    with pytest.raises(EvidenceFault) as caught:
        log.append(batch([900]), now=NOW)
    assert caught.value.code == "does_not_add_up"


def test_a_row_that_was_altered_in_the_database_is_named(log: EvidenceLog):
    rows = [(index, log.entry(index)) for index in range(900)]
    assert found(log, rows=rows, all_rows=True) == []
    rows[17] = (17, rows[17][1].replace(b"12.500", b"13.500"))
    assert found(log, rows=rows) == [("row 17", "row_altered")]
    assert found(log, rows=rows[:16] + rows[18:], all_rows=False) == []
    assert found(log, rows=rows[:16] + rows[18:], all_rows=True) == [
        ("row 16", "row_missing"),
        ("row 17", "row_missing"),
    ]
    assert found(log, rows=[(900, b"{}")]) == [("row 900", "row_unknown")]


def test_many_findings_of_a_kind_are_summed_up(log: EvidenceLog):
    tile = log.folder / "tile/entries/000"
    entries = [one.replace(b"12.500", b"92.500") for one in decode_entries(tile.read_bytes(), 256)]
    tile.write_bytes(encode_entries(entries))
    findings = verify(log).findings
    assert len(findings) == 101
    assert (findings[-1].code, findings[-1].params) == ("more", {"count": 156})


def test_a_kept_head_of_another_log_or_altered_is_named(log: EvidenceLog, tmp_path: Path):
    other = make_log(tmp_path / "other", 3).head().to_bytes()
    assert found(log, kept=other) == [("kept head", "other_log")]
    altered = bytearray(log.head_of(300).to_bytes())
    altered[50] ^= 1
    assert found(log, kept=bytes(altered)) == [("kept head", "head_altered")]
    assert found(log, kept=b"") == [("kept head", "head_altered")]
