"""What never changes a hash, what always does, and that writing and reading events lose nothing."""

from __future__ import annotations

import copy
import json
import random
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from bihuan.quality.epcis import check, read_event, write_document, write_event
from bihuan.quality.epcis.events import (
    AggregationEvent,
    AssociationEvent,
    Correction,
    Event,
    ObjectEvent,
    Party,
    Quantity,
    TransactionEvent,
    TransformationEvent,
)
from bihuan.quality.epcis.gs1_keys import canonical, check_digit
from bihuan.quality.epcis.writing import to_json
from bihuan.quality.tests.epcis_samples import EVENTS, Json, checked, document, query

CALM = settings(max_examples=60, deadline=None)
NAMES = some.sampled_from(sorted(EVENTS))


def _shuffled(value: Any, chance: random.Random) -> Any:
    """The same in another order: keys everywhere, items of lists."""
    if isinstance(value, dict):
        items = [(key, _shuffled(inner, chance)) for key, inner in value.items()]
        chance.shuffle(items)
        return dict(items)
    if isinstance(value, list):
        items = [_shuffled(inner, chance) for inner in value]
        chance.shuffle(items)
        return items
    return value


@CALM
@given(name=NAMES, seed=some.integers(), indent=some.sampled_from([None, 0, 3]))
def test_order_of_fields_and_lists_and_blanks_never_change_a_hash(
    name: str, seed: int, indent: int | None
) -> None:
    before = checked(document(EVENTS[name])).hashes
    tree = document(_shuffled(copy.deepcopy(EVENTS[name]), random.Random(seed)))
    after = check(json.dumps(tree, indent=indent, ensure_ascii=seed % 2 == 0).encode())
    assert after.hashes == before


@CALM
@given(
    moment=some.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1)),
    minutes=some.integers(-14 * 60, 14 * 60),
    digits=some.integers(0, 6),
)
def test_the_same_moment_in_another_zone_never_changes_a_hash(
    moment: datetime, minutes: int, digits: int
) -> None:
    moment = moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
    local = moment.astimezone(timezone(timedelta(minutes=minutes)))
    fraction = (
        f".{moment.microsecond:06d}"[: digits + 1] if digits >= 3 else f".{moment.microsecond // 1000:03d}"
    )
    sign, (hours, rest) = ("-" if minutes < 0 else "+"), divmod(abs(minutes), 60)
    text = local.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + f"{fraction}{sign}{hours:02d}:{rest:02d}"
    plain = moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + f".{moment.microsecond // 1000:03d}Z"
    event = EVENTS["aggregation"]
    assert (
        checked(document(event | {"eventTime": text})).hashes
        == checked(document(event | {"eventTime": plain})).hashes
        != []
    )


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    if isinstance(value, dict):
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, (*path, key))]
    if isinstance(value, list):
        return [leaf for at, inner in enumerate(value) for leaf in _leaves(inner, (*path, at))]
    return [path]


NOT_HASHED = ("eventID", "recordTime", "errorDeclaration", "certificationInfo")
OTHERS: dict[str, Any] = {
    "type": None, "eventTime": "2001-01-01T00:00:00Z", "eventTimeZoneOffset": "-03:30", "action": "ADD",
    "bizStep": "holding", "disposition": "stolen", "component": "easting", "exception": "ERROR_CONDITION",
    "startTime": "2001-01-01T00:00:00Z", "endTime": "2101-01-01T00:00:00Z", "hexBinaryValue": "abcd", "uom": "GRM",
}  # fmt: skip


@CALM
@given(name=NAMES, which=some.integers(0, 10**6))
def test_another_value_always_changes_the_hash(name: str, which: int) -> None:
    event = copy.deepcopy(EVENTS[name])
    leaves = [path for path in _leaves(event) if path[0] not in (*NOT_HASHED, "type", "action")]
    *way, last = leaves[which % len(leaves)]
    place: Any = event
    for step in way:
        place = place[step]
    old = place[last]
    if isinstance(old, bool):
        place[last] = not old
    elif isinstance(old, int | float):
        place[last] = old + (-0.25 if last in ("minValue", "percRank") else 1)
    elif last in OTHERS and OTHERS[last] is not None:
        place[last] = OTHERS[last]
    elif last == "type":
        place[last] = "https://acme.example/kind"
    elif "persistentDisposition" in way:
        place[last] = "stolen"
    elif way and way[0] in ("ilmd", "own:remark"):
        place[last] = old + "!"
    else:
        place[last] = "https://acme.example/other/17"
    before, after = checked(document(EVENTS[name])), checked(document(event))
    assert after.accepted, [(fault.where, str(fault)) for fault in after.faults]
    assert after.hashes != before.hashes


@CALM
@given(name=NAMES, which=some.integers(0, 100))
def test_a_field_more_or_less_changes_the_hash(name: str, which: int) -> None:
    event = copy.deepcopy(EVENTS[name])
    event["own:more"] = which
    assert checked(document(event)).hashes != checked(document(EVENTS[name])).hashes
    free = [
        key
        for key in ("bizStep", "disposition", "readPoint", "sourceList", "ilmd", "own:remark")
        if key in event
    ]
    if free:
        del event[free[which % len(free)]], event["own:more"]
        assert checked(document(event)).hashes != checked(document(EVENTS[name])).hashes


ANYTHING = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats() | some.text(max_size=5)
    | some.sampled_from(["urn:epc:id:", "urn:epc:id:sgtin:", "https://id.gs1.org/01", "ni:///", "EPCISDocument", "a:b", "@context"]),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=4) | some.sampled_from(["@context", "id", "type"]), inner, max_size=3),
    max_leaves=6,
)  # fmt: skip


def _places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path] * bool(path) + [place for key, one in inner for place in _places(one, (*path, key))]


@settings(max_examples=400, deadline=None)
@given(name=NAMES, own=some.booleans(), asked=some.booleans(), which=some.integers(0, 10**6), value=ANYTHING)
def test_whatever_stands_where_the_answer_is_an_answer(
    name: str, own: bool, asked: bool, which: int, value: Any
) -> None:
    event = EVENTS[name] | ({"type": "https://acme.example/CleaningEvent"} if own else {})
    tree = (query if asked else document)(event)
    places = _places(tree)
    *way, last = places[which % len(places)]
    place: Any = tree
    for step in way:
        place = place[step]
    place[last] = value
    for version in ("CBV2.0", "CBV2.1"):
        report = check(json.dumps(tree).encode(), version=version)
        assert report.accepted == (len(report.hashes) == report.events and not report.faults)
        assert all(str(fault) and fault.where.startswith("$") for fault in report.faults)


@settings(max_examples=200, deadline=None)
@given(data=some.binary(max_size=60), at=some.integers(0, 3000), length=some.integers(0, 40))
def test_whatever_bytes_come_the_answer_is_an_answer(data: bytes, at: int, length: int) -> None:
    whole = json.dumps(document(*EVENTS.values())).encode()
    for damaged in (data, whole[:at] + data + whole[at + length :]):
        report = check(damaged)
        assert report.accepted == (not report.faults)


@given(body=some.text("0123456789", min_size=6, max_size=17), at=some.integers(0, 16), by=some.integers(1, 9))
def test_a_check_digit_finds_every_single_wrong_digit(body: str, at: int, by: int) -> None:
    at %= len(body)
    other = body[:at] + str((int(body[at]) + by) % 10) + body[at + 1 :]
    assert check_digit(body) != check_digit(other)


@given(length=some.integers(6, 12), digits=some.text("0123456789", min_size=13, max_size=13),
       serial=some.text("ABCabc019!()*+,.:;=_-", min_size=1, max_size=20))  # fmt: skip
def test_a_canonical_link_is_its_own_canonical_form(length: int, digits: str, serial: str) -> None:
    link = canonical(f"urn:epc:id:sgtin:{digits[:length]}.{digits[length:]}.{serial}")
    assert link.startswith("https://id.gs1.org/01/")
    assert canonical(link) == link


# ---------------------------------------------------------------------------------------------- writing and reading

MOMENTS = some.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1)).map(
    lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000, tzinfo=UTC)
)
SERIALS = some.text("ABCabc0123456789._-", min_size=1, max_size=20)
EPCS = some.lists(
    SERIALS.map(lambda s: f"urn:epc:id:sgtin:0614141.107346.{s}"), min_size=1, max_size=4, unique=True
).map(tuple)
AMOUNTS = some.decimals(0, 10**9, allow_nan=False, allow_infinity=False, places=6)
QUANTITIES = some.lists(
    some.builds(
        Quantity, SERIALS.map(lambda s: f"urn:epc:class:lgtin:4012345.012345.{s}"), AMOUNTS, some.just("KGM")
    ),
    max_size=3,
).map(tuple)
LOTS = QUANTITIES.filter(bool)
URIS = SERIALS.map(lambda s: f"https://acme.example/{s}")
PARTIES = some.lists(
    some.builds(Party, some.sampled_from(["owning_party", "location"]), URIS), max_size=2
).map(tuple)
SCALARS = some.text(max_size=8) | some.integers(-(10**9), 10**9) | some.booleans()
OWN = some.dictionaries(SERIALS.filter(str.isalnum).map(lambda s: f"own:{s}"), SCALARS | some.lists(SCALARS, max_size=3)
                        | some.dictionaries(some.just("own:inner"), SCALARS), max_size=3)  # fmt: skip
CORRECTIONS = some.builds(Correction, MOMENTS, some.none() | some.just("incorrect_data"),
                          some.lists(URIS, max_size=2).map(tuple), OWN)  # fmt: skip
COMMON: dict[str, some.SearchStrategy[Any]] = {
    "time": MOMENTS,
    "zone_offset": some.sampled_from(["+08:00", "-03:30", "+00:00"]),
    "id": some.none() | URIS,
    "recorded": some.none() | MOMENTS,
    "step": some.none() | some.sampled_from(["shipping", "https://acme.example/steps/x"]),
    "disposition": some.none() | some.just("in_transit"),
    "persistent_set": some.sampled_from([(), ("available",)]),
    "persistent_unset": some.sampled_from([(), ("unavailable",)]),
    "read_point": some.none() | URIS,
    "location": some.none() | URIS,
    "transactions": some.lists(some.builds(Party, some.none() | some.just("po"), URIS), max_size=2).map(tuple),
    "sources": PARTIES,
    "destinations": PARTIES,
    "certificates": some.lists(URIS, max_size=2).map(tuple),
    "correction": some.none() | CORRECTIONS,
    "sensors": some.just(()) | some.just(({"sensorReport": [{"type": "Temperature", "value": Decimal("7.25"), "uom": "CEL"}]},)),
    "extensions": OWN,
}  # fmt: skip
ACTIONS = some.sampled_from(["OBSERVE", "ADD", "DELETE"])
PARENT = some.just("urn:epc:id:sscc:0614141.1234567890")
WRITTEN: some.SearchStrategy[Event] = some.one_of(
    some.builds(ObjectEvent, **COMMON, action=some.just("ADD"), epcs=EPCS, quantities=QUANTITIES, ilmd=OWN),
    some.builds(ObjectEvent, **COMMON, action=ACTIONS, quantities=LOTS),
    some.builds(AggregationEvent, **COMMON, action=ACTIONS, parent=PARENT, children=EPCS, child_quantities=QUANTITIES),
    some.builds(AssociationEvent, **COMMON, action=ACTIONS, parent=PARENT, child_quantities=LOTS),
    some.builds(TransactionEvent, **(COMMON | {"transactions": some.just((Party("po", "https://acme.example/1"),))}),
                action=ACTIONS, parent=some.none() | PARENT, epcs=EPCS, quantities=QUANTITIES),
    some.builds(TransformationEvent, **COMMON, inputs=EPCS, input_quantities=QUANTITIES, output_quantities=LOTS, ilmd=OWN,
                transformation=some.none() | URIS),
)  # fmt: skip
CREATED = datetime(2026, 3, 2, tzinfo=UTC)
SPACES = {"own": "https://ns.example.com/own/"}


@settings(max_examples=150, deadline=None)
@given(events=some.lists(WRITTEN, max_size=3))
def test_what_is_written_is_accepted_and_reads_back_the_same(events: list[Event]) -> None:
    data = write_document(events, CREATED, SPACES)
    report = check(data)
    assert report.accepted, [(fault.where, str(fault)) for fault in report.faults]
    assert report.events == len(events)
    tree = json.loads(data, parse_float=Decimal)
    assert [read_event(one) for one in tree["epcisBody"]["eventList"]] == events


def _exactly(value: Json) -> Json:
    read: Json = json.loads(to_json(value), parse_float=Decimal)
    return read


@CALM
@given(name=NAMES)
def test_a_foreign_event_keeps_its_hash_when_read_and_written(name: str) -> None:
    event = _exactly(EVENTS[name])
    again = document()
    again["epcisBody"]["eventList"] = [write_event(read_event(event))]
    assert check(to_json(again).encode()).hashes == checked(document(EVENTS[name])).hashes != []
