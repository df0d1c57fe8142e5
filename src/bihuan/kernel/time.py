"""The time, asked for at the doors only (pages, commands, worker); everything below receives it as `now`."""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from django.conf import settings


def now() -> datetime:
    """The present moment in UTC; `BIHUAN_NOW` (ISO 8601) fixes it for tests and rehearsals."""
    fixed = os.environ.get("BIHUAN_NOW")
    if fixed:
        moment = datetime.fromisoformat(fixed)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return datetime.now(UTC)


def company_zone() -> ZoneInfo:
    """The zone in which the company's dates are meant."""
    return ZoneInfo(settings.TIME_ZONE)


def local_date(moment: datetime) -> date:
    """The company's calendar date of a moment."""
    return moment.astimezone(company_zone()).date()
