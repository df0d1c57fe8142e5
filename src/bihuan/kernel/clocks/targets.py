"""Targets as a document (YAML or JSON, docs/service-clocks.md): promises by kind, or a list with `when`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any

from bihuan.kernel.clocks.errors import ClockFault
from bihuan.kernel.clocks.events import CASE_KINDS, OPENED, Kind
from bihuan.kernel.clocks.instants import MINUTE
from bihuan.kernel.clocks.promises import OnChange, OnReopen, Policy, Promise, Unit

MOST_MINUTES = 100 * 366 * 24 * 60
MOST_DAYS = 10_000
ENTRY_KEYS = frozenset({"when", "name", "kind", "targets"})
LENGTHS = {"minutes": 1, "hours": 60}
TARGET_KEYS = frozenset(
    {*LENGTHS, "working_days", "unit", "pauses", "when", "name", "calendar", "on_change", "on_reopen", "start", "stop"}
)  # fmt: skip
OTHER_NAMES = {
    "first_response": "response",
    "onsite": "on_site",
    "worked_around": "workaround",
    "solution": "resolution",
    "callback": "call_back",
    "called_back": "call_back",
    "follow_up": "call_back",
}
"""Kinds as other systems call them."""


def kind_named(name: str) -> str:
    """Our name of a kind; what we have no name for keeps its own."""
    return OTHER_NAMES.get(name, name)


@dataclass(frozen=True)
class Targets:
    """What a document of targets says. `names`: each kind as the document calls it, in the document's order."""

    policy: Policy
    kinds: Mapping[str, Kind]
    names: Mapping[str, str]


def parse_targets(document: object) -> Targets:
    """Raises `ClockFault` with the place in the document."""
    promises: list[Promise] = []
    kinds = dict(CASE_KINDS)
    names: dict[str, str] = {}
    for at, called, target, when, name in _entries(document):
        kind = kind_named(called)
        names.setdefault(kind, called)
        given = kinds.get(kind) or Kind(kind, frozenset({kind}))
        kinds[kind] = _kind(given, target, at)
        promises.append(_promise(kind, target, when, name, at))
    return Targets(Policy(tuple(promises)), kinds, names)


def _entries(document: object) -> Iterator[tuple[str, str, Mapping[str, Any], Mapping[str, Any], str]]:
    """Place, kind, target, conditions and name of each target, whichever way it is written."""
    if isinstance(document, Mapping) and isinstance(document.get("targets"), list):
        document = document["targets"]
    if isinstance(document, list):
        for index, entry in enumerate(document):
            yield from _of_entry(_mapping(entry, f"[{index}]"), f"[{index}]")
        return
    yield from _of_entry(_mapping(document, ""), "")


def _of_entry(
    entry: Mapping[str, Any], at: str
) -> Iterator[tuple[str, str, Mapping[str, Any], Mapping[str, Any], str]]:
    prefix = f"{at}." if at else ""
    when = _mapping(entry.get("when") or {}, f"{prefix}when")
    name = str(entry.get("name") or at)
    if "kind" in entry:
        own = {key: value for key, value in entry.items() if key not in ENTRY_KEYS}
        yield at, str(entry["kind"]), own, when, name
        return
    inner = entry.get("targets")
    kinds = entry if inner is None else _mapping(inner, f"{prefix}targets")
    for kind, targets in kinds.items():
        if inner is None and kind in ENTRY_KEYS:
            continue
        place = f"{prefix}{'' if inner is None else 'targets.'}{kind}"
        several = isinstance(targets, list)
        for index, target in enumerate(targets if several else [targets]):
            where = f"{place}[{index}]" if several else place
            terms = _mapping(target, where)
            also = _mapping(terms.get("when") or {}, f"{where}.when")
            yield (
                where,
                str(kind),
                terms,
                {**when, **also},
                str(terms.get("name") or entry.get("name") or where),
            )


def _kind(kind: Kind, target: Mapping[str, Any], at: str) -> Kind:
    """The kind, with the events that the target itself names."""
    if "start" not in target and "stop" not in target:
        return kind
    stop = target.get("stop", sorted(kind.stops_on))
    starts_on = str(target.get("start", kind.starts_on))
    return Kind(
        kind.name,
        frozenset(map(str, stop if isinstance(stop, list) else [stop])),
        starts_on=starts_on,
        reopens=kind.reopens,
        waits=kind.waits or starts_on == OPENED,
    )


def _promise(kind: str, target: Mapping[str, Any], when: Mapping[str, Any], name: str, at: str) -> Promise:
    for key in target:
        if key not in TARGET_KEYS:
            raise ClockFault("one_of", f"{at}.{key}", value=key, known=", ".join(sorted(TARGET_KEYS)))
    unit = _choice(Unit, target.get("unit", Unit.BUSINESS), f"{at}.unit")
    given = [key for key in (*LENGTHS, "working_days") if target.get(key) is not None]
    if not given:
        raise ClockFault("missing", at, key="minutes")
    if "working_days" in given:
        unit, amount = Unit.WORKING_DAYS, _days(target["working_days"], f"{at}.working_days")
    else:
        if unit is Unit.WORKING_DAYS:
            raise ClockFault("missing", at, key="working_days")
        amount = sum(_length(target[key], f"{at}.{key}", LENGTHS[key]) for key in given)
    return Promise(
        name=name,
        kind=kind,
        amount=amount,
        unit=unit,
        pauses=_pauses(target.get("pauses", False), f"{at}.pauses"),
        calendar=None if target.get("calendar") is None else str(target["calendar"]),
        when={str(key): _values(value) for key, value in when.items()},
        on_change=_choice(OnChange, target.get("on_change", OnChange.RETROACTIVE), f"{at}.on_change"),
        on_reopen=_choice(OnReopen, target.get("on_reopen", OnReopen.CONTINUE), f"{at}.on_reopen"),
    )


def _length(value: object, at: str, factor: int) -> int:
    try:
        minutes = Decimal(str(value)) * factor
    except InvalidOperation:
        minutes = Decimal(-1)
    if isinstance(value, bool) or not minutes.is_finite() or not 0 <= minutes <= MOST_MINUTES:
        raise ClockFault("bad_number", at, value=value, most=MOST_MINUTES // factor)
    return int(minutes * MINUTE)


def _days(value: object, at: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= MOST_DAYS:
        raise ClockFault("bad_whole_number", at, value=value, most=MOST_DAYS)
    return value


def _pauses(value: object, at: str) -> bool | frozenset[str]:
    if isinstance(value, bool):
        return value
    if not isinstance(value, list):
        raise ClockFault("bad_pauses", at, value=value)
    return frozenset(map(str, value))


def _values(value: object) -> frozenset[str]:
    return frozenset(map(str, value if isinstance(value, list) else [value]))


def _choice[Choice: StrEnum](choices: type[Choice], value: object, at: str) -> Choice:
    try:
        return choices(str(value))
    except ValueError as error:
        raise ClockFault("one_of", at, value=value, known=", ".join(choices)) from error


def _mapping(value: object, at: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise ClockFault("not_a_mapping", at)
    return value
