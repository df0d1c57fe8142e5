"""One value has one text, and what has no place in an event is refused with its place."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.quality.evidence import KINDS, EvidenceFault, canonical_event, new_salt, opens, read_event, seal
from bihuan.quality.evidence.canonical import canonical, read_canonical
from bihuan.quality.evidence.events import ALWAYS

from .evidence_making import made

TEXTS = st.text().map(lambda text: unicodedata.normalize("NFC", text)).filter(lambda text: text.isprintable())
NAMES = st.from_regex(r"[a-z][a-z0-9_]{0,12}", fullmatch=True)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)
HASH = "ab" * 32
SAMPLES: dict[str, Any] = {
    "version": 1, "id": "x:1", "moment": "2026-03-02T08:30:00.25Z", "code": "T-95 特级", "result": "<0.01", "decimal": "-0.50",
    "digest": HASH, "sealed": HASH, "count": 3, "flag": False, "lots": [{"product": "T", "lot": "1"}],
    "inputs": [{"product": "T", "lot": "1", "quantity": "3", "unit": "kg"}],
}  # fmt: skip


def fault_of(event: Any) -> tuple[str, str]:
    with pytest.raises(EvidenceFault) as caught:
        canonical_event(event)
    return caught.value.code, caught.value.path


@given(VALUES)
def test_a_canonical_text_reads_back_and_is_the_only_one(value: Any):
    data = canonical(value)
    assert read_canonical(data) == value
    assert json.loads(data) == value
    loose = json.dumps(value, ensure_ascii=True, indent=1).encode()
    if loose != data:
        with pytest.raises(EvidenceFault):
            read_canonical(loose)


def test_the_form_is_that_of_rfc_8785():
    """Escapes as in its section 3.2.2.2; names in order; nothing between tokens."""
    value = {"b": "é€$\x0f\nA'B\"\\/\b\x7f", "a": [True, None, -5]}
    assert canonical(value).decode() == '{"a":[true,null,-5],"b":"é€$\\u000f\\nA\'B\\"\\\\/\\b\x7f"}'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b'{"a":1,"a":2}', "key_twice"),
        (b'{"a":1.0}', "no_float"),
        (b'{"a":1e3}', "no_float"),
        (b'{"a":NaN}', "no_float"),
        (b'{"a":-0}', "not_canonical"),
        (b'{"a": 1}', "not_canonical"),
        (b'{"b":1,"a":2}', "not_canonical"),
        (b'"\\u0041"', "not_canonical"),
        (b'"\\ud800"', "surrogate"),
        ('"e\u0301"'.encode(), "not_nfc"),
        (b"9007199254740992", "number_range"),
        (b'{"A":1}', "bad_key"),
        (b'\xef\xbb\xbf{"a":1}', "not_json"),
        (b'"\xff"', "not_json"),
        (b"[" * 40 + b"]" * 40, "too_deep"),
        (b"", "not_json"),
    ],
)
def test_what_is_not_canonical_is_refused(data: bytes, code: str):
    with pytest.raises(EvidenceFault) as caught:
        read_canonical(data)
    assert caught.value.code == code


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_takes_its_fields_needs_those_it_needs_and_no_others(kind: str):
    fields = {**ALWAYS, **KINDS[kind]}
    event = {
        name.removesuffix("?"): kind if type_ == "kind" else SAMPLES[type_] for name, type_ in fields.items()
    }
    assert read_event(canonical_event(event)) == event
    for name in fields:
        rest = {key: value for key, value in event.items() if key != name.removesuffix("?")}
        if name.endswith("?"):
            canonical_event(rest)
        elif name == "kind":
            assert fault_of(rest) == ("unknown_kind", "kind")
        else:
            assert fault_of(rest)[0] == "missing_field"
    assert fault_of(event | {"remark": "张三说的"}) == ("unknown_field", "")


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"quantity": 12.5}, ("not_text", "quantity")),
        ({"quantity": "1e3"}, ("bad_field", "quantity")),
        ({"quantity": "-0.0"}, ("bad_field", "quantity")),
        ({"quantity": "012"}, ("bad_field", "quantity")),
        ({"lot": ""}, ("bad_field", "lot")),
        ({"lot": " x"}, ("bad_field", "lot")),
        ({"lot": "a\nb"}, ("bad_field", "lot")),
        ({"lot": "e\u0301"}, ("not_nfc", "lot")),
        ({"lot": "\ud800"}, ("surrogate", "lot")),
        ({"at": "2026-02-30T00:00:00Z"}, ("bad_field", "at")),
        ({"at": "2026-02-03T00:00:00+08:00"}, ("bad_field", "at")),
        ({"at": "2026-02-03T00:00:00.10Z"}, ("bad_field", "at")),
        ({"by": "张三"}, ("bad_field", "by")),
        ({"v": True}, ("bad_field", "v")),
        ({"inputs": []}, ("not_list", "inputs")),
        ({"inputs": [{"product": "T", "quantity": "1"}]}, ("missing_field", "inputs[0]")),
        ({"kind": "lot_eaten"}, ("unknown_kind", "kind")),
        ({"id": "a b"}, ("bad_field", "id")),
    ],
)
def test_a_wrong_field_is_refused_at_its_place(changes: dict[str, Any], fault: tuple[str, str]):
    assert fault_of(made(1, **changes)) == fault


def test_an_event_larger_than_an_entry_can_be_is_refused():
    lots = [{"product": "批" * 100, "lot": f"{number:0100d}"} for number in range(200)]
    event = made(1, inputs=[one | {"quantity": "1", "unit": "kg"} for one in lots])
    assert fault_of(event)[0] == "too_large"


def test_a_person_is_bound_by_a_digest_that_only_the_salt_opens():
    salt, other = new_salt(), new_salt()
    digest = seal({"name": "张三"}, salt)
    assert opens(digest, {"name": "张三"}, salt)
    assert not opens(digest, {"name": "李四"}, salt)
    assert not opens(digest, {"name": "张三"}, other)
    assert salt != other
    assert "张三" not in canonical_event(made(1, by=digest)).decode()
    with pytest.raises(ValueError):
        seal("x", b"short")


@pytest.mark.parametrize("document", ["evidence.md", "evidence.zh-CN.md"])
def test_the_documents_list_every_kind_with_its_fields(document: str):
    text = (Path(__file__).parents[4] / "docs" / document).read_text(encoding="utf-8")
    rows = {row.split("`")[1]: row for row in text.splitlines() if row.startswith("| `")}
    for kind, fields in KINDS.items():
        listed = rows[kind].split("|")[2].strip()
        assert listed == ", ".join(f"`{name}` {type_}" for name, type_ in fields.items())
