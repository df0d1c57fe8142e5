"""What one was told of mails and mentions."""

from __future__ import annotations

from bihuan.kernel.actor import Actor

from ..models import CaseNews
from ..records import CASE


def my_news(actor: Actor, limit: int = 8) -> list[CaseNews]:
    """What I was told and have not put aside, newest first; of cases that are mine to see. A technical note's mention only
    for who reads such notes."""
    rows = CaseNews.objects.filter(recipient_id=actor.user_id, read_at=None)
    found = list(rows.select_related("case__customer", "event").order_by("-at", "-id")[: limit * 3])
    if not found:
        return []
    visible = CASE.visible_to(actor).filter(pk__in={one.case_id for one in found})
    seen = set(visible.values_list("pk", flat=True))
    classes = actor.classes("case")
    return [one for one in found if one.case_id in seen and one.event.field_class in classes][:limit]
