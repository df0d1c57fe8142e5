#!/usr/bin/env python3
"""Checks a Bihuan evidence bundle without Bihuan: this one file, Python 3.8 or later, nothing else. Licence: Apache-2.0.

    python3 bihuan_verify.py bundle.json [--head HEAD] [--origin NAME] [--json]

--head    a head that you kept from earlier: the log must still begin with what it stood for
--origin  the name of the log as it stands on your certificates (bihuan/...)

What is checked: the signatures of all keys and heads (Ed25519, RFC 8032), that each event hashes to its leaf and each proof leads
to the signed root (RFC 9162), that the log grew out of every earlier head. Exit status 0: all is well; 1: something is wrong; 2: bad use.

核验闭环证据包：只需本文件与 Python 3.8 以上版本，不连接任何服务器。--head 为您此前保存的树头；--origin 为证书上所印的日志名称。
退出状态：0 无误，1 有误，2 用法不对。
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import sys
import unicodedata
from hashlib import sha256, sha512
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T
    Keys = list[tuple[bytes, int]]  # public key, and the size from which on it signs
    Findings = list[tuple[str, str]]  # where, and one of SAYS

FORMAT = "bihuan-bundle/1"
SAYS = {
    "unreadable": ("This is not a bundle, or it was damaged beyond reading.", "不是证据包，或已损坏至无法读取。"),
    "not_canonical": ("The bundle was altered: it is not in the only form that a bundle has.", "证据包被改动：不符合唯一的规范格式。"),
    "bad_part": ("A part of the bundle is missing, superfluous or of another kind than it should be.", "证据包的内容缺失、多余或类型不对。"),
    "bad_key_record": ("The record of this key was altered: the signature does not belong to it.", "密钥记录被改动：签名与内容不符。"),
    "head_altered": ("This head was altered: no key of the log signed it.", "树头被改动：不是由该日志的密钥签署的。"),
    "head_key_retired": ("This head was signed with a key that was not in use at this size.", "签署该树头的密钥在此大小时并未使用。"),
    "other_log": ("This head belongs to another log.", "该树头属于另一份日志。"),
    "other_origin": ("The bundle is of another log than the one that you named.", "证据包所属日志与您指定的名称不符。"),
    "event_altered": ("This event was altered: it does not hash to its leaf.", "事件被改动：与其叶哈希不符。"),
    "event_not_canonical": ("This event is not in canonical form.", "事件不是规范格式。"),
    "proof_altered": ("Leaf, index or proof were altered: they do not lead to the signed root.", "叶、序号或证明被改动：推不出已签署的根。"),
    "not_in_order": ("The events are not in order of their index, each once.", "事件未按序号排列，或有重复。"),
    "kept_proof_altered": ("This earlier head or its proof were altered, or the log was forked: it does not lead to the newest head.", "早先的树头或其证明被改动，或日志已分叉：推不出最新树头。"),
    "kept_forked": ("The log does not begin with what the head that you kept stood for: it was forked or rewritten.", "日志与您保存的树头不一致：日志已分叉或被改写。"),
    "kept_longer": ("The head that you kept is larger than the log in this bundle: the log's end was cut off, or the bundle is older than your head.", "您保存的树头比证据包中的日志更长：日志末尾被截去，或证据包早于该树头。"),
    "kept_unproven": ("The bundle holds no proof for the size of the head that you kept. Ask for a bundle made with it.", "证据包中没有与您保存的树头相应的证明，请索取按该树头制作的证据包。"),
}  # fmt: skip

# Ed25519, RFC 8032, section 5.1 --------------------------------------------------------------------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)
NEUTRAL = (0, 1, 1, 0)


def add(a: Point, b: Point) -> Point:
    """The sum of two points in extended coordinates (X, Y, Z, T)."""
    e = (a[1] - a[0]) * (b[1] - b[0]) % P
    f = (a[1] + a[0]) * (b[1] + b[0]) % P
    g = 2 * a[3] * b[3] * D % P
    h = 2 * a[2] * b[2] % P
    i, j, k, m = f - e, h - g, h + g, f + e
    return (i * j % P, k * m % P, j * k % P, i * m % P)


def multiply(number: int, point: Point) -> Point:
    total = NEUTRAL
    while number:
        if number & 1:
            total = add(total, point)
        point = add(point, point)
        number >>= 1
    return total


def read_point(data: bytes) -> Point | None:
    """The point of 32 bytes, or None."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return (x, y, 1, x * y % P)


def is_same(a: Point, b: Point) -> bool:
    return (a[0] * b[2] - b[0] * a[2]) % P == 0 and (a[1] * b[2] - b[1] * a[2]) % P == 0


BASE = (
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
    1,
    46827403850823179245072216630277197565144205554125654976674165829533817101731,
)


def is_signed(public: bytes, signature: bytes, message: bytes) -> bool:
    """Whether the signature (64 bytes) of the message is by this public key (32 bytes)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, r = read_point(public), read_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or r is None or s >= ORDER or is_same(multiply(8, key), NEUTRAL):
        return False
    k = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    return is_same(multiply(s, BASE), add(r, multiply(k, key)))


# The tree, RFC 9162, section 2.1 -------------------------------------------------------------------------------------


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def root_from_inclusion(index: int, size: int, value: bytes, proof: list[bytes]) -> bytes | None:
    """The root to which a leaf's hash leads, or None where the proof has the wrong length."""
    place, last = index, size - 1
    if not 0 <= place <= last:
        return None
    for beside in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            value = node_hash(beside, value)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            value = node_hash(value, beside)
        place, last = place >> 1, last >> 1
    return value if last == 0 else None


def is_consistent(old: int, size: int, old_root: bytes, root: bytes, proof: list[bytes]) -> bool:
    if old > size:
        return False
    if old in (0, size):
        return not proof and old_root == (root if old == size else sha256(b"").digest())
    path = ([old_root] if old & (old - 1) == 0 else []) + proof
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


# Notes, keys and heads -----------------------------------------------------------------------------------------------


class Wrong(Exception):
    """What is wrong, and nothing can be checked beyond it."""

    def __init__(self, at: str, code: str) -> None:
        super().__init__(at, code)
        self.found = (at, code)


def from_base64(text: str, length: int) -> bytes:
    data = base64.b64decode(text, validate=True)
    if len(data) != length or base64.b64encode(data).decode() != text:
        raise ValueError("not base64 in its only form")
    return data


def whole(text: str) -> int:
    if not re.match(r"(?:0|[1-9][0-9]{0,14})\Z", text):
        raise ValueError("not a whole number")
    return int(text)


class Note:
    """A signed text: lines, an empty line, and `— NAME BASE64(key id of 4 bytes, signature of 64)`."""

    def __init__(self, data: str) -> None:
        text, _separator, last = data.rpartition("\n\n")
        self.text = text + "\n"
        dash, self.name, signed = last.rstrip("\n").split(" ")
        if dash != "—" or data != f"{self.text}\n— {self.name} {signed}\n":
            raise ValueError("not a note")
        both = from_base64(signed, 68)
        self.key_id, self.signature = both[:4], both[4:]
        self.lines = self.text[:-1].split("\n")

    def is_by(self, public: bytes) -> bool:
        mine = sha256(self.name.encode() + b"\n\x01" + public).digest()[:4]
        return mine == self.key_id and is_signed(public, self.signature, self.text.encode())


def read_keys(records: list[str]) -> tuple[Keys, str]:
    """[(public key, size from which on it signs)] and the log's name; each record is signed by the key before it."""
    keys: Keys = []
    origin = ""
    for number, record in enumerate(records, 1):
        try:
            note = Note(record)
            title, name, own, encoded, digits, _time = note.lines
            public, size = from_base64(encoded, 32), whole(digits)
            if number == 1:
                origin, signer, start = "bihuan/" + sha256(public).hexdigest()[:32], public, 0
                fits = size == 0
            else:
                signer, start = keys[-1]
                fits = size >= start
            named = (title, name, own, note.name) == ("bihuan evidence key", origin, str(number), origin)
            if not (named and fits and note.is_by(signer)):
                raise ValueError("does not hold")
        except (ValueError, UnicodeEncodeError):
            raise Wrong(f"key {number}", "bad_key_record") from None
        keys.append((public, size))
    if not keys:
        raise Wrong("key 1", "bad_key_record")
    return keys, origin


def read_head(text: str, keys: Keys, origin: str, at: str) -> tuple[int, bytes, str]:
    """(size, root, time) of a head that the log's keys signed."""
    try:
        note = Note(text)
        name, digits, encoded, time = note.lines
        size, root = whole(digits), from_base64(encoded, 32)
        if not time.startswith("time ") or note.name != name:
            raise ValueError("not a head")
        if name != origin:
            raise Wrong(at, "other_log")
        ends = [start for _public, start in keys[1:]] + [size]
        for (public, start), end in zip(keys, ends):  # noqa: B905 - strict came with Python 3.10
            if note.is_by(public):
                if start <= size <= end:
                    return size, root, time[5:]
                raise Wrong(at, "head_key_retired")
    except (ValueError, UnicodeEncodeError):
        pass
    raise Wrong(at, "head_altered")


# The bundle ----------------------------------------------------------------------------------------------------------


def to_canonical(value: Any) -> bytes:
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return text.encode()


def read_json(data: bytes) -> Any:
    """A JSON value in canonical form; ValueError otherwise."""

    def refuse(_text: str) -> Any:
        raise ValueError("no fractions here")

    text = data.decode("utf-8")
    value = json.loads(text, parse_float=refuse, parse_constant=refuse)
    if to_canonical(value) != data or not unicodedata.is_normalized("NFC", text):
        raise ValueError("not canonical")
    return value


HASH = re.compile(r"[0-9a-f]{64}\Z")
SHAPES = {"format": str, "keys": list, "head": str, "leaves": list, "kept": list}


def has_shape(value: Any, shapes: dict[str, Any]) -> bool:
    return isinstance(value, dict) and set(value) == set(shapes) and all(
        type(value[name]) is kind for name, kind in shapes.items()
    )  # fmt: skip


def hashes(values: list[Any]) -> list[bytes] | None:
    """The bytes of a proof, or None where one of them is not a hash."""
    if not all(isinstance(one, str) and HASH.match(one) for one in values):
        return None
    return [bytes.fromhex(one) for one in values]


def check(data: bytes, kept: bytes | None = None, origin: str | None = None) -> dict[str, Any]:
    """{"origin", "size", "root", "time", "events", "ok", "findings"} of a bundle's bytes; `kept`: bytes of a head that was kept."""
    findings: Findings = []
    result: dict[str, Any] = {"origin": None, "size": None, "root": None, "time": None, "events": 0}
    try:
        _check(data, kept, origin, findings, result)
    except Wrong as wrong:
        findings.append(wrong.found)
    told = [{"at": at, "code": code, "what": " · ".join(SAYS[code][::-1])} for at, code in findings]
    return dict(result, ok=not told, findings=told)


def _check(
    data: bytes, kept: bytes | None, origin: str | None, findings: Findings, result: dict[str, Any]
) -> None:
    try:
        if data[-1:] != b"\n":
            raise ValueError("no line end")
        bundle = read_json(data[:-1])
    except (ValueError, RecursionError):
        findings.append(("bundle", "not_canonical"))
        try:  # perhaps enough can be read to say where
            bundle = json.loads(data.decode("utf-8", "surrogateescape"), strict=False)
        except (ValueError, RecursionError):
            raise Wrong("bundle", "unreadable") from None
    if not has_shape(bundle, SHAPES) or bundle["format"] != FORMAT:
        raise Wrong("bundle", "bad_part")
    if not all(isinstance(one, str) for one in bundle["keys"]):
        raise Wrong("key 1", "bad_key_record")
    keys, name = read_keys(bundle["keys"])
    if origin is not None and origin != name:
        findings.append(("bundle", "other_origin"))
    size, root, time = read_head(bundle["head"], keys, name, "head")
    result.update(origin=name, size=size, root=root.hex(), time=time, events=len(bundle["leaves"]))
    last = -1
    for leaf in bundle["leaves"]:
        last = _check_leaf(leaf, last, size, root, findings)
    proofs: dict[int, list[bytes] | None] = {}
    for number, earlier in enumerate(bundle["kept"]):
        at = f"kept[{number}]"
        if not has_shape(earlier, {"head": str, "proof": list}):
            findings.append((at, "bad_part"))
            continue
        try:
            old, old_root, _time = read_head(earlier["head"], keys, name, at)
        except Wrong as wrong:
            findings.append(wrong.found)
            continue
        steps = proofs[old] = hashes(earlier["proof"])
        if steps is None or not is_consistent(old, size, old_root, root, steps):
            findings.append((at, "kept_proof_altered"))
    if kept is not None:
        _check_kept(kept, keys, name, size, root, proofs, findings)


def _check_leaf(leaf: Any, last: int, size: int, root: bytes, findings: Findings) -> int:
    if not has_shape(leaf, {"index": int, "event": str, "hash": str, "proof": list}):
        findings.append((f"event after {last}", "bad_part"))
        return last
    index, proof = leaf["index"], hashes(leaf["proof"])
    at = f"event {index}"
    if index <= last:
        findings.append((at, "not_in_order"))
    event = leaf["event"].encode("utf-8", "surrogateescape")
    if sha256(b"\x00" + event).hexdigest() != leaf["hash"]:
        findings.append((at, "event_altered"))
    try:
        if not isinstance(read_json(event), dict):
            raise ValueError("not an event")
    except (ValueError, RecursionError):
        findings.append((at, "event_not_canonical"))
    value = hashes([leaf["hash"]])
    if value is None or proof is None or root_from_inclusion(index, size, value[0], proof) != root:
        findings.append((at, "proof_altered"))
    return index


def _check_kept(
    kept: bytes,
    keys: Keys,
    name: str,
    size: int,
    root: bytes,
    proofs: dict[int, list[bytes] | None],
    findings: Findings,
) -> None:
    try:
        old, old_root, _time = read_head(kept.decode("utf-8", "replace"), keys, name, "kept head")
    except Wrong as wrong:
        findings.append(wrong.found)
        return
    if old > size:
        findings.append(("kept head", "kept_longer"))
    elif old in (0, size):
        if not is_consistent(old, size, old_root, root, []):
            findings.append(("kept head", "kept_forked"))
    elif old not in proofs:
        findings.append(("kept head", "kept_unproven"))
    else:
        steps = proofs[old]
        if steps is None or not is_consistent(old, size, old_root, root, steps):
            findings.append(("kept head", "kept_forked"))


def main(argv: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("bundle", metavar="FILE")
    parser.add_argument("--head", metavar="HEAD")
    parser.add_argument("--origin", metavar="NAME")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args(argv)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")
    try:
        with open(options.bundle, "rb") as file:
            data = file.read()
        kept = None
        if options.head:
            with open(options.head, "rb") as file:
                kept = file.read()
    except OSError as error:
        print(error, file=sys.stderr)
        return 2
    result = check(data, kept, options.origin)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
    else:
        names = {"origin": "日志 log", "size": "条数 size", "root": "根 root", "time": "签署时间 signed"}
        for name, label in names.items():
            print(f"{label}: {result[name]}")
        for one in result["findings"]:
            print(f"✗ {one['at']}: {one['what']}")
        if result["ok"]:
            print(f"✓ {result['events']} 个事件均未被改动 · events unaltered: {result['events']}")
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
