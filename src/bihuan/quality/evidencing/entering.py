"""Keeping events as entries, once each, in the transaction in which the news of them is heard."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import transaction

from ..evidence import canonical_event, new_salt, seal
from ..models import EvidenceEntry, EvidenceSalt
from .facts import Told, as_sealed, told_by

AT_ONCE = 5_000

Fact = tuple[str, int, Told]
"""Its source, its row, what it tells."""


@transaction.atomic
def enter(source: str, rows: Iterable[int]) -> int:
    """Keep what these rows tell, in ascending order; what is kept already stays as it is. How many are new."""
    told = told_by(source, rows)
    return enter_facts([(source, row, told[row]) for row in sorted(told)])


@transaction.atomic
def enter_facts(facts: Sequence[Fact]) -> int:
    """Keep what facts of any sources tell, in the order given; what is kept already stays as it is. How many are new."""
    return sum(_keep(facts[start : start + AT_ONCE]) for start in range(0, len(facts), AT_ONCE))


def _keep(facts: Sequence[Fact]) -> int:
    # By their ids, which are indexed: the table grows with the log.
    ids = [told.event["id"] for _source, _row, told in facts]
    known = set(EvidenceEntry.objects.filter(event_id__in=ids).values_list("event_id", flat=True))
    salts: list[tuple[str, str, bytes]] = []
    entries = []
    for source, row, told in facts:
        if told.event["id"] in known:
            continue
        event, own = _sealed(told)
        salts += [(event["id"], name, salt) for name, salt in own.items()]
        entries.append(
            EvidenceEntry(
                event_id=event["id"],
                source=source,
                row=row,
                lot_id=told.lot,
                body=canonical_event(event).decode(),
            )
        )
    EvidenceEntry.objects.bulk_create(entries, batch_size=500)
    fresh = EvidenceEntry.objects.filter(event_id__in=[one.event_id for one in entries])
    made = dict(fresh.values_list("event_id", "pk"))
    EvidenceSalt.objects.bulk_create(
        (EvidenceSalt(entry_id=made[key], field=name, salt=salt) for key, name, salt in salts), batch_size=500
    )
    return len(entries)


def _sealed(one: Told) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The event with a salted digest for each sealed value, and the salts."""
    salts = {name: new_salt() for name in one.sealed}
    return {
        **one.event,
        **{name: seal(as_sealed(one.sealed[name]), salt) for name, salt in salts.items()},
    }, salts
