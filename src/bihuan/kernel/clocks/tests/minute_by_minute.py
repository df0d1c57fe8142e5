"""The same clocks, reckoned the slow way: a minute at a time, by counting. Shares no code with what it checks.

Minutes count from the midnight on which the test begins. An event is (minute, name, data); a promise is a dictionary with
kind, minutes, unit, pauses, tier (None: any), on_change and on_reopen.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import count
from typing import Any

STOPPED_BY = {
    "response": "responded",
    "on_site": "on_site",
    "workaround": "worked_around",
    "resolution": "solved",
    "call_back": "called_back",
}
FROM_THE_OPENING = ("response", "on_site", "workaround", "resolution")
Promise = dict[str, Any]


@dataclass
class Watch:
    """What is noted of one kind while the minutes go by."""

    started: int | None = None
    stopped: int | None = None
    is_deaf: bool = False  # to the pause that was on when it started
    ran: set[int] = field(default_factory=set)
    waited: dict[int, str] = field(default_factory=dict)
    promised: list[tuple[Promise, int]] = field(default_factory=list)  # and from when each counts
    promised_at_stop: list[tuple[Promise, int]] = field(default_factory=list)


class Case:
    def __init__(self, promises: list[Promise]) -> None:
        self.promises = promises
        self.watches: dict[str, Watch] = {}
        self.tier = ""
        self.is_closed = False
        self.reason: str | None = None

    def matching(self, kind: str) -> list[Promise]:
        return [one for one in self.promises if one["kind"] == kind and one["tier"] in (None, self.tier)]

    def begin(self, kind: str, minute: int) -> None:
        self.watches[kind] = Watch(minute, promised=[(one, minute) for one in self.matching(kind)])

    def halt(self, kind: str, minute: int) -> None:
        watch = self.watches.get(kind)
        if watch and watch.stopped is None:
            watch.stopped, watch.promised_at_stop = minute, list(watch.promised)

    def set_pause(self, reason: str | None) -> None:
        if reason != self.reason:
            self.reason = reason
            for watch in self.watches.values():
                watch.is_deaf = False

    def take(self, minute: int, name: str, data: dict[str, Any]) -> None:
        if not self.watches:
            if name == "opened":
                self.tier = data["tier"]
                for kind in FROM_THE_OPENING:
                    self.begin(kind, minute)
        elif name == "changed":
            self.tier = data["tier"]
            for kind, watch in self.watches.items():
                self.change(watch, self.matching(kind), minute)
        elif name in ("opened", "reopened"):
            resolution = self.watches["resolution"]
            if resolution.stopped is not None:
                resolution.stopped, self.is_closed = None, False
                self.set_pause(None)
                if "call_back" in self.watches and self.watches["call_back"].stopped is None:
                    del self.watches["call_back"]
        elif self.is_closed:
            pass
        elif name == "paused":
            self.set_pause(data["reason"])
        elif name == "resumed":
            self.set_pause(None)
        elif name == "closed":
            for kind in self.watches:
                self.halt(kind, minute)
            self.is_closed = True
            self.set_pause(None)
        else:
            for kind, stop in STOPPED_BY.items():
                if name == stop:
                    self.halt(kind, minute)
            if name == "solved" and "call_back" not in self.watches:
                self.begin("call_back", minute)
                self.watches["call_back"].is_deaf = self.reason is not None

    @staticmethod
    def change(watch: Watch, new: list[Promise], minute: int) -> None:
        old = [one for one, _since in watch.promised]
        if new == old:
            return
        how = (new or old)[0]["on_change"]
        if how == "retroactive":
            watch.promised = [(one, watch.started or 0) for one in new]
        if how == "restart":
            since = {one["name"]: moment for one, moment in watch.promised}
            watch.promised = [(one, since.get(one["name"], minute)) for one in new]

    def tick(self, minute: int) -> None:
        for watch in self.watches.values():
            if watch.stopped is None:
                watch.ran.add(minute)
            if self.reason is not None and not watch.is_deaf:
                watch.waited[minute] = self.reason


def reckon(
    events: list[tuple[int, str, dict[str, Any]]],
    promises: list[Promise],
    hours: list[tuple[int, int]],
    now: int,
) -> dict[str, tuple[int, int, int, int | None, int]]:
    """By kind: started, due, paused minutes, stopped, used minutes, of the promise that is due first."""
    case = Case(promises)
    for minute in range(now + 1):
        for when, name, data in events:
            if when == minute:
                case.take(minute, name, data)
        case.tick(minute)
    found = {}
    for kind, watch in case.watches.items():
        promised = watch.promised if watch.stopped is None else watch.promised_at_stop
        if promised:
            counted = [count_minutes(watch, one, since, hours, now) for one, since in promised]
            found[kind] = min(counted, key=lambda one: one[1])
    return found


def count_minutes(
    watch: Watch, promise: Promise, since: int, hours: list[tuple[int, int]], now: int
) -> tuple[int, int, int, int | None, int]:
    end = now if watch.stopped is None else watch.stopped
    runs = {minute for minute in watch.ran if since <= minute < end}
    if promise["on_reopen"] == "through":
        runs = set(range(since, end))
    start = min(runs, default=since)
    due = None if promise["minutes"] else start
    used = paused = total = 0
    for minute in count(start):
        is_past = minute < end
        if not is_past and due is not None:
            return start, due, paused, watch.stopped, used
        if is_past and minute not in runs:
            continue
        works = any(low <= minute % 1440 < high for low, high in hours)
        if promise["unit"] == "business" and not works:
            continue
        reason = watch.waited.get(minute) if is_past else None
        if reason is not None and (promise["pauses"] is True or reason in (promise["pauses"] or ())):
            paused += 1
            continue
        used += is_past
        total += 1
        if total == promise["minutes"]:
            due = minute + 1
    raise AssertionError("minutes never end")
