"""Keeping events as entries, once each, in the transaction in which the news of them is heard."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from ..evidence import canonical_event, new_salt, seal
from ..models import EvidenceEntry, EvidenceSalt
from .facts import Told, as_sealed, told_by


@transaction.atomic
def enter(source: str, rows: Iterable[int]) -> int:
    """Keep what these rows tell, in ascending order; what is kept already stays as it is. How many are new."""
    told = told_by(source, rows)
    # By their ids, which are indexed: the table grows with the log.
    ids = [one.event["id"] for one in told.values()]
    known = set(EvidenceEntry.objects.filter(event_id__in=ids).values_list("event_id", flat=True))
    fresh = [(row, told[row]) for row in sorted(told) if told[row].event["id"] not in known]
    salts: list[tuple[str, str, bytes]] = []
    entries = []
    for row, one in fresh:
        event, own = _sealed(one)
        salts += [(event["id"], name, salt) for name, salt in own.items()]
        entries.append(
            EvidenceEntry(
                event_id=event["id"],
                source=source,
                row=row,
                lot_id=one.lot,
                body=canonical_event(event).decode(),
            )
        )
    EvidenceEntry.objects.bulk_create(entries, batch_size=500)
    made = {
        one.event_id: one
        for one in EvidenceEntry.objects.filter(event_id__in=[one.event_id for one in entries])
    }
    EvidenceSalt.objects.bulk_create(
        (EvidenceSalt(entry=made[key], field=name, salt=salt) for key, name, salt in salts), batch_size=500
    )
    return len(entries)


def _sealed(one: Told) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The event with a salted digest for each sealed value, and the salts."""
    salts = {name: new_salt() for name in one.sealed}
    return {
        **one.event,
        **{name: seal(as_sealed(one.sealed[name]), salt) for name, salt in salts.items()},
    }, salts
