"""The envelope: capture documents, query documents, single events and lists of events; where their events are."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bihuan.quality.epcis import rules, values
from bihuan.quality.epcis.context import Namespaces
from bihuan.quality.epcis.faults import Path
from bihuan.quality.epcis.values import Check, Findings, list_of

_VERSION = re.compile(r"2(\.\d+)*\Z", re.ASCII)


def events_of(tree: Any) -> Iterator[tuple[Path, Any, Namespaces]]:
    """Every event with its path and the namespaces around it, in the document's order."""
    if isinstance(tree, list):
        for at, one in enumerate(tree):
            yield (at,), one, Namespaces()
        return
    if not isinstance(tree, dict):
        return
    if tree.get("type") not in ("EPCISDocument", "EPCISQueryDocument"):
        yield (), tree, Namespaces()
        return
    names = Namespaces().within(tree["@context"]) if "@context" in tree else Namespaces()
    body = tree.get("epcisBody")
    if not isinstance(body, dict):
        return
    path: Path = ("epcisBody",)
    if tree["type"] == "EPCISQueryDocument":
        for key in ("queryResults", "resultsBody"):
            body, path = body.get(key), (*path, key)
            if not isinstance(body, dict):
                return
    listed = body.get("eventList")
    if isinstance(listed, list):
        for at, one in enumerate(listed):
            yield (*path, "eventList", at), one, names
    elif "event" in body and "eventList" not in body and tree["type"] == "EPCISDocument":
        yield (*path, "event"), body["event"], names


def envelope(tree: Any, found: Findings) -> None:
    """Everything around the events."""
    if isinstance(tree, list):
        if not tree:
            found.add((), "empty_list")
        for at, one in enumerate(tree):
            _bare(one, (at,), found)
        return
    if not isinstance(tree, dict):
        found.add((), "not_document")
        return
    kind = tree.get("type")
    if kind == "EPCISDocument":
        _capture(tree, found)
    elif kind == "EPCISQueryDocument":
        _query(tree, found)
    else:
        _bare(tree, (), found)


def _bare(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, dict):
        return  # the event's own check says so
    if "@context" not in value:
        found.add(path, "missing", field="@context")
    else:
        _names_epcis(value, path, found)


_TERMS = ("eventTime", "@vocab", "@import")  # who defines one of these brings a context of their own


def _names_epcis(value: dict[str, Any], path: Path, found: Findings) -> None:
    names = Namespaces().within(value["@context"])
    if not (names.epcis or names.foreign or any(term in names.terms for term in _TERMS)):
        found.add((*path, "@context"), "no_epcis_context")


def _version(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, str) or not _VERSION.match(value):
        found.add(path, "bad_version")


def _list(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, list):
        found.add(path, "not_list")


def _object(value: Any, path: Path, found: Findings) -> None:
    if not isinstance(value, dict):
        found.add(path, "not_object")


_COMMON: dict[str, Check] = {
    "@context": rules.context,
    "id": values.uri,
    "type": values.text,
    "schemaVersion": _version,
    "creationDate": values.time,
    "instanceIdentifier": values.text,
    "sender": values.text,
    "receiver": values.text,
}


def _capture(tree: dict[str, Any], found: Findings) -> None:
    names = Namespaces().within(tree["@context"]) if "@context" in tree else Namespaces()

    def body(value: Any, path: Path, found: Findings) -> None:
        if isinstance(value, dict) and "event" in value and "eventList" not in value:
            values.fields(value, path, found, {"event": _object}, names)
        else:
            values.fields(value, path, found, {"eventList": _list}, names, ("eventList",))

    def header(value: Any, path: Path, found: Findings) -> None:
        def master_data(inner: Any, path: Path, found: Findings) -> None:
            values.fields(inner, path, found, {"vocabularyList": list_of(_vocabulary(names))}, names)

        values.fields(value, path, found, {"epcisMasterData": master_data}, names)

    known = _COMMON | {"epcisHeader": header, "epcisBody": body}
    required = ("@context", "schemaVersion", "creationDate", "epcisBody")
    values.fields(tree, (), found, known, names, required)
    if "@context" in tree:
        _names_epcis(tree, (), found)


def _query(tree: dict[str, Any], found: Findings) -> None:
    names = Namespaces().within(tree["@context"]) if "@context" in tree else Namespaces()

    def results(value: Any, path: Path, found: Findings) -> None:
        known: dict[str, Check] = {"eventList": _list, "vocabularyList": list_of(_vocabulary(names))}
        if isinstance(value, dict) and "vocabularyList" in value and "eventList" not in value:
            values.fields(value, path, found, known, names)  # the answer to a master data query
        else:
            values.fields(value, path, found, known, names, ("eventList",))

    def query_results(value: Any, path: Path, found: Findings) -> None:
        known: dict[str, Check] = {
            "queryName": values.text,
            "subscriptionID": values.text,
            "resultsBody": results,
        }
        values.fields(value, path, found, known, names, ("queryName", "resultsBody"))

    def body(value: Any, path: Path, found: Findings) -> None:
        values.fields(value, path, found, {"queryResults": query_results}, names, ("queryResults",))

    known = _COMMON | {"epcisBody": body, "epcisHeader": _object}
    values.fields(tree, (), found, known, names, ("@context", "epcisBody"))
    if "@context" in tree:
        _names_epcis(tree, (), found)


def _vocabulary(names: Namespaces) -> Check:
    def attribute(value: Any, path: Path, found: Findings) -> None:
        known: dict[str, Check] = {"id": values.uri, "attribute": _given}
        values.fields(value, path, found, known, names, ("id",))

    def element(value: Any, path: Path, found: Findings) -> None:
        known: dict[str, Check] = {
            "id": values.uri,
            "attributes": list_of(attribute),
            "children": list_of(values.uri),
        }
        values.fields(value, path, found, known, names, ("id",))

    def vocabulary(value: Any, path: Path, found: Findings) -> None:
        known: dict[str, Check] = {"type": values.uri, "vocabularyElementList": list_of(element)}
        values.fields(value, path, found, known, names, ("type",))

    return vocabulary


def _given(value: Any, path: Path, found: Findings) -> None:
    if value is None or isinstance(value, bool):
        found.add(path, "not_text")
