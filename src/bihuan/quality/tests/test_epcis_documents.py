"""The envelope and the file: what is read, and what is refused before any event is looked at."""

from __future__ import annotations

import json
import time
import tracemalloc
from collections.abc import Callable

import pytest

from bihuan.quality.epcis import check
from bihuan.quality.epcis.reading import MAX_BYTES
from bihuan.quality.tests.epcis_samples import (
    AGGREGATION,
    CONTEXT,
    EVENTS,
    OBJECT,
    Json,
    checked,
    document,
    query,
    told,
)


def _bytes(tree: object) -> bytes:
    return json.dumps(tree, ensure_ascii=False).encode()


GOOD = _bytes(document(OBJECT))

FILES: dict[str, tuple[bytes, str, str]] = {
    "empty file": (b"", "$", "empty"),
    "only blanks": (b" \n\t", "$", "empty"),
    "XML": (b'<?xml version="1.0"?><epcis:EPCISDocument/>', "$", "xml"),
    "XML after a byte order mark": (b"\xef\xbb\xbf<a/>", "$", "xml"),
    "not JSON": (b'{"type": ', "$", "not_json"),
    "two documents in one file": (GOOD + GOOD, "$", "not_json"),
    "comma at the end": (b'[{"a": 1,}]', "$", "not_json"),
    "UTF-16": ("﻿{}".encode("utf-16-le"), "$", "utf16"),
    "UTF-16 without mark": ("{}".encode("utf-16-le"), "$", "utf16"),
    "GBK": (GOOD.decode().encode("gbk"), "$", "not_utf8"),
    "half a character pair": (GOOD.replace('"一"'.encode(), b'"\\ud800"'), '$.epcisBody.eventList[0]["own:remark"][0]', "broken_text"),
    "half a pair in a name": (GOOD.replace(b"own:remark", b"own:\\udfff"), "$.epcisBody.eventList[0]", "broken_text"),
    "the same field twice": (GOOD.replace(b'"action": "ADD"', b'"action": "ADD", "action": "DELETE"'), "$.epcisBody.eventList[0]", "duplicate_key"),
    "NaN": (GOOD.replace(b'"quantity": 12.5', b'"quantity": NaN'), "$.epcisBody.eventList[0].quantityList[0].quantity", "not_a_number"),
    "Infinity": (GOOD.replace(b'"quantity": 12.5', b'"quantity": -Infinity'), "$.epcisBody.eventList[0].quantityList[0].quantity", "not_a_number"),
    "a number of a thousand digits": (GOOD.replace(b"12.5", b"1" * 1000), "$.epcisBody.eventList[0].quantityList[0].quantity", "number_too_long"),
    "an exponent without sense": (GOOD.replace(b"12.5", b"1e999999999999999999999"), "$.epcisBody.eventList[0].quantityList[0].quantity", "number_too_long"),
    "an exponent that fills memory": (GOOD.replace(b"12.5", b"1e99999999"), "$.epcisBody.eventList[0].quantityList[0].quantity", "number_too_long"),
    "too large": (b" " * (MAX_BYTES + 1), "$", "too_large"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(FILES))
def test_file_refused(name: str) -> None:
    data, path, code = FILES[name]
    report = check(data)
    assert told(report) == [(path, code)]
    assert str(report.faults[0]) and report.hashes == []


def test_a_byte_order_mark_is_passed_over() -> None:
    assert check(b"\xef\xbb\xbf" + GOOD).hashes == check(GOOD).hashes != []


@pytest.mark.parametrize("levels", [70, 100_000])
def test_deep_nesting_is_refused_without_falling_over_it(levels: int) -> None:
    data = GOOD.replace(b'["\xe4\xb8\x80"', b"[" * levels + b"]" * levels + b', ["\xe4\xb8\x80"')
    data = _bytes(document(OBJECT)).replace(
        b'"own:remark": ', b'"own:deep": ' + b"[" * levels + b"]" * levels + b', "own:remark": '
    )
    report = check(data)
    assert [fault.code for fault in report.faults] == ["too_deep"]


ENVELOPES: dict[str, tuple[Callable[[Json], object], str, str]] = {
    "no context": (lambda d: d.pop("@context"), "$", "missing"),
    "context that is a number": (lambda d: d.update({"@context": 5}), "$['@context']", "bad_context"),
    "empty context": (lambda d: d.update({"@context": []}), "$['@context']", "empty_list"),
    "context without EPCIS": (lambda d: d.update({"@context": [{"own": "https://a.example/"}]}), "$['@context']", "no_epcis_context"),
    "context that is no address": (lambda d: d.update({"@context": [*CONTEXT, "epcis"]}), "$['@context'][2]", "not_uri"),
    "the same context twice": (lambda d: d.update({"@context": [*CONTEXT, CONTEXT[0]]}), "$['@context'][2]", "repeated"),
    "the same namespaces twice": (lambda d: d.update({"@context": [*CONTEXT, CONTEXT[1]]}), "$['@context'][2]", "repeated"),
    "namespace that is no address": (lambda d: d.update({"@context": [*CONTEXT, {"a": "b c"}]}), "$['@context'][2].a", "bad_prefix"),
    "no version": (lambda d: d.pop("schemaVersion"), "$", "missing"),
    "version as number": (lambda d: d.update(schemaVersion=2.0), "$.schemaVersion", "bad_version"),
    "version 1.2": (lambda d: d.update(schemaVersion="1.2"), "$.schemaVersion", "bad_version"),
    "no creation date": (lambda d: d.pop("creationDate"), "$", "missing"),
    "creation date without zone": (lambda d: d.update(creationDate="2026-03-02T00:00:00"), "$.creationDate", "not_time"),
    "no body": (lambda d: d.pop("epcisBody"), "$", "missing"),
    "body as list": (lambda d: d.update(epcisBody=[]), "$.epcisBody", "not_object"),
    "no events": (lambda d: d["epcisBody"].pop("eventList"), "$.epcisBody", "missing"),
    "events as object": (lambda d: d["epcisBody"].update(eventList={}), "$.epcisBody.eventList", "not_list"),
    "event as text": (lambda d: d["epcisBody"].update(eventList=["a"]), "$.epcisBody.eventList[0]", "not_object"),
    "unknown field": (lambda d: d.update(comment="hello"), "$.comment", "unknown_field"),
    "sender as number": (lambda d: d.update(sender=17), "$.sender", "not_text"),
    "document id that is none": (lambda d: d.update(id="document 1"), "$.id", "not_uri"),
    "master data without type": (lambda d: d.update(epcisHeader={"epcisMasterData": {"vocabularyList": [{}]}}), "$.epcisHeader.epcisMasterData.vocabularyList[0]", "missing"),
    "unknown type": (lambda d: d.update(type="Document"), "$.type", "unknown_type"),
}  # fmt: skip


@pytest.mark.parametrize("name", list(ENVELOPES))
def test_envelope_refused(name: str) -> None:
    change, path, code = ENVELOPES[name]
    tree = document(OBJECT | {"own:remark": "x"})
    change(tree)
    assert (path.replace("['@context']", ".@context"), code) in told(checked(tree))


CODES = {code for _data, _path, code in FILES.values()} | {
    code for _change, _path, code in ENVELOPES.values()
} | {"too_deep", "more", "not_document"}  # fmt: skip


def test_a_context_may_give_keywords_another_name_and_build_namespaces_on_each_other() -> None:
    event = AGGREGATION | {"inner:x": 1}
    tree = document(event)
    tree["@context"] += [
        {"id": "@id", "kind": "@type"},
        {"inner": "outer:in/", "outer": "https://o.example/"},
    ]
    report = checked(tree, with_pre_hashes=True)
    assert told(report) == []
    assert report.pre_hashes[0].endswith("{https://o.example/in/}x=1")


def test_contexts_of_events_upon_a_long_one_take_no_time_of_their_own() -> None:
    took = []
    for many in (500, 4000):
        tree = document(*[AGGREGATION | {"@context": {"here": "https://h.example/"}, "here:x": 1}] * many)
        tree["@context"] += [{f"p{n}": f"https://p.example/{n}/" for n in range(many)}]
        begun = time.process_time()
        assert checked(tree).accepted
        took.append(time.process_time() - begun)
    assert took[1] < 30 * took[0]  # eight times as many of both; 64 times if each event copied the document's


def test_query_documents_need_the_name_of_the_query() -> None:
    tree = query(*EVENTS.values())
    assert len(checked(tree).hashes) == 5
    del tree["epcisBody"]["queryResults"]["queryName"]
    assert told(checked(tree)) == [("$.epcisBody.queryResults", "missing")]


def test_query_documents_tell_the_path_of_an_event() -> None:
    tree = query(OBJECT | {"bizStep": "cooking"})
    assert told(checked(tree)) == [
        ("$.epcisBody.queryResults.resultsBody.eventList[0].bizStep", "unknown_word")
    ]


def test_a_document_and_a_query_document_give_the_same_hashes() -> None:
    assert checked(query(*EVENTS.values())).hashes == checked(document(*EVENTS.values())).hashes


def test_a_single_event_brings_its_context() -> None:
    assert told(checked(OBJECT)) == [("$", "missing"), ("$.readPoint[\"own:gate\"]", "undeclared_prefix"),
                                     ("$.ilmd[\"own:assay\"]", "undeclared_prefix"), ("$[\"own:remark\"]", "undeclared_prefix")]  # fmt: skip
    assert checked({"@context": CONTEXT} | OBJECT).hashes == checked(document(OBJECT)).hashes


def test_a_list_of_events_is_checked_one_by_one() -> None:
    events = [{"@context": CONTEXT} | event for event in EVENTS.values()]
    assert checked(events).hashes == checked(document(*EVENTS.values())).hashes
    assert told(checked([*events, 5])) == [("$[5]", "not_object")]
    assert told(checked([])) == [("$", "empty_list")]


def test_a_body_with_one_event_is_read() -> None:
    tree = document()
    tree["epcisBody"] = {"event": OBJECT}
    assert checked(tree).hashes == checked(document(OBJECT)).hashes


@pytest.mark.parametrize("tree", [None, 5, "text", True])
def test_what_is_no_object_is_no_document(tree: object) -> None:
    assert told(checked(tree)) == [("$", "not_document")]


@pytest.mark.parametrize("tree", [{}, {"type": None}, {"type": 5}, {"type": []}, {"type": "EPCISDocument", "epcisBody": None},
                                  {"type": "EPCISQueryDocument", "epcisBody": {"queryResults": []}}])  # fmt: skip
def test_broken_documents_are_refused_in_order(tree: object) -> None:
    report = checked(tree)
    assert not report.accepted and report.events <= 1


def test_no_event_at_all_is_a_document() -> None:
    report = checked(document())
    assert report.accepted and report.events == 0


def test_memory_stays_in_bounds() -> None:
    """Many events, and a file of nothing but faults: a small multiple of the file's size."""
    one = _bytes(OBJECT)
    for inner, accepted in ((b",".join([one] * 3000), True), (b",".join([b"{}"] * 300_000), False)):
        whole = _bytes(document()).replace(b'"eventList": []', b'"eventList": [' + inner + b"]")
        tracemalloc.start()
        report = check(whole)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert report.accepted == accepted
        assert peak < 200 * len(whole) if not accepted else peak < 20 * len(whole)
