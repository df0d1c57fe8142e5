"""A clock as a line of the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bihuan.kernel.clocks import Clock

_MICRO = timedelta(microseconds=1)
_MINUTE = timedelta(minutes=1) // _MICRO


def minutes(length: timedelta) -> int | float:
    """A length in minutes: whole where it is, else to six decimals."""
    whole, rest = divmod(length // _MICRO, _MINUTE)
    return whole if not rest else round(length / timedelta(minutes=1), 6)


def row(case: str | int | float, clock: Clock, names: Mapping[str, str]) -> dict[str, Any]:
    return {
        "case": case,
        "kind": names.get(clock.kind, clock.kind),
        "started_at": clock.started_at,
        "due_at": clock.due_at,
        "paused_minutes": minutes(clock.paused),
        "stopped_at": clock.stopped_at,
        "used_minutes": minutes(clock.used),
        "met": clock.met,
    }


def explanation(clock: Clock) -> dict[str, Any]:
    """What a row leaves out: where the clock came from."""
    return {
        "promise": clock.promise,
        "promises": [{"promise": one.promise, "due_at": one.due_at} for one in clock.promises],
        "unit": clock.unit,
        "calendar": clock.calendar,
        "target_minutes": minutes(clock.target),
        "remaining_minutes": minutes(clock.remaining),
        "share_used": round(float(clock.share_used), 6),
        "stopped_by": clock.stopped_by or None,
        "breached": clock.breached,
        "waiting": clock.waiting,
        "provisional": clock.provisional,
        "pauses": [{"from": low, "to": high, "reason": reason} for low, high, reason in clock.pauses],
        "first": None
        if clock.first is None
        else {
            "due_at": clock.first.due_at,
            "stopped_at": clock.first.stopped_at,
            "used_minutes": minutes(clock.first.used),
            "met": clock.first.met,
        },
    }
