"""Today: what waits for its second signature, and what was declined of what one signed first."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import today_section

from .queries import declined_of_mine, drafts_waiting

TOLD_FOR = timedelta(days=7)


@today_section(
    title=_("3.2 certificates that wait for their second signature"), template="quality/certificates/drafts_today.html",
    name="certificate_drafts", object="certificate", icon="signature", order=12,
)  # fmt: skip
def drafts_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    """Only for whoever may sign; what was declined is told for a week."""
    if not actor.may("certificate", "sign"):
        return None
    waiting, declined = drafts_waiting(actor), declined_of_mine(actor, moment - TOLD_FOR)
    return {"waiting": waiting, "declined": declined} if waiting or declined else None
