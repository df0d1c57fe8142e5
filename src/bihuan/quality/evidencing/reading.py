"""The rows that are in the log, as their events would read today; and the bundle of a lot."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from django.db.models import Q

from bihuan.kernel.outbox import load_subscribers

from ..evidence import EvidenceFault, EvidenceLog, canonical_event, seal
from ..evidence.index import IdIndex
from ..models import CertificateVersion, EvidenceEntry, EvidenceSalt, Lot
from .facts import Told, as_sealed, told_by

STEP = 1_000


def rows_anew(log: EvidenceLog) -> Iterator[tuple[int, bytes]]:
    """(place, canonical text) by ascending place, of all entries, made anew of the rows that they tell of.

    A row that is gone, and an entry that is gone, give nothing. Those that a killed writer has not given their place yet are
    looked up in the log.
    """
    load_subscribers()  # rooms above register their sources there
    late = _late(log)
    after = -1
    while True:
        entries = list(EvidenceEntry.objects.filter(place__gt=after).order_by("place")[:STEP])
        placed = [(one.place, one) for one in entries if one.place is not None]
        end = placed[-1][0] if placed else None
        between = [(place, one) for place, one in late if place > after and (end is None or place < end)]
        # One that found its place meanwhile is in both.
        yield from _anew(sorted({**dict(between), **dict(placed)}.items()))
        if end is None:
            return
        after = end


def _late(log: EvidenceLog) -> list[tuple[int, EvidenceEntry]]:
    waiting = {one.event_id: one for one in EvidenceEntry.objects.filter(place=None)}
    if not waiting or not log.exists():
        return []
    return [(place, waiting[key]) for key, place in IdIndex(log.folder).find(list(waiting)).items()]


def _anew(placed: Sequence[tuple[int, EvidenceEntry]]) -> Iterator[tuple[int, bytes]]:
    by_source: dict[str, list[int]] = {}
    for _place, one in placed:
        by_source.setdefault(one.source, []).append(one.row)
    told = {name: told_by(name, rows) for name, rows in by_source.items()}
    salts: dict[int, dict[str, bytes]] = {}
    for salt in EvidenceSalt.objects.filter(entry__in=[one.pk for _place, one in placed]):
        salts.setdefault(salt.entry_id, {})[salt.field] = bytes(salt.salt)
    for place, one in placed:
        fact = told[one.source].get(one.row)
        if fact is not None:
            yield place, _text(one, fact, salts.get(one.pk, {}))


def _text(entry: EvidenceEntry, fact: Told, salts: dict[str, bytes]) -> bytes:
    """The event of the row; sealed values that are gone or may lawfully have changed stand as they were kept."""
    try:
        kept: dict[str, Any] = json.loads(entry.body)
        sealed = {
            name: seal(as_sealed(value), salts[name])
            if name in fact.lasting and name in salts
            else kept.get(name)
            for name, value in fact.sealed.items()
        }
        return canonical_event({**fact.event, **{name: value for name, value in sealed.items() if value}})
    except (ValueError, EvidenceFault) as error:
        return str(error).encode()  # whatever it is, it is not what was logged


def places_of(lot: Lot, only: Q | None = None) -> list[int]:
    """Where the events of a lot stand in the log; EvidenceFault where there are none."""
    shared = CertificateVersion.objects.filter(certificate__lots__lot=lot).values("pk")
    own = Q(lot=lot) | Q(source="certified", row__in=shared)  # an entry names one lot, a certificate several
    rows = EvidenceEntry.objects.filter(own, place__isnull=False).order_by("place")
    places = [
        int(one)
        for one in (rows if only is None else rows.filter(only)).values_list("place", flat=True)
        if one is not None
    ]
    if not places:
        raise EvidenceFault("nothing_of_lot", lot=f"{lot.product.code}/{lot.number}")
    return places
