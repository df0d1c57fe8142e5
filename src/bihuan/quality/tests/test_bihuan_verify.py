"""The stand-alone verifier: its signatures against RFC 8032 and another library, and what it finds in altered bundles."""

from __future__ import annotations

import ast
import json
import shutil
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.quality.evidence import EvidenceFault, EvidenceLog, bihuan_verify, make_bundle, seal
from bihuan.quality.evidence.bundle import verifier
from bihuan.quality.evidence.canonical import canonical
from bihuan.quality.evidence.notes import Head, from_base64, sign_head

from .evidence_making import NOW, batch, made, make_log

# RFC 8032, section 7.1, tests 1 to 3 and SHA(abc): secret key, public key, message, signature
RFC_8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
        "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
        "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
    (
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
        "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b589"
        "09351fc9ac90b3ecfdfbc7c66431e0303dca179c138ac17ad9bef1177331a704",
    ),
]


@pytest.mark.parametrize(("secret", "public", "message", "signature"), RFC_8032)
def test_the_published_signatures_hold_and_altered_ones_do_not(secret, public, message, signature):
    key, text, signed = (bytes.fromhex(one) for one in (public, message, signature))
    private = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
    assert private.sign(text) == signed
    assert bihuan_verify.is_signed(key, signed, text)
    assert not bihuan_verify.is_signed(key, signed, text + b"x")
    for bit in range(0, 512, 37):
        assert not bihuan_verify.is_signed(key, flipped(signed, bit), text)
        assert not bihuan_verify.is_signed(flipped(key, bit % 256), signed, text)


@given(st.binary(min_size=32, max_size=32), st.binary(max_size=200), st.integers(0, 511))
@settings(max_examples=40, deadline=None)
def test_signatures_are_judged_as_another_library_judges_them(secret: bytes, message: bytes, bit: int):
    private = Ed25519PrivateKey.from_private_bytes(secret)
    public = private.public_key().public_bytes_raw()
    signature = private.sign(message)
    assert bihuan_verify.is_signed(public, signature, message)
    altered = flipped(signature, bit)
    with pytest.raises(InvalidSignature):
        Ed25519PublicKey.from_public_bytes(public).verify(altered, message)
    assert not bihuan_verify.is_signed(public, altered, message)


def test_a_signature_with_a_second_form_of_its_number_does_not_hold():
    """S + L verifies in the plain equation; RFC 8032, 5.1.7 refuses it."""
    public, message, signature = (bytes.fromhex(one) for one in RFC_8032[0][1:])
    number = int.from_bytes(signature[32:], "little") + bihuan_verify.ORDER
    assert not bihuan_verify.is_signed(public, signature[:32] + number.to_bytes(32, "little"), message)


def test_a_key_that_every_signature_fits_does_not_hold():
    """The neutral point as key: R = [S]B would pass for any message."""
    neutral = (1).to_bytes(32, "little")
    number = 5
    point = bihuan_verify.multiply(number, bihuan_verify.BASE)
    inverse = pow(point[2], -1, bihuan_verify.P)
    x, y = point[0] * inverse % bihuan_verify.P, point[1] * inverse % bihuan_verify.P
    encoded = (y | (x & 1) << 255).to_bytes(32, "little")
    assert not bihuan_verify.is_signed(neutral, encoded + number.to_bytes(32, "little"), b"anything")


def flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


# Bundles -------------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def log(tmp_path_factory) -> EvidenceLog:
    log = make_log(tmp_path_factory.mktemp("verify") / "e", 1, 300, 700)
    log.rotate_key(now=NOW)
    log.append([made(700, by=seal("张三", b"s" * 32)), *batch(range(701, 900))], now=NOW)
    return log


@pytest.fixture(scope="module")
def bundle(log: EvidenceLog) -> bytes:
    return make_bundle(log, [0, 299, 700, 899], [log.head_of(300)])


def found(data: bytes, kept: bytes | None = None, origin: str | None = None) -> list[tuple[str, str]]:
    return [(one["at"], one["code"]) for one in bihuan_verify.check(data, kept, origin)["findings"]]


def altered(bundle: bytes, change: Any) -> bytes:
    """The bundle with a change, again in canonical form: as somebody would forge it."""
    value = json.loads(bundle)
    change(value)
    return canonical(value) + b"\n"


def test_a_whole_bundle_has_no_findings(log: EvidenceLog, bundle: bytes):
    head = log.head().head
    result = bihuan_verify.check(bundle, log.head_of(300).to_bytes(), head.origin)
    assert result == {
        "origin": head.origin, "size": 900, "root": head.root.hex(), "time": "2026-03-02T11:00:00Z", "events": 4, "ok": True,
        "findings": [],
    }  # fmt: skip


@pytest.mark.parametrize("size", [1, 2, 3, 255, 256, 257, 300])
def test_bundles_of_logs_of_any_size_hold(tmp_path: Path, size: int):
    log = make_log(tmp_path / "e", 1, size)
    kept = log.head_of(1)
    bundle = make_bundle(log, {0, size // 2, size - 1}, [kept])
    assert found(bundle, kept.to_bytes()) == []


@given(st.data())
@settings(max_examples=400, deadline=None)
def test_any_single_bit_flipped_in_a_bundle_is_found(bundle: bytes, data: st.DataObject):
    assert found(flipped(bundle, data.draw(st.integers(0, len(bundle) * 8 - 1))))


@pytest.mark.slow
def test_bits_flipped_all_over_a_bundle_are_found(tmp_path: Path):
    """A bit in every fifth byte of a small one."""
    log = make_log(tmp_path / "e", 2, 3)
    bundle = make_bundle(log, [1], [log.head_of(2)])
    places = range(0, len(bundle), 5)
    assert [place for place in places if not found(flipped(bundle, place * 8 + place % 7))] == []


@given(st.data())
@settings(max_examples=60, deadline=None)
def test_any_single_bit_flipped_in_a_kept_head_is_found(log: EvidenceLog, bundle: bytes, data: st.DataObject):
    kept = log.head_of(300).to_bytes()
    altered_head = flipped(kept, data.draw(st.integers(0, len(kept) * 8 - 1)))
    assert [at for at, _code in found(bundle, altered_head)] == ["kept head"]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (lambda b: b["leaves"][1].update(event=b["leaves"][1]["event"].replace("12.500", "92.500")), ("event 299", "event_altered")),
        (lambda b: b["leaves"][1].update(hash="00" * 32), ("event 299", "event_altered")),
        (lambda b: b["leaves"][1]["proof"].__setitem__(2, "00" * 32), ("event 299", "proof_altered")),
        (lambda b: b["leaves"][1]["proof"].pop(), ("event 299", "proof_altered")),
        (lambda b: b["leaves"][1].update(index=298), ("event 298", "proof_altered")),
        (lambda b: b["leaves"].reverse(), ("event 700", "not_in_order")),
        (lambda b: b["leaves"][1].update(extra=1), ("event after 0", "bad_part")),
        (lambda b: b.update(head=b["head"].replace("\n900\n", "\n901\n")), ("head", "head_altered")),
        (lambda b: b["keys"].__setitem__(0, b["keys"][0].replace("\n1\n", "\n2\n")), ("key 1", "bad_key_record")),
        (lambda b: b["keys"].pop(), ("head", "head_altered")),
        (lambda b: b["kept"][0]["proof"].pop(), ("kept[0]", "kept_proof_altered")),
        (lambda b: b["kept"][0].update(head=b["head"]), ("kept[0]", "kept_proof_altered")),
        (lambda b: b.update(format="other"), ("bundle", "bad_part")),
        (lambda b: b.update(remark="x"), ("bundle", "bad_part")),
    ],
)  # fmt: skip
def test_what_was_altered_is_named(bundle: bytes, change: Any, expected: tuple[str, str]):
    assert found(altered(bundle, change))[0] == expected


def test_an_altered_byte_is_named_though_the_bundle_lost_its_form(bundle: bytes):
    place = bundle.index("松".encode())
    assert found(flipped(bundle, place * 8 + 7)) == [
        ("bundle", "not_canonical"),
        ("event 0", "event_altered"),
        ("event 0", "event_not_canonical"),
    ]


@pytest.mark.parametrize(
    "data", [b"", b"\n", b"{}\n", b"[]\n", b"null\n", b"\xff", b"[" * 100_000, b"1" * 9_000 + b"\n"]
)
def test_what_is_no_bundle_is_said_so(data: bytes):
    assert found(data)[-1][1] in ("unreadable", "bad_part")


def test_a_forked_log_is_found_by_the_head_that_a_customer_kept(
    log: EvidenceLog, bundle: bytes, tmp_path: Path
):
    """Whoever has the key writes the history anew, and proves it with heads of its own."""
    kept = log.head_of(300).to_bytes()
    other = EvidenceLog(tmp_path / "e")
    for name in ("keys/1", "private/1.key"):
        (other.folder / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(log.folder / name, other.folder / name)
    events = batch(range(300))
    events[7]["quantity"] = "99"
    other.append(events, now=NOW)
    other.append(batch(range(300, 900)), now=NOW)
    forged = make_bundle(other, [7, 800], [other.head_of(300)])
    assert found(forged) == []
    assert found(forged, kept) == [("kept head", "kept_forked")]
    with pytest.raises(EvidenceFault) as caught:
        make_bundle(other, [7], [log.head_of(300)])
    assert caught.value.code == "kept_forked"
    assert found(make_bundle(other, [7]), kept) == [("kept head", "kept_unproven")]


def test_a_truncated_log_is_found_by_the_head_that_a_customer_kept(log: EvidenceLog, tmp_path: Path):
    short = make_log(tmp_path / "e", 3)
    key = from_base64((short.folder / "private/1.key").read_text().strip(), 32)
    head = short.head().head
    kept = sign_head(Head(head.origin, 5, b"\1" * 32, NOW + timedelta(days=1)), key).to_bytes()
    assert found(make_bundle(short, [0]), kept) == [("kept head", "kept_longer")]
    same = sign_head(Head(head.origin, 3, b"\1" * 32, NOW), key).to_bytes()
    assert found(make_bundle(short, [0]), same) == [("kept head", "kept_forked")]
    assert found(make_bundle(short, [0]), short.head().to_bytes()) == []


def test_another_log_is_not_taken_for_this_one(log: EvidenceLog, bundle: bytes, tmp_path: Path):
    other = make_log(tmp_path / "e", 300)
    assert found(bundle, origin=other.head().head.origin) == [("bundle", "other_origin")]
    assert found(bundle, other.head().to_bytes()) == [("kept head", "other_log")]


# As a customer runs it -----------------------------------------------------------------------------------------------


def pythons() -> list[str]:
    """This Python, and whatever older ones stand on PATH."""
    names = ["python3.8", "python3.9", "python3.10", "python3.11", "python3.12"]
    return [sys.executable, *(path for name in names if (path := shutil.which(name)))]


@pytest.mark.parametrize("python", pythons())
def test_the_file_runs_by_itself(python: str, log: EvidenceLog, bundle: bytes, tmp_path: Path):
    if subprocess.run([python, "-I", "-c", ""], capture_output=True).returncode:
        pytest.skip(f"{python} does not start")
    script, data, kept = (tmp_path / name for name in ("bihuan_verify.py", "bundle.json", "old.head"))
    script.write_bytes(verifier())
    data.write_bytes(bundle)
    kept.write_bytes(log.head_of(300).to_bytes())

    def run(*words: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [python, "-I", str(script), *map(str, words)], capture_output=True, text=True, encoding="utf-8",
            cwd=tmp_path, env={"LC_ALL": "C"},
        )  # fmt: skip

    done = run(data, "--head", kept, "--origin", log.head().head.origin)
    assert (done.returncode, done.stderr) == (0, "")
    assert "✓" in done.stdout
    data.write_bytes(bundle.replace(b"12.500", b"92.500", 1))
    done = run(data, "--head", kept, "--json")
    assert done.returncode == 1
    (one,) = json.loads(done.stdout)["findings"]
    assert (one["at"], one["code"]) == ("event 0", "event_altered")
    assert "事件" in one["what"]
    assert "event 0" in run(data).stdout
    assert run(tmp_path / "none.json").returncode == 2


def test_the_file_needs_nothing_but_the_standard_library_and_old_syntax():
    source = ast.parse(verifier(), feature_version=(3, 8))
    imported = {
        (node.module or "") if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(source)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert {one.partition(".")[0] for one in imported} <= sys.stdlib_module_names
