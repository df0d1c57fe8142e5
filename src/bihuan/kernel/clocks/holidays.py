"""Holiday lists that come with us: which days are free, which weekend days are worked for them, which years are published."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

import yaml

LISTS = {"cn": "holidays_cn.yaml"}
"""Known lists by name, and their file in `data/`."""


@dataclass(frozen=True)
class HolidayList:
    """Free days and make-up working days; `years` are those whose list is published, others hold what the law alone says."""

    off: frozenset[date]
    work: frozenset[date]
    years: frozenset[int]


@cache
def holiday_list(name: str) -> HolidayList:
    """The list of that name (a key of `LISTS`)."""
    read = yaml.safe_load(files(__package__).joinpath("data", LISTS[name]).read_text(encoding="utf-8"))
    off, work = set[date](), set[date]()
    for year, days in read["announced"].items():
        off |= {day for run in days["free"] for day in _run(year, run)}
        work |= {day for run in days["worked"] for day in _run(year, run)}
    for year, runs in read["by_law"].items():
        off |= {day for run in runs for day in _run(year, run)}
    return HolidayList(frozenset(off), frozenset(work), frozenset(read["announced"]))


def _run(year: int, text: str) -> Iterator[date]:
    first, _, last = text.partition("/")
    day, end = date.fromisoformat(f"{year}-{first}"), date.fromisoformat(f"{year}-{last or first}")
    while day <= end:
        yield day
        day += timedelta(days=1)
