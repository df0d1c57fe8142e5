"""Promises: what a policy says a kind of clock may take, for which cases, and what a change does to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Unit(StrEnum):
    """What a target is counted in: hours of the calendar, any hours, or the end of the n-th working day."""

    BUSINESS = "business"
    ELAPSED = "elapsed"
    WORKING_DAYS = "working_days"


class OnChange(StrEnum):
    """When tier, severity or policy change while a clock runs: the old promise is kept, the new one counts from the clock's
    start (with the pauses so far), or from the change. A calendar's new wording is followed, except where all is kept."""

    KEEP = "keep"
    RETROACTIVE = "retroactive"
    RESTART = "restart"


class OnReopen(StrEnum):
    """When a solved case is reopened, its resolution goes on from where it stood (the time in between does not count), runs
    on as if it had never been solved, or keeps its first solution."""

    CONTINUE = "continue"
    THROUGH = "through"
    KEEP = "keep"


@dataclass(frozen=True)
class Promise:
    """`amount` is microseconds, or days where the unit is working days. `pauses`: any reason, none, or those named.

    `when` maps an attribute to the values it may have, as text; a case that lacks the attribute does not match.
    """

    name: str
    kind: str
    amount: int
    unit: Unit = Unit.BUSINESS
    pauses: bool | frozenset[str] = False
    calendar: str | None = None
    when: Mapping[str, frozenset[str]] = field(default_factory=dict)
    on_change: OnChange = OnChange.RETROACTIVE
    on_reopen: OnReopen = OnReopen.CONTINUE

    def applies_to(self, attributes: Mapping[str, Any]) -> bool:
        return all(key in attributes and str(attributes[key]) in values for key, values in self.when.items())

    def pauses_for(self, reason: str) -> bool:
        return self.pauses if isinstance(self.pauses, bool) else reason in self.pauses


@dataclass(frozen=True)
class Policy:
    """The promises in force from a moment on (None: always)."""

    promises: tuple[Promise, ...]
    version: str = "1"
    valid_from: datetime | None = None

    def promised(self, kind: str, attributes: Mapping[str, Any]) -> list[Promise]:
        return [one for one in self._of_kind.get(kind, ()) if one.applies_to(attributes)]

    def __post_init__(self) -> None:
        of_kind: dict[str, list[Promise]] = {}
        for one in self.promises:
            of_kind.setdefault(one.kind, []).append(one)
        object.__setattr__(self, "_of_kind", of_kind)

    _of_kind: Mapping[str, Sequence[Promise]] = field(
        init=False, repr=False, compare=False, default_factory=dict
    )


def in_order(policies: Sequence[Policy]) -> list[Policy]:
    """Versions by the moment from which they count."""
    return sorted(policies, key=lambda one: (one.valid_from is not None, one.valid_from or 0))
