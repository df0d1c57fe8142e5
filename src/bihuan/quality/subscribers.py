"""What this room does when there is news. Heard more than once, it does the same again."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from bihuan.kernel.outbox import subscriber

from .lots.notices import tell_owners


@subscriber("lot.dispatch_refused")
def owners_hear_of_a_blocked_dispatch(payload: dict[str, Any], now: datetime) -> None:
    tell_owners(payload, now=now)
