"""The month or quarter under review, in the company's zone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Period:
    """Whole months: from `first` (a first of a month) up to, not including, `until`. Moments are local midnights."""

    first: date
    months: int
    zone: ZoneInfo

    @property
    def until(self) -> date:
        return moved(self.first, self.months)

    @property
    def since_at(self) -> datetime:
        return datetime.combine(self.first, time(), self.zone)

    @property
    def until_at(self) -> datetime:
        return datetime.combine(self.until, time(), self.zone)

    @property
    def before(self) -> Period:
        """The period of the same length just before."""
        return Period(moved(self.first, -self.months), self.months, self.zone)

    @property
    def after(self) -> Period:
        return Period(self.until, self.months, self.zone)

    @property
    def text(self) -> str:
        """As the address has it: 2026-03, or 2026-Q1."""
        return f"{self.first:%Y-%m}" if self.months == 1 else f"{self.first:%Y}-Q{self.first.month // 3 + 1}"


def moved(first: date, months: int) -> date:
    """The first of the month so many months away."""
    count = first.year * 12 + first.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def read_period(text: str, today: date, zone: ZoneInfo) -> Period:
    """What the address asks for; anything else is the month that ended last."""
    return named_period(text, zone) or Period(moved(today.replace(day=1), -1), 1, zone)


def named_period(text: str, zone: ZoneInfo) -> Period | None:
    """2026-03 or 2026-Q1; None for anything else."""
    year, _, rest = text.partition("-")
    if year.isascii() and year.isdigit() and len(year) == 4 and 1990 <= int(year) <= 2999:
        if len(rest) == 2 and rest[0] in "Qq" and rest[1] in "1234":
            return Period(date(int(year), int(rest[1]) * 3 - 2, 1), 3, zone)
        if rest.isascii() and rest.isdigit() and len(rest) == 2 and 1 <= int(rest) <= 12:
            return Period(date(int(year), int(rest), 1), 1, zone)
    return None


def age_bounds(at: datetime) -> list[tuple[str, datetime | None, datetime | None]]:
    """The ageing buckets at a moment, as (name, opened after, opened at or before); they meet without gap or overlap."""
    day = timedelta(days=1)
    edges = [at - day, at - 3 * day, at - 7 * day, at - 30 * day]
    return [
        ("d1", edges[0], None),
        ("d3", edges[1], edges[0]),
        ("d7", edges[2], edges[1]),
        ("d30", edges[3], edges[2]),
        ("older", None, edges[3]),
    ]
