"""The course of one made case: when what happened. Pure: chance, clocks and a calendar of people's habits in, events out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import numpy as np

# Reports by hour of the day in the company's zone: busy mornings, a dip at noon, hardly any at night.
BY_HOUR = (
    0.3,
    0.2,
    0.2,
    0.2,
    0.3,
    0.6,
    2,
    5,
    11,
    14,
    13,
    10,
    4,
    6,
    11,
    12,
    10,
    8,
    4,
    2.5,
    1.8,
    1.2,
    0.8,
    0.5,
)
BY_WEEKDAY = (1.2, 1.1, 1.05, 1.0, 1.0, 0.4, 0.25)
LATE = {"response": 0.07, "resolution": 0.11, "call_back": 0.16}
OWN = {"response", "resolution", "call_back"}


class Running(Protocol):
    """A clock as the fold gives it when the case is opened."""

    @property
    def kind(self) -> str: ...
    @property
    def started_at(self) -> datetime: ...
    @property
    def due_at(self) -> datetime: ...


@dataclass(frozen=True)
class Words:
    """What is said at the steps of one case."""

    answer: str
    solution: str
    cause: str = ""


Step = tuple[datetime, str, dict[str, Any]]


def reported(
    rng: np.random.Generator, zone: ZoneInfo, first: datetime, until: datetime, size: int
) -> list[datetime]:
    """So many moments of reporting in [first, until), in order; by the hours and weekdays on which people report."""
    span = int((until - first).total_seconds())
    hours, days = np.array(BY_HOUR) / max(BY_HOUR), np.array(BY_WEEKDAY) / max(BY_WEEKDAY)
    found: list[datetime] = []
    while len(found) < size:
        for offset, chance in zip(rng.integers(0, span, size * 4), rng.random(size * 4), strict=True):
            at = first + timedelta(seconds=int(offset))
            local = at.astimezone(zone)
            if chance < hours[local.hour] * days[local.weekday()]:
                found.append(at)
    return sorted(found[:size])


def waking(rng: np.random.Generator, zone: ZoneInfo, at: datetime) -> datetime:
    """The moment itself by day; of the nights most wait for the morning."""
    local = at.astimezone(zone)
    if 8 <= local.hour < 21 or rng.random() < 0.15:
        return at
    morning = local.replace(hour=8, minute=0) + timedelta(days=local.hour >= 21)
    return (morning + timedelta(minutes=float(rng.uniform(2, 75)))).astimezone(at.tzinfo)


def course_of(
    rng: np.random.Generator,
    zone: ZoneInfo,
    opened_at: datetime,
    clocks: Sequence[Running],
    *,
    severity: int,
    rank: float,
    words: Words,
    stops: Callable[[str], str],
    may_wait: bool,
) -> list[Step]:
    """What happens after the opening, in order. `rank`: 0 for the first tier, 1 for the last, whom one serves more slowly."""
    due = {one.kind: one for one in clocks}
    slow = 0.85 + 0.35 * rank - 0.1 * (severity == 1)
    steps: list[Step] = []

    def moment(kind: str, begins: datetime) -> datetime:
        clock = due.get(kind)
        target = clock.due_at - clock.started_at if clock else timedelta(hours=40)
        is_late = rng.random() < LATE.get(kind, 0.08) * slow
        share = rng.uniform(1.05, 2.2) if is_late else min(0.97, rng.lognormal(-1.0, 0.55) * slow)
        return waking(rng, zone, begins + target * float(share))

    answered = max(moment("response", opened_at), opened_at + timedelta(minutes=2))
    steps.append((answered, "responded", {"text": words.answer}))
    for kind in sorted(set(due) - OWN):
        event = stops(kind)
        if event and rng.random() < 0.92:
            steps.append((moment(kind, opened_at), event, _kept(kind, event)))
    solved = max(moment("resolution", opened_at), answered + timedelta(minutes=float(rng.uniform(10, 90))))
    if may_wait and rng.random() < 0.14:
        waits = answered + (solved - answered) * 0.3
        until = waits + timedelta(hours=float(rng.uniform(3, 40)))
        steps += [(waits, "paused", {"reason": "waiting_for_customer"}), (until, "resumed", {})]
        solved = max(solved, until) + timedelta(hours=float(rng.uniform(0.5, 4)))
    steps = [one for one in steps if one[0] < solved]
    steps.append((solved, "solved", {"text": words.solution}))
    if rng.random() < 0.055:
        again = waking(rng, zone, solved + timedelta(hours=float(rng.uniform(6, 60))))
        steps.append((again, "reopened", {"reason": "客户反馈问题仍在（演示）"}))
        solved = waking(rng, zone, again + timedelta(hours=float(rng.uniform(2, 30))))
        steps.append((solved, "solved", {"text": words.solution}))
    steps += _ending(rng, zone, solved, slow, is_late=_missed(due, solved))
    return sorted(steps, key=lambda one: one[0])


def _kept(kind: str, event: str) -> dict[str, Any]:
    if event in ("on_site", "worked_around"):
        return {"text": "已到现场（演示）" if event == "on_site" else "先行替换，维持生产（演示）"}
    return {"clock": kind}


def _missed(due: Mapping[str, Running], solved: datetime) -> bool:
    return "resolution" in due and solved > due["resolution"].due_at


def _ending(
    rng: np.random.Generator, zone: ZoneInfo, solved: datetime, slow: float, *, is_late: bool
) -> list[Step]:
    """Calling back (mostly within three days) and putting away."""
    weights = (0.07, 0.13, 0.3, 0.32, 0.18) if is_late else (0.01, 0.03, 0.13, 0.43, 0.40)
    if rng.random() < 0.93:
        late = rng.random() < LATE["call_back"] * slow
        called = waking(
            rng, zone, solved + timedelta(hours=float(rng.uniform(80, 140) if late else rng.uniform(18, 66)))
        )
        score = int(rng.choice(5, p=weights)) + 1
        return [
            (called, "called_back", {"satisfaction": score}),
            (waking(rng, zone, called + timedelta(hours=float(rng.uniform(0.2, 30)))), "closed", {}),
        ]
    closed = waking(rng, zone, solved + timedelta(days=float(rng.uniform(4, 9))))
    return [(closed, "closed", {"reason": "三次致电无人接听（演示）"})]
