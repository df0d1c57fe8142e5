"""What a matrix answers: clocks, alarms, windows, approvals, repeats. Pure: facts and moments come in, answers go out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import NamedTuple

from bihuan.kernel.clocks import CalendarHistory, Clock, Desk, Kind, Policy, moment_of_share
from bihuan.service.matrix.model import (
    KINDS,
    SEVERITIES,
    URGENCIES,
    Handling,
    Limit,
    Promised,
    Promises,
    Repeat,
    ServiceMatrix,
    Window,
    holds,
    place_of,
)
from bihuan.service.matrix.reading import one_of

Versions = Sequence[tuple[datetime | None, ServiceMatrix]]
"""Matrices by the moment from which each counts (None: from the start)."""


def policy_of(matrix: ServiceMatrix, version: str = "1", valid_from: datetime | None = None) -> Policy:
    """The promises on cases as the clocks take them, each with its calendar."""
    return _policy(matrix.on_cases, matrix, version, valid_from, {})


def _policy(
    part: Promises,
    matrix: ServiceMatrix,
    version: str,
    valid_from: datetime | None,
    called: Mapping[str, str],
) -> Policy:
    """`called`: other names for calendars."""
    promises = []
    for one in part.promises:
        calendar = one.promise.calendar or matrix.calendar
        promises.append(replace(one.promise, calendar=called.get(calendar, calendar)))
    return Policy(tuple(promises), version, valid_from)


def desk_of(versions: ServiceMatrix | Versions) -> Desk:
    """The desk that folds a case's events into clocks, by one matrix or by its versions.

    A clock that stopped under an earlier version keeps it, with the calendars of that version. Which events start and stop a clock,
    the last version says.
    """
    return _desk(versions, lambda matrix: matrix.on_cases)


def investigation_desk_of(versions: ServiceMatrix | Versions) -> Desk:
    """The same for the steps of an investigation."""
    return _desk(versions, lambda matrix: matrix.on_steps)


def _desk(versions: ServiceMatrix | Versions, part_of: Callable[[ServiceMatrix], Promises]) -> Desk:
    if isinstance(versions, ServiceMatrix):
        versions = [(None, versions)]
    policies, calendars, kinds = [], dict[str, CalendarHistory](), dict[str, Kind]()
    for number, (valid_from, matrix) in enumerate(versions, start=1):
        part = part_of(matrix)
        called = _take_in(calendars, matrix.calendars)
        policies.append(_policy(part, matrix, str(number), valid_from, called))
        kinds |= {name: one.kind for name, one in part.clocks.items()}
    return Desk(policies, calendars, called[versions[-1][1].calendar], kinds)


def _take_in(known: dict[str, CalendarHistory], more: Mapping[str, CalendarHistory]) -> dict[str, str]:
    """Adds calendars to those of earlier versions; returns what each is called there.

    One with other hours under a known name gets a name of its own; one that did not change keeps it, because a promise whose
    calendar has another name is another promise to the clocks, and might start anew.
    """
    called = {}
    for name, calendar in more.items():
        own, number = name, 1
        while own in known and known[own].versions != calendar.versions:
            number += 1
            own = f"{name}@{number}"
        known.setdefault(own, calendar)
        called[name] = own
    return called


def promise_in(versions: Versions, name: str, at: datetime) -> Promised | None:
    """The promise that a clock names, as it was worded at a moment: the clock's stop, else now. None if no version has it."""
    before = [matrix for since, matrix in versions if since is None or since <= at]
    after = [matrix for since, matrix in versions if since is not None and since > at]
    found = (one.promise_named(name) for one in (*reversed(before), *after))
    return next((one for one in found if one is not None), None)


def case_attributes(
    matrix: ServiceMatrix,
    *,
    kind: str,
    tier: str | None = None,
    severity: str | int | None = None,
    urgency: str | None = None,
    channel: str | None = None,
) -> dict[str, str]:
    """What the event `opened` carries. A tier that the matrix does not know counts as `untiered`; the kind gives the severity.

    Raises `MatrixFault` for a kind, severity, urgency or channel that there is not.
    """
    known = {one.id: one for one in matrix.kinds}
    of_kind = known[one_of(kind, KINDS, "kind")]
    found = {
        "kind": kind,
        "tier": tier if tier in matrix.tiers else matrix.untiered,
        "severity": one_of(of_kind.severity if severity is None else severity, SEVERITIES, "severity"),
        "urgency": one_of(urgency or URGENCIES[0], URGENCIES, "urgency"),
    }
    if channel is not None:
        found["channel"] = one_of(channel, (one.id for one in matrix.channels), "channel")
    return found


class Alarm(NamedTuple):
    """Whom to tell when; `step` is its place in the chain, from 0."""

    at: datetime
    step: int
    to: tuple[str, ...]


def alarms(matrix: ServiceMatrix, clock: Clock, severity: str | int) -> tuple[Alarm, ...]:
    """When each step of the escalation is reached, or will be if the clock just runs on.

    A clock that stopped, or waits, has only the steps that it reached before. The minutes after a share count any time.
    """
    found = []
    for number, step in enumerate(matrix.escalation[one_of(severity, SEVERITIES, "severity")]):
        reached = moment_of_share(clock, step.share)
        if reached is None:
            continue
        at = reached + step.after
        if clock.stopped_at is None or at <= clock.stopped_at:
            found.append(Alarm(at, number, step.to))
    return tuple(found)


def next_alarm(matrix: ServiceMatrix, clock: Clock, severity: str | int, after: datetime) -> Alarm | None:
    """The first step that is reached later than `after`: what a queue of due rows waits for. None where nothing more will come."""
    later = (one for one in alarms(matrix, clock, severity) if one.at > after)
    return min(later, default=None, key=lambda one: one.at)


def is_green(matrix: ServiceMatrix, attributes: Mapping[str, str]) -> bool:
    """Whether a case goes through the green channel."""
    return holds(matrix.green_channel.when, attributes)


def handled_by(matrix: ServiceMatrix, attributes: Mapping[str, str]) -> tuple[Handling, ...]:
    """Who is to work together on such a case."""
    return tuple(one for one in matrix.handling if holds(one.when, attributes))


def objection_window(
    matrix: ServiceMatrix, family: str | None, about: str | None, *, contract: str = "", customer: str = ""
) -> Window:
    """The window that counts: one for the contract, else for the customer, else for family and defect, for the family, for
    the defect, and the general one. `customer` is its number."""
    asked = (contract or None, customer or None, family, about)
    fitting = [
        one
        for one in matrix.objections.windows
        if all(part in (None, wanted) for part, wanted in zip(place_of(one), asked, strict=True))
    ]
    return max(fitting, key=lambda one: tuple(part is not None for part in place_of(one)))


def last_day_to_object(window: Window, received_on: date) -> date:
    """The last day of the window; the day of receipt does not count."""
    return received_on + timedelta(days=window.days)


def may_approve(matrix: ServiceMatrix, party: str, remedy: str, amount: Decimal) -> bool:
    """Whether a party may approve a remedy of that amount, in the currency of the approvals."""
    return any(one.party == party for one in _sufficient(matrix, remedy, amount))


def approver_for(matrix: ServiceMatrix, remedy: str, amount: Decimal) -> str:
    """The lowest party whose limit is enough."""
    of_remedy = _sufficient(matrix, remedy, amount)
    return min(of_remedy, key=lambda one: (one.up_to is None, one.up_to or 0)).party


def _sufficient(matrix: ServiceMatrix, remedy: str, amount: Decimal) -> list[Limit]:
    if amount < 0:
        raise ValueError("an amount to approve is not negative")
    one_of(remedy, (one.id for one in matrix.approvals.remedies), "remedy")
    return [
        one
        for one in matrix.approvals.limits
        if remedy in one.remedies and (one.up_to is None or amount <= one.up_to)
    ]


class Past(NamedTuple):
    """An earlier case: its kind, when it was opened, and whose, which lots' and which defects' it was."""

    kind: str
    opened_at: datetime
    marks: Mapping[str, frozenset[str]]


def repeats_of(
    matrix: ServiceMatrix, case: Past, earlier: Iterable[Past]
) -> tuple[tuple[Repeat, str, int], ...]:
    """Which rules of repeated complaints a case fulfils: the rule, the customer, lot or defect, and the number with this one.

    `marks` holds values by `customer`, `lot` and `defect`. The window ends with the case.
    """
    past, found = list(earlier), []
    for rule in matrix.repeats:
        if case.kind not in rule.kinds:
            continue
        since = case.opened_at - timedelta(days=rule.days)
        within = [one for one in past if one.kind in rule.kinds and since <= one.opened_at <= case.opened_at]
        for mark in sorted(case.marks.get(rule.by, ())):
            count = 1 + sum(mark in one.marks.get(rule.by, ()) for one in within)
            if count >= rule.count:
                found.append((rule, mark, count))
    return tuple(found)
