"""What belongs in the log and is not in it yet, in the order of its times: for facts that came in a set, without news of each."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from bihuan.kernel.outbox import load_subscribers

from ..models import (
    CertificateVersion,
    EvidenceEntry,
    LotEvent,
    LotShipment,
    Movement,
    MovementLine,
    TestResult,
)
from .entering import Fact, enter_facts
from .facts import told_by

AT_ONCE = 1_000
UNTOLD = (Movement.Kind.ADJUST, Movement.Kind.LOSS, Movement.Kind.SHIP)
"""Postings that make no lots, of which nothing is told but by their shipments."""

Rows = QuerySet[Any, tuple[int, datetime]]
_histories: dict[str, Callable[[], Rows]] = {}


def history(name: str) -> Callable[[Callable[[], Rows]], Callable[[], Rows]]:
    """Register which rows of a source belong in the log, as (row, moment)."""

    def register(rows: Callable[[], Rows]) -> Callable[[], Rows]:
        _histories[name] = rows
        return rows

    return register


@history("made")
def _made() -> Rows:
    rows = MovementLine.objects.filter(is_output=True).exclude(movement__kind__in=UNTOLD)
    return rows.values_list("pk", "movement__at")


@history("tested")
def _tested() -> Rows:
    return TestResult.objects.verified().values_list("pk", "tested_at")


@history("decided")
def _decided() -> Rows:
    rows = LotEvent.objects.filter(kind__in=("held", "released", "rejected", "result_invalid"))
    return rows.values_list("pk", "at")


@history("shipped")
def _shipped() -> Rows:
    return LotShipment.objects.values_list("pk", "shipped_at")


@history("certified")
def _certified() -> Rows:
    return CertificateVersion.objects.values_list("pk", "issued_at")


class History:
    """What is to be entered as it was when this was made, oldest first; of one moment, lots made before their tests, and so on."""

    def __init__(self) -> None:
        load_subscribers()  # rooms above register their sources there
        found: list[tuple[datetime, int, Fact]] = []
        for rank, (name, rows) in enumerate(_histories.items()):
            there = set(EvidenceEntry.objects.filter(source=name).values_list("row", flat=True))
            moments = {row: at for row, at in rows() if row not in there}
            found += [(moments[fact[1]], rank, fact) for fact in _told(name, sorted(moments))]
        found.sort(key=lambda one: (one[0], one[1], one[2][1]))
        self._facts = found
        self._entered = 0

    def enter(self, until: datetime | None = None) -> int:
        """Enter what happened until a moment, or all that is left; how many are new."""
        start = self._entered
        while self._entered < len(self._facts) and (until is None or self._facts[self._entered][0] <= until):
            self._entered += 1
        return enter_facts([fact for _at, _rank, fact in self._facts[start : self._entered]])


def _told(name: str, rows: list[int]) -> Iterable[Fact]:
    for start in range(0, len(rows), AT_ONCE):
        told = told_by(name, rows[start : start + AT_ONCE])
        yield from ((name, row, told[row]) for row in sorted(told))
