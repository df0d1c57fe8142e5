"""Appending to the log what waits, oldest first. Killed at any moment, the next round goes on where it was: the log knows its ids."""

from __future__ import annotations

import json
from datetime import datetime

from django.db import connection, transaction

from ..evidence_source import evidence_log
from ..models import EvidenceEntry

BATCH = 5_000


def write_waiting(now: datetime, most: int = 20) -> int:
    """Append at most that many batches; how many entries found their place."""
    done = 0
    for _number in range(most):
        waiting = list(EvidenceEntry.objects.filter(place=None).order_by("id")[:BATCH])
        if not waiting:
            break
        places = evidence_log().append([json.loads(one.body) for one in waiting], now=now)
        keep_places([(place, one.pk) for one, place in zip(waiting, places, strict=True)])
        done += len(waiting)
    return done


def keep_places(places: list[tuple[int, int]]) -> None:
    """One statement for all, as the tables of a load are written: an update by cases takes as long as the log itself."""
    table = connection.ops.quote_name(EvidenceEntry._meta.db_table)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET place = %s WHERE id = %s", places)
