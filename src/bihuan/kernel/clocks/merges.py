"""Cases that were merged: what arrives for one that is no more belongs to the one that took it in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from bihuan.kernel.clocks.errors import ClockFault
from bihuan.kernel.clocks.events import Event


@dataclass(frozen=True)
class Merge:
    """A case was taken in by `into` at a moment (aware)."""

    into: str
    at: datetime


def survivor(case: str, at: datetime, merges: Mapping[str, Merge]) -> str:
    """The case that what happens at that moment belongs to, along all merges made by then.

    Raises `ClockFault("circular_merge")` where the merges run in a circle.
    """
    seen = {case}
    found = case
    while (merge := merges.get(found)) is not None and merge.at <= at:
        found = merge.into
        if found in seen:
            raise ClockFault("circular_merge", case=case)
        seen.add(found)
    return found


def redirect(events: Iterable[tuple[str, Event]], merges: Mapping[str, Merge]) -> Iterator[tuple[str, Event]]:
    """The same events, each with the case it belongs to; what came before a merge stays where it was written."""
    for case, event in events:
        yield survivor(case, event.at, merges), event
