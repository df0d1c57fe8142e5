"""What this room does when others have news. Heard more than once, it does the same again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.outbox import subscriber

from .services.settling import refresh_completeness


@subscriber("import.finished")
@subscriber("import.undone")
def completeness_after_import(payload: dict[str, Any], now: datetime) -> None:
    """Files that came or went in bulk have their completeness computed anew, as one set."""
    refresh_completeness()
