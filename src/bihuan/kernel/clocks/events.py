"""What happens to a case, and which clocks it moves. Events are facts: appended, never edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

OPENED, CHANGED, PAUSED, RESUMED, REOPENED, CLOSED = (
    "opened",
    "changed",
    "paused",
    "resumed",
    "reopened",
    "closed",
)
STEERING = frozenset({OPENED, CHANGED, PAUSED, RESUMED, REOPENED, CLOSED})
"""Events that concern all clocks of a case."""

DUE_AT = "due_at"


class Event(NamedTuple):
    """One fact about a case. `at` is aware. `data` of opened and changed: the attributes that rules ask for (tier,
    severity, …) and under `due_at` the deadlines promised, by kind; of paused: `reason`."""

    at: datetime
    name: str
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of clock: which event starts it and which stop it.

    `reopens`: a case that is opened again sets it running again. `waits`: a pause that was on when it started holds it
    too. A kind that starts with another event than opened and still runs when the case is reopened is void: it starts
    anew with that event.
    """

    name: str
    stops_on: frozenset[str]
    starts_on: str = OPENED
    reopens: bool = False
    waits: bool = True


CASE_KINDS: Mapping[str, Kind] = {
    one.name: one
    for one in (
        Kind("response", frozenset({"responded"})),
        Kind("on_site", frozenset({"on_site"})),
        Kind("workaround", frozenset({"worked_around"})),
        Kind("resolution", frozenset({"solved"}), reopens=True),
        # What the pause waited for ended with the solution.
        Kind("call_back", frozenset({"called_back"}), starts_on="solved", waits=False),
    )
}
"""The clocks of a case. Other objects bring their own, such as the steps of an 8D."""
