"""Moments as whole microseconds of UTC since 1970, and local wall-clock times as moments.

Business time is a sum of many small spans: whole numbers add up exactly and compare fast.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo

from bihuan.kernel.clocks.errors import ClockFault

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_LOCAL = datetime(1970, 1, 1)
SECOND = 1_000_000
MINUTE = 60 * SECOND
DAY = 24 * 60 * MINUTE
FIRST_YEAR, LAST_YEAR = 1900, 2199
"""Calendars are expanded within these years; a moment outside is a slip of the pen."""


def to_micros(moment: datetime) -> int:
    """Microseconds since 1970 of an aware moment; exact."""
    gone = moment - EPOCH
    return (gone.days * 86_400 + gone.seconds) * SECOND + gone.microseconds


def to_moment(micros: int) -> datetime:
    """The moment in UTC of microseconds since 1970."""
    return EPOCH + timedelta(microseconds=micros)


def span_of(micros: int) -> timedelta:
    return timedelta(microseconds=micros)


def first_instant(day: date, minute: int, zone: tzinfo) -> int:
    """The first moment, in microseconds, at which the wall clock of the zone has reached that minute of that day.

    Minutes count from local midnight and may pass 1,440. Where summer time begins, a time that the clock skips is
    reached at the skip; where it ends, a time that comes twice is reached at its first coming. Both ends of hours
    follow the same rule, so that hours that touch on paper neither overlap nor leave a gap.
    """
    local = datetime(day.year, day.month, day.day) + timedelta(minutes=minute)
    wall = local - _EPOCH_LOCAL
    micros = (wall.days * 86_400 + wall.seconds) * SECOND
    before = _offset(local.replace(tzinfo=zone))
    after = _offset(local.replace(tzinfo=zone, fold=1))
    if before >= after:
        return micros - before
    early, late = micros - after, micros - before  # the skip lies between these
    while late - early > SECOND:
        middle = (early + late) // (2 * SECOND) * SECOND
        if _offset(to_moment(middle).astimezone(zone)) == after:
            late = middle
        else:
            early = middle
    return late


def _offset(local: datetime) -> int:
    offset = local.utcoffset() or timedelta(0)
    return (offset.days * 86_400 + offset.seconds) * SECOND + offset.microseconds


@cache
def zone_named(name: str) -> ZoneInfo:
    """The IANA zone of that name; `ClockFault` where there is none."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError, TypeError) as error:
        raise ClockFault("unknown_zone", value=name) from error


def read_moment(text: object, zone: tzinfo, *, end_of_day: bool = False) -> datetime:
    """An ISO 8601 time in UTC. One without a zone is meant in `zone`: logs write what the wall clock showed.

    A date alone is its first moment, or with `end_of_day` its last microsecond (a deadline given as a date lasts through that day).
    """
    if not isinstance(text, str):
        raise ClockFault("bad_moment", value=text)
    try:
        moment = datetime.fromisoformat(text.strip())
        if len(text.strip()) <= 10 and end_of_day:
            moment += timedelta(days=1, microseconds=-1)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=zone)
        moment = moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ClockFault("bad_moment", value=text[:60]) from error
    if not FIRST_YEAR < moment.year < LAST_YEAR:
        raise ClockFault("far_moment", value=text[:60], first=FIRST_YEAR + 1, last=LAST_YEAR - 1)
    return moment
