"""Times of EPCIS: RFC 3339 with a zone; in hashes UTC with milliseconds, the fourth place rounded half up."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from functools import lru_cache

_TIME = re.compile(
    r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,18}))?(?:([Zz])|([+-])(\d\d):(\d\d))\Z",
    re.ASCII,
)
OFFSET = re.compile(r"[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00)\Z", re.ASCII)


@lru_cache(maxsize=4096)
def parse(text: str) -> datetime | None:
    """The moment in UTC, rounded to milliseconds half up; None if the text is no time with a zone."""
    found = _TIME.match(text)
    if found is None:
        return None
    year, month, day, hour, minute, second, fraction, zulu, sign, zone_hours, zone_minutes = found.groups()
    seconds = int(second)
    if seconds > 60:
        return None
    if zulu:
        zone = timedelta()
    else:
        zone = timedelta(hours=int(zone_hours), minutes=int(zone_minutes))
        if zone > timedelta(hours=14) or int(zone_minutes) > 59:
            return None
        if sign == "-":
            zone = -zone
    milliseconds = 0
    if fraction:
        digits = fraction.ljust(4, "0")
        milliseconds = int(digits[:3]) + (digits[3] >= "5")
    try:
        whole = datetime(
            int(year), int(month), int(day), int(hour), int(minute), min(seconds, 59), tzinfo=timezone(zone)
        ).astimezone(UTC)
        if seconds == 60 and (whole.hour, whole.minute) != (23, 59):
            return None  # a leap second is the last one of a day in UTC
        return whole + timedelta(milliseconds=milliseconds, seconds=1 if seconds == 60 else 0)
    except (ValueError, OverflowError):
        return None


def canonical(text: str) -> str:
    """The form in pre-hashes; a text that is no time stays as it is."""
    moment = parse(text)
    if moment is None:
        return text
    return write(moment)


def write(moment: datetime) -> str:
    """`2026-03-02T01:00:00.000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"
