"""The journal as a CSV file. The export itself is journalled before its first line goes out."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from datetime import datetime

from bihuan.kernel.actor import Actor, require

from .access import JOURNAL, quotable
from .queries import JournalFilter, entries
from .services import record

COLUMNS = (
    "at",
    "actor",
    "actor_name",
    "via",
    "address",
    "action",
    "object_type",
    "object_id",
    "object_name",
    "before",
    "after",
    "note",
)
MOST_ROWS = 200_000


class _Echo:
    def write(self, text: str) -> str:
        return text


def harmless(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def csv_lines(actor: Actor, wanted: JournalFilter, now: datetime) -> Iterator[str]:
    """Lines of UTF-8 CSV with a byte-order mark, at most `MOST_ROWS`; moments in UTC. Journals the export first."""
    require(actor, "journal", "export")
    newest = entries(actor, wanted, "export").values_list("pk", flat=True).first() or 0
    record(
        actor,
        now,
        "journal.exported",
        object_type="journal",
        after={"format": "csv", "fields": wanted.facts()},
    )
    return _lines(actor, wanted, newest)


def _lines(actor: Actor, wanted: JournalFilter, newest: int) -> Iterator[str]:
    writer = csv.writer(_Echo())
    sees_address = JOURNAL.may_read(actor, "address", "export")
    sees_note = JOURNAL.may_read(actor, "note", "export")
    yield "\ufeff" + writer.writerow(COLUMNS)
    for one in entries(actor, wanted, "export").filter(pk__lte=newest)[:MOST_ROWS].iterator(chunk_size=2000):
        quoted = [
            json.dumps(quotable(actor, one.object_type, facts, "export"), ensure_ascii=False) if facts else ""
            for facts in (one.before, one.after)
        ]
        cells = [
            one.at.isoformat().replace("+00:00", "Z"), one.actor, one.actor_name, one.via, one.address if sees_address else "", one.action,
            one.object_type, one.object_id, one.object_name, *quoted, one.note if sees_note else "",
        ]  # fmt: skip
        yield writer.writerow([harmless(cell) for cell in cells])
