"""The clocks' part of a matrix: kinds of clocks, reasons to pause them, promises, and where nothing is promised."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bihuan.kernel.clocks import CASE_KINDS, CalendarHistory, ClockFault, Kind, parse_targets
from bihuan.kernel.clocks.events import OPENED
from bihuan.service.matrix.faults import MatrixFault
from bihuan.service.matrix.model import ClockKind, Exemption, Promised, Promises
from bihuan.service.matrix.reading import (
    Known,
    condition,
    entries,
    mapping,
    needed,
    needed_text,
    once,
    one_of,
    several_of,
    text,
    words,
)

SAID = ("label", "source")
TIMED = (
    "name", "kind", "when", "minutes", "hours", "working_days", "unit", "pauses", "calendar", "on_change", "on_reopen",
)  # fmt: skip


def read_promises(
    section: Mapping[str, Any], at: str, known: Known, calendars: Mapping[str, CalendarHistory]
) -> Promises:
    """What clocks, pause_reasons, promises and without say in a section; `at` is its place with a dot, or empty."""
    clocks = _clocks(section["clocks"], f"{at}clocks")
    pausing = _pausing(section.get("pause_reasons"), f"{at}pause_reasons", clocks)
    labels = {
        str(one["id"]): words(one["label"], f"{where}.label")
        for where, one in entries(
            section.get("pause_reasons"), f"{at}pause_reasons", ("id", "label", "source", "clocks")
        )
        if "label" in one
    }
    promises = []
    for where, entry in entries(section["promises"], f"{at}promises", (*TIMED, *SAID)):
        promises.append(_promised(entry, where, clocks, pausing, known))
        calendar = promises[-1].promise.calendar
        if calendar is not None and calendar not in calendars:
            names = ", ".join(sorted(calendars))
            raise MatrixFault("unknown_calendar", f"{where}.calendar", value=calendar, known=names)
    once((one.promise.name for one in promises), f"{at}promises")
    modes: dict[str, str] = {}
    for index, one in enumerate(promises):
        kind, mode = one.promise.kind, one.promise.on_change
        if modes.setdefault(kind, mode) != mode:
            raise MatrixFault("one_mode", f"{at}promises[{index}].on_change", clock=kind)
    without = _exemptions(section.get("without"), f"{at}without", clocks, known)
    return Promises(clocks, pausing, tuple(promises), without, labels)


def _clocks(value: object, section: str) -> dict[str, ClockKind]:
    found = {}
    for name, one in mapping(value, section).items():
        at = f"{section}.{name}"
        entry = mapping(one, at, ("label", "start", "stop"))
        usual = CASE_KINDS.get(name)
        stop = entry.get("stop", sorted(usual.stops_on) if usual else [name])
        kind = Kind(
            name,
            frozenset(
                text(event, f"{at}.stop") for event in (stop if isinstance(stop, list | tuple) else [stop])
            ),
            starts_on=text(entry.get("start", usual.starts_on if usual else OPENED), f"{at}.start"),
            reopens=usual is not None and usual.reopens,
            waits=usual is None or usual.waits,
        )
        found[name] = ClockKind(words(entry.get("label"), f"{at}.label"), kind)
    return found


def _pausing(value: object, section: str, clocks: Mapping[str, ClockKind]) -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    for at, one in entries(value, section, ("id", "label", "source", "clocks")):
        name = needed_text(one, "id", at)
        if name in found:
            raise MatrixFault("twice", at, value=name)
        found[name] = frozenset(several_of(needed(one, "clocks", at), clocks, f"{at}.clocks"))
    return found


def _promised(
    entry: Mapping[str, Any],
    at: str,
    clocks: Mapping[str, ClockKind],
    pausing: Mapping[str, frozenset[str]],
    known: Known,
) -> Promised:
    needed_text(entry, "name", at)
    kind = one_of(needed(entry, "kind", at), clocks, f"{at}.kind")
    condition(entry.get("when"), known, f"{at}.when")
    timed = {key: value for key, value in entry.items() if key not in SAID}
    timed["pauses"] = _pauses(entry.get("pauses", True), kind, pausing, f"{at}.pauses")
    try:
        (promise,) = parse_targets([timed]).policy.promises
    except ClockFault as fault:  # the clocks call it the first of a list
        raise MatrixFault(fault.code, fault.path.replace("[0]", at, 1), **fault.params) from fault
    return Promised(promise, words(entry.get("label"), f"{at}.label"), needed_text(entry, "source", at))


def _pauses(value: object, kind: str, pausing: Mapping[str, frozenset[str]], at: str) -> bool | list[str]:
    """The reasons that pause a promise: those that may pause its clock, or of them the ones it names."""
    allowed = [reason for reason, clocks in pausing.items() if kind in clocks]
    if value is False:
        return False
    if value is True:
        return allowed or False
    if not isinstance(value, list | tuple):
        raise MatrixFault("bad_pauses", at, value=value)
    for index, reason in enumerate(several_of(value, pausing, at)):
        if reason not in allowed:
            raise MatrixFault("no_pause", f"{at}[{index}]", value=reason, clock=kind)
    return list(map(str, value))


def _exemptions(
    value: object, section: str, clocks: Mapping[str, ClockKind], known: Known
) -> tuple[Exemption, ...]:
    return tuple(
        Exemption(
            clock=one_of(needed(one, "clock", at), clocks, f"{at}.clock"),
            when=condition(one.get("when"), known, f"{at}.when"),
            reason=words(one.get("reason"), f"{at}.reason"),
            source=needed_text(one, "source", at),
        )
        for at, one in entries(value, section, ("clock", "when", "reason", "source"))
    )
