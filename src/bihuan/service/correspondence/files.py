"""Files that come and go with a case's mail."""

from __future__ import annotations

from datetime import datetime

from bihuan.messaging.models import InMessage

from ..models import Case, CaseEvent


def keep_files(case: Case, message: InMessage, event: CaseEvent, now: datetime) -> None:
    """Placeholder until files of cases are merged."""
