"""What can be wrong with a calendar, a list of targets or a moment, as codes. Rooms above translate; English is the fallback."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

MESSAGES: Mapping[str, str] = {
    "bad_date": "“%(value)s” is no date; write it as 2026-01-31, or a run of days as 2026-02-15/2026-02-23.",
    "bad_hours": "“%(value)s” are no hours; write them as 09:00-12:00.",
    "bad_moment": "“%(value)s” is no time; write it as 2026-01-31T09:30:00Z.",
    "bad_number": "“%(value)s” is not a number from 0 to %(most)s.",
    "bad_pauses": "“pauses” is true, false or a list of reasons, not “%(value)s”.",
    "bad_whole_number": "“%(value)s” is not a whole number from 0 to %(most)s.",
    "circular_merge": "The merges of “%(case)s” lead back to it.",
    "far_moment": "“%(value)s” lies outside the years %(first)s to %(last)s.",
    "missing": "“%(key)s” is missing.",
    "never_due": "The calendar “%(calendar)s” has no more working hours after %(value)s.",
    "no_hours": "The calendar has no working hours at all.",
    "not_a_list": "A list is expected here.",
    "not_a_mapping": "A mapping of names to values is expected here.",
    "one_of": "“%(value)s” is not known here. Known: %(known)s.",
    "one_zone": "The versions of one calendar share one time zone.",
    "unknown_calendar": "There is no calendar called “%(value)s”, nor such a file. Known: %(known)s.",
    "unknown_zone": "“%(value)s” is no time zone; write it as Asia/Shanghai.",
}


class ClockFault(ValueError):
    """One fault. `path` says where (`week.mon[0]`), `code` what (a key of `MESSAGES`), `params` fill its text."""

    def __init__(self, code: str, path: str = "", **params: Any) -> None:
        self.code, self.path, self.params = code, path, params
        text = MESSAGES[code] % params
        super().__init__(f"{path}: {text}" if path else text)
