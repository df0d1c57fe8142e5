"""The log on disk: what is appended stays, twice is once, one writes while many read, keys change."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.quality.evidence import EvidenceFault, EvidenceLog, LogBusy, canonical_event, tree, verify
from bihuan.quality.evidence.files import locked
from bihuan.quality.evidence.index import NAME

from .evidence_making import NOW, batch, made, make_log


def code_of(call: object, *arguments: object, **words: object) -> str:
    with pytest.raises(EvidenceFault) as caught:
        call(*arguments, **words)  # type: ignore[operator]
    return caught.value.code


@given(st.lists(st.integers(0, 700), min_size=1, max_size=5))
@settings(max_examples=15, deadline=None)
def test_however_it_grew_the_log_is_the_tree_over_its_events(tmp_path_factory, sizes: list[int]):
    log, start = EvidenceLog(tmp_path_factory.mktemp("log") / "evidence"), 0
    for number in sizes:
        assert log.append(batch(range(start, start + number)), now=NOW) == list(range(start, start + number))
        start += number
    assert log.head().head.root == tree.root_of(canonical_event(one) for one in batch(range(start)))
    assert verify(log).findings == []


def test_every_entry_and_every_pair_of_heads_has_a_proof_that_verifies(tmp_path: Path):
    log = make_log(tmp_path / "e", 1, 7, 255, 256, 257, 700)
    heads = list(log.heads())
    assert [one.head.size for one in heads] == [0, 1, 7, 255, 256, 257, 700]
    for new in heads:
        root = new.head.root
        for index in range(0, new.head.size, 13):
            leaf = tree.leaf_hash(log.entry(index))
            proof = log.inclusion(index, new.head.size)
            assert tree.is_included(index, new.head.size, leaf, proof, root)
        for old in (one for one in heads if one.head.size <= new.head.size):
            proof = log.consistency(old, new)
            assert tree.is_consistent(old.head.size, new.head.size, old.head.root, root, proof)
            assert log.root_at(old.head.size) == old.head.root


def test_a_batch_given_twice_is_added_once(tmp_path: Path):
    log = make_log(tmp_path / "e", 300)
    before = log.head()
    assert log.append(batch(range(300)), now=NOW + timedelta(days=1)) == list(range(300))
    assert log.head() == before
    assert log.append([made(5), made(300), made(300), made(6)], now=NOW) == [5, 300, 300, 6]
    assert log.head().head.size == 301


def test_an_id_with_other_contents_is_refused_and_nothing_is_added(tmp_path: Path):
    log = make_log(tmp_path / "e", 10)
    assert code_of(log.append, [made(10), made(3, quantity="9")], now=NOW) == "same_id"
    assert code_of(log.append, [made(11), made(11, quantity="9")], now=NOW) == "same_id_here"
    assert log.head().head.size == 10


def test_one_wrong_event_refuses_its_batch_and_says_where(tmp_path: Path):
    log = make_log(tmp_path / "e", 1)
    with pytest.raises(EvidenceFault) as caught:
        log.append([made(1), made(2, quantity="much")], now=NOW)
    assert (caught.value.path, caught.value.code) == ("[1].quantity", "bad_field")
    assert log.head().head.size == 1


def test_a_lost_table_of_ids_is_made_anew(tmp_path: Path):
    log = make_log(tmp_path / "e", 400)
    (log.folder / NAME).unlink()
    assert log.append([made(399), made(400)], now=NOW) == [399, 400]
    assert log.index_of("lot_made:0") == 0
    (log.folder / NAME).write_bytes(b"not a database at all, but as long as one would have to be to be read")
    assert log.append([made(3), made(401)], now=NOW) == [3, 401]


def test_what_is_not_there_is_said_so(tmp_path: Path):
    log = EvidenceLog(tmp_path / "e")
    assert code_of(log.head) == "no_log"
    assert not log.folder.exists()
    log.create(now=NOW)
    assert log.head().head.root == tree.EMPTY_ROOT
    assert verify(log).ok
    assert code_of(log.entry, 0) == "no_such_leaf"
    assert code_of(log.index_of, "lot_made:0") == "no_such_id"


def test_the_private_key_is_for_its_owner_alone(tmp_path: Path):
    log = make_log(tmp_path / "e", 1)
    key = log.folder / "private" / "1.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    assert stat.S_IMODE(key.parent.stat().st_mode) == 0o700


def test_a_new_key_is_vouched_for_by_the_old_one(tmp_path: Path):
    log = make_log(tmp_path / "e", 5)
    first = log.head()
    assert log.rotate_key(now=NOW) == 2
    log.append(batch(range(5, 9)), now=NOW)
    assert log.head().note.key_id != first.note.key_id
    assert log.head().head.origin == first.head.origin
    assert verify(log, kept=first.to_bytes()).ok
    # the old key may not sign what came after it
    forged = log.folder / "private" / "2.key"
    forged.write_bytes((log.folder / "private" / "1.key").read_bytes())
    assert code_of(log.append, batch([9]), now=NOW) == "no_private_key"


def test_a_retired_key_signs_no_larger_head(tmp_path: Path):
    log = make_log(tmp_path / "e", 5)
    chain = (log.folder / "keys" / "1").read_bytes()
    log.append(batch(range(5, 9)), now=NOW)
    late = log.head()  # signed by key 1 at size 9
    other = make_log(tmp_path / "f", 1)
    assert code_of(other.trusted, late.to_bytes()) == "other_log"
    # the same history, had the key been changed at size 5
    for name in ("keys", "private"):
        for path in (other.folder / name).iterdir():
            path.write_bytes((log.folder / name / path.name).read_bytes())
    assert (other.folder / "keys" / "1").read_bytes() == chain
    for path in (other.folder / "checkpoint", *(other.folder / "heads").iterdir()):
        path.unlink()
    for name in ("tile", NAME):
        path = other.folder / name
        subprocess.run(["rm", "-r", str(path)], check=True)
    other.append(batch(range(5)), now=NOW)
    other.rotate_key(now=NOW)
    assert code_of(other.trusted, late.to_bytes()) == "head_key_retired"


def test_a_clock_that_went_back_does_not_stop_the_log(tmp_path: Path):
    log = make_log(tmp_path / "e", 3)
    log.append(batch([3]), now=NOW - timedelta(days=9))
    assert log.head().head.at == NOW
    assert verify(log).ok


def test_a_writer_waits_for_the_other_one_and_no_longer_than_it_says(tmp_path: Path):
    log = make_log(tmp_path / "e", 3)
    with locked(log.folder / "lock", 0):
        with pytest.raises(LogBusy):
            log.append(batch([3]), now=NOW, wait=0.05)
    assert log.append(batch([3]), now=NOW, wait=0.05) == [3]


def test_writers_of_several_processes_take_turns_while_readers_prove_and_verify(tmp_path: Path):
    log = make_log(tmp_path / "e", 1)
    script = (
        "import sys; from pathlib import Path; from bihuan.quality.tests.evidence_making import NOW, batch\n"
        "from bihuan.quality.evidence import EvidenceLog\n"
        "log, own = EvidenceLog(Path(sys.argv[1])), int(sys.argv[2])\n"
        "for n in range(30): log.append(batch(range(own + n * 40, own + n * 40 + 43)), now=NOW)\n"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    writers = [
        subprocess.Popen([sys.executable, "-c", script, str(log.folder), str(own)], env=environment)
        for own in (1_000, 1_600)  # they share half of their events
    ]
    failed: list[BaseException] = []

    def read() -> None:
        try:
            while any(one.poll() is None for one in writers):
                head = log.head().head
                for index in (0, head.size // 2, head.size - 1):
                    log.inclusion(index, head.size)
                    log.entry(index, head.size)
                assert verify(log).findings == []
        except Exception as error:
            failed.append(error)

    readers = [threading.Thread(target=read) for _ in range(2)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join(120)
    assert [one.wait(10) for one in writers] == [0, 0]
    assert failed == []
    assert verify(log).ok
    assert log.head().head.size == 1 + 600 + 1_203
    ids = [log.entry(index) for index in range(log.head().head.size)]
    assert len(set(ids)) == len(ids)
