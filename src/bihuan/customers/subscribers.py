"""What this room does when others have news. Heard more than once, it does the same again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.outbox import subscriber

from .duplicates.stragglers import follow_pointers
from .services.settling import refresh_completeness


@subscriber("import.finished")
@subscriber("import.undone")
def completeness_after_import(payload: dict[str, Any], now: datetime) -> None:
    """Files that came or went in bulk have their completeness computed anew, as one set; what came to somebody who was
    merged away in the meantime goes to the survivor."""
    follow_pointers(now=now)
    refresh_completeness()
