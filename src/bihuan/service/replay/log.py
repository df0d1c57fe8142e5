"""A log read case by case, however its cases are interleaved.

Twice through the file: first to see where each case ends, then to fold each case as soon as its last line has been read. What
is held is one number a case and the events of the cases under way, not the log.
"""

from __future__ import annotations

import codecs
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from bihuan.kernel.clocks import Clock, ClockFault, Desk, Event
from bihuan.service.replay.lines import MOST_BYTES, EventReader, LineRefused, case_of, parse_object
from bihuan.service.wording import say_fault

CASE_FIRST = re.compile(rb'\s*\{\s*"case"\s*:\s*("[^"\\]+"|0|[1-9]\d{0,17})\s*,')
IDLE = "updated"
"""The event that says only that something happened."""


@dataclass
class Findings:
    """What a replay has to tell beside the clocks. `told` is called with line number and reason of what is refused."""

    told: Callable[[int, str], None]
    events: int = 0
    refused: int = 0
    withheld: int = 0
    never_opened: int = 0
    sorted_cases: int = 0
    provisional: int = 0
    unknown: Counter[str] = field(default_factory=Counter)

    def refuse(self, line: int, reason: str) -> None:
        self.refused += 1
        self.told(line, reason)


class Pending:
    """A case under way."""

    __slots__ = ("case", "events", "is_sorted", "is_whole", "last")

    def __init__(self, case: str | int | float) -> None:
        self.case = case
        self.events: list[Event] = []
        self.is_sorted = self.is_whole = True
        self.last: datetime | None = None


@contextmanager
def opened_log(name: str) -> Iterator[BinaryIO]:
    """The log of that name (- is standard input), able to be read twice: a pipe is first written to a temporary file."""
    with nullcontext(sys.stdin.buffer) if name == "-" else Path(name).open("rb") as given:
        if given.seekable():
            yield given
            return
        with tempfile.TemporaryFile() as copy:
            shutil.copyfileobj(given, copy)
            yield copy


def replay(
    log: BinaryIO, desk: Desk, reader: EventReader, now: datetime, is_as_of: bool, findings: Findings
) -> Iterator[tuple[str | int | float, tuple[Clock, ...]]]:
    """Each case with its clocks, in the order in which the cases' last lines stand.

    `is_as_of`: what the log says after `now` has not happened yet. Otherwise the whole log has, and a case's clocks are asked
    for at `now` or its last event, whichever is later. A case with a line that was refused is withheld: its clocks would be wrong.
    """
    ends, lines = _ends(log)
    under_way: dict[str, Pending] = {}
    for number, raw in _lines(log):
        if number > lines:  # written since
            break
        try:
            read = parse_object(raw)
            case = case_of(read)
        except LineRefused as refusal:
            findings.refuse(number, str(refusal))
            continue
        key = str(case)
        pending = under_way.get(key)
        if pending is None:
            pending = under_way[key] = Pending(case)
        try:
            _take(pending, reader.read(read), reader, findings)
        except LineRefused as refusal:
            pending.is_whole = False
            findings.refuse(number, str(refusal))
        if ends.get(key) == number:
            del under_way[key], ends[key]
            yield pending.case, _clocks(pending, desk, now, is_as_of, number, findings)
    for pending in under_way.values():  # a last line that was only half written at first
        yield pending.case, _clocks(pending, desk, now, is_as_of, lines, findings)


def _take(pending: Pending, event: Event, reader: EventReader, findings: Findings) -> None:
    findings.events += 1
    if pending.last is not None and event.at < pending.last:
        pending.is_sorted = False
    else:
        pending.last = event.at
    if event.name in reader.known:
        pending.events.append(event)
    elif event.name != IDLE and (event.name in findings.unknown or len(findings.unknown) < 1000):
        findings.unknown[event.name] += 1


def _clocks(
    pending: Pending, desk: Desk, now: datetime, is_as_of: bool, line: int, findings: Findings
) -> tuple[Clock, ...]:
    if not pending.is_whole:
        findings.withheld += 1
        return ()
    if not any(one.name == "opened" for one in pending.events):
        findings.never_opened += 1
        return ()
    findings.sorted_cases += not pending.is_sorted
    moment = now if is_as_of or pending.last is None else max(now, pending.last)
    try:
        clocks = desk.clocks(pending.events, moment)
    except ClockFault as fault:
        findings.withheld += 1
        findings.refuse(line, say_fault(fault))
        return ()
    findings.provisional += sum(one.provisional for one in clocks)
    return clocks


def _ends(log: BinaryIO) -> tuple[dict[str, int], int]:
    """The number of each case's last line, and of the log's.

    A line that begins with its case is not read any further. Should the rest of it be no JSON, or name another case, its case
    is found at the end of the log instead: later, but no other.
    """
    ends: dict[str, int] = {}
    number = 0
    for number, raw in _lines(log):
        if match := CASE_FIRST.match(raw):
            ends[match[1].decode("utf-8", "replace").strip('"')] = number
            continue
        try:
            ends[str(case_of(parse_object(raw)))] = number
        except LineRefused:
            continue
    return ends, number


def _lines(log: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Numbered lines that hold something; of one that is too long, the beginning."""
    log.seek(0)
    number = 0
    while raw := log.readline(MOST_BYTES + 1):
        number += 1
        if len(raw) > MOST_BYTES and not raw.endswith(b"\n"):
            while (rest := log.readline(MOST_BYTES)) and not rest.endswith(b"\n"):
                pass
        if number == 1:
            raw = raw.removeprefix(codecs.BOM_UTF8)
        if raw and not raw.isspace():
            yield number, raw
