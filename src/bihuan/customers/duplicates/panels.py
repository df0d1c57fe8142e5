"""The menu's entry, and what waits on Today."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from bihuan.kernel.actor import Actor
from bihuan.kernel.pages.registry import menu_item, today_section

from .queries import open_clusters

menu_item(_("Duplicates"), "duplicates", "arrow-merge", object="duplicate", section="data", order=50)


@today_section(
    title=_("Possible duplicates"),
    template="customers/duplicates/today.html",
    name="duplicates",
    object="duplicate",
    action="merge",
    icon="arrow-merge",
    order=70,
    place="side",
)
def duplicates_section(actor: Actor, moment: datetime, request: HttpRequest) -> dict[str, Any] | None:
    count = open_clusters(actor).count()
    return {"count": count} if count else None
